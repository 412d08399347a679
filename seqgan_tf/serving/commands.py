"""Commands on a trained run: sample from it and evaluate it."""

import contextlib
import json
import sys

import numpy as np

from seqgan_tf import build
from seqgan_tf.data import midi
from seqgan_tf.data.corpus import read_lines
from seqgan_tf.files import check_new, whole
from seqgan_tf.runs.loaded import LoadedRun
from seqgan_tf.runs.progress import Progress
from seqgan_tf.runs.tables import table
from seqgan_tf.seeds import fold
from seqgan_tf.serving import inference
from seqgan_tf.tasks.evaluation import evaluate as evaluate_models

LINE_SCORES = ("log_likelihood", "perplexity", "d_score")
LINE_NOTE = "log_likelihood: nats, the end token included. perplexity: per token. d_score: D's probability of real."


def sample(run, checkpoint, num, temperature, prefix, seed, output, format):
    """Writes sequences, one a line, or as MIDI files in a folder; in memory that does not grow with their number.

    Args:
      run, checkpoint: name a LoadedRun.
      num: how many.
      temperature, prefix, seed: of inference.sample.
      output: file, or folder of MIDI files, that is not there yet; "" for stdout.
      format: "text", "ids", "jsonl" (tokens, text, log_prob in nats at temperature 1) or "midi".

    Raises:
      ValueError: naming the flag and what is allowed.
    """
    if format == "midi" and not output:
        raise ValueError("--output is missing; allowed with --format=midi is a folder that is not there yet.")
    check_new(output)
    loaded = LoadedRun(run, checkpoint)
    if format == "midi" and not inference.is_music(loaded):
        raise ValueError("--format is midi; allowed of a run whose tokens are not all notes is text, ids or jsonl.")
    try:
        chunks = inference.sample(loaded, num, seed, temperature, prefix)
    except ValueError as error:
        raise ValueError(f"--prefix is {prefix!r}, {error}.") from error
    shown = Progress("sampling", num) if output else contextlib.nullcontext()  # not between lines on a terminal
    with shown as progress, _sink(output, is_folder=format == "midi") as sink:
        done = 0
        for tokens in chunks:
            if format == "midi":
                for number, row in enumerate(tokens, done + 1):
                    (sink / f"{number:05}.mid").write_bytes(midi.midi(loaded.vocabulary.decode(row)))
            else:
                sink.writelines(line + "\n" for line in _shown(loaded, tokens, format))
            done += len(tokens)
            if output:
                progress.advance(len(tokens))
    if output:
        print(f"Wrote {num:,} sequences into {output}", file=sys.stderr)


def _shown(loaded, tokens, format):
    """Sequences [M, T] as lines of a format."""
    texts = inference.lines(loaded, tokens)
    if format == "text":
        return texts
    ids = [loaded.vocabulary.shown(row) for row in tokens]
    if format == "ids":
        return (" ".join(map(str, row)) for row in ids)
    log_probs = inference.score(loaded, tokens)[0].sum(1)
    return (
        json.dumps({"tokens": row, "text": text, "log_prob": float(value)}, ensure_ascii=False)
        for row, text, value in zip(ids, texts, log_probs, strict=True)
    )


@contextlib.contextmanager
def _sink(name, is_folder=False):
    """Where sequences go: stdout, or a new file or folder."""
    if not name:
        yield sys.stdout
        return
    with whole(name) as path:
        if is_folder:
            path.mkdir()
            yield path
        else:
            with open(path, "w", encoding="utf-8") as file:
                yield file


def _write_json(content, name):
    if name:
        with _sink(name) as sink:
            sink.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def evaluate(run, checkpoint, input, metrics, output):
    """All metrics of a run's models, computed anew, or scores of each line of a file of the user's.

    Args:
      run, checkpoint: name a LoadedRun.
      input: file with a sequence a line, UTF-8, plain or gzip; "" for the run's metrics. A line that is empty or too
        long is not scored.
      metrics: names of metrics to show, or of their beginnings, with commas; "": all.
      output: JSON file for the same, that is not there yet; "" for none.

    Returns:
      str, a table. Of lines, logarithms are natural and at temperature 1.

    Raises:
      ValueError: naming the flag and what is allowed.
    """
    check_new(output)
    loaded = LoadedRun(run, checkpoint)
    wanted = [name for name in metrics.split(",") if name]
    return _evaluate_file(loaded, input, wanted, output) if input else _evaluate_run(loaded, wanted, output)


def _evaluate_run(loaded, wanted, output):
    c, record = loaded.config, loaded.record
    task = build.task(c, loaded.folder.corpus)
    phase, iteration = record["phase"], record["iteration"]
    seed = fold(c.seed, f"{phase} evaluation", iteration)
    # Training leaves the generator's metrics out where it has not changed; here they are asked for.
    asked = "adversarial" if phase == "discriminator" else phase
    found, *_ = evaluate_models(asked, task, loaded.generator, loaded.discriminator, c, seed)
    signatures = found.pop("signatures", {})
    chosen = _named(found, wanted)
    rows = [[name, f"{value:.6f}", f"{record[name]:.6f}" if name in record else ""] for name, value in chosen.items()]
    lines = [
        f"{loaded.folder}, step {record['step']}: {phase}, {iteration}",
        table(["metric", "now", "in training"], rows),
    ]
    if signatures:
        lines.append("Signatures:")
    lines += [f"  {name}  {text}" for name, text in signatures.items() if not name.endswith("_real")]
    where = {key: record[key] for key in ("phase", "iteration", "step")}
    _write_json({"run": str(loaded.folder), **where, "metrics": chosen, "signatures": signatures}, output)
    return "\n".join(lines)


def _named(found, wanted):
    unknown = [name for name in wanted if not any(key.startswith(name) for key in found)]
    if unknown:
        raise ValueError(f"--metrics is {','.join(wanted)}; allowed are {', '.join(found)}.")
    return {name: value for name, value in found.items() if not wanted or name.startswith(tuple(wanted))}


def _evaluate_file(loaded, path, wanted, output):
    possible = LINE_SCORES if loaded.discriminator else LINE_SCORES[:2]
    columns = list(_named(dict.fromkeys(possible), wanted))
    results, rows = [], []
    for number, text in enumerate(read_lines(f"--input is {path}", path), 1):
        result = {"line": number, "text": text}
        try:
            ids, result["unknown"] = loaded.vocabulary.ids(text, loaded.length)
            rows.append(ids)
        except ValueError as error:
            result["not_scored"] = str(error)
        results.append(result)
    if not rows:
        why = f"line 1: {results[0]['not_scored']}" if results else "it is empty"
        raise ValueError(f"--input is {path}, of which no line can be scored ({why}).")
    scored = [result for result in results if "not_scored" not in result]
    summary = {"lines": len(results), "scored": len(scored)} | _score_lines(loaded, np.stack(rows), scored, columns)
    step = loaded.record["step"]
    _write_json({"run": str(loaded.folder), "step": step, **summary, "results": results}, output)
    return _lines_table(results, columns, summary)


def _score_lines(loaded, tokens, results, columns):
    """Adds the scores of tokens [S, T] to their S results; returns those of all together."""
    log_probs, counts = inference.score(loaded, tokens)
    d_scores = inference.real(loaded, tokens)
    for index, result in enumerate(results):
        total, count = float(log_probs[index].sum(dtype=np.float64)), int(counts[index])
        scores = {"log_likelihood": total, "perplexity": inference.perplexity(total, count)}
        if d_scores is not None:
            scores["d_score"] = float(d_scores[index])
        result |= {"tokens": count} | {name: scores[name] for name in columns}
    total, count = float(log_probs.sum(dtype=np.float64)), int(counts.sum())
    together = {"tokens": count, "nll": -total / count, "perplexity": inference.perplexity(total, count)}
    return together | ({} if d_scores is None else {"d_score": float(d_scores.mean())})


def _lines_table(results, columns, summary):
    rows = []
    for result in results:
        # What could move the terminal's cursor is shown by its code.
        text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in result["text"])
        text = text if len(text) <= 60 else text[:57] + "..."
        if "not_scored" in result:
            rows.append([result["line"], "", "", *[""] * len(columns), f"not scored: {result['not_scored']}  {text}"])
        else:
            scores = [f"{result[name]:.3f}" for name in columns]
            rows.append([result["line"], result["tokens"], result["unknown"], *scores, text])
    mean_score = f", mean d_score {summary['d_score']:.3f}" if "d_score" in summary else ""
    said = (
        f"{summary['scored']} of {summary['lines']} lines scored: {summary['nll']:.4f} nats per token, perplexity "
        f"{summary['perplexity']:.2f}{mean_score}"
    )
    heads = ["line", "tokens", "unknown", *columns, "text"]
    return "\n".join([table(heads, rows), "", said, LINE_NOTE])
