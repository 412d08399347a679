"""The commands sample and evaluate, on a trained run."""

import contextlib
import io
import json
import sys

import numpy as np

from seqgan_tf import build
from seqgan_tf.data import midi
from seqgan_tf.data.lines import read_lines
from seqgan_tf.files import check_new, whole
from seqgan_tf.runs.loaded import LoadedRun
from seqgan_tf.runs.progress import Progress
from seqgan_tf.runs.tables import table, visible
from seqgan_tf.seeds import fold
from seqgan_tf.serving import inference
from seqgan_tf.tasks import evaluation

LINE_NOTE = "log_likelihood: nats, including the end token. perplexity: per token. d_score: D's probability of real."


def sample(run, checkpoint, num, temperature, prefix, seed, output, format):
    """Writes sequences of a trained run, one per line or one per MIDI file. Memory does not grow with `num`.

    Args:
      run, checkpoint: see LoadedRun.
      num, temperature, prefix, seed: see inference.sample.
      output: str, a new file, or a new folder for MIDI files; "" for stdout.
      format: "text", "ids", "jsonl" (tokens, text, log_prob in nats at temperature 1) or "midi".

    Raises:
      ValueError: naming the flag, if one cannot be used.
    """
    if format == "midi" and not output:
        raise ValueError("--output must be a new folder with --format=midi, got none.")
    check_new(output)
    loaded = LoadedRun(run, checkpoint)
    other = midi.other(loaded.vocabulary.words) if loaded.vocabulary.is_text else "a number"
    if format == "midi" and other:
        raise ValueError(f"--format must be text, ids or jsonl, got midi; {other!r} is not a note or a rest.")
    try:
        chunks = inference.sample(loaded, num, seed, temperature, prefix)
    except ValueError as error:
        raise ValueError(f"--prefix={prefix!r} has {error}.") from error
    stream = sys.stderr if output else io.StringIO()  # a progress bar would mix with the lines on a terminal
    with contextlib.ExitStack() as stack:
        progress = stack.enter_context(Progress("sampling", num, stream=stream))
        path, file = stack.enter_context(whole(output)) if output else None, sys.stdout
        if format == "midi":
            path.mkdir()
        elif output:
            file = stack.enter_context(open(path, "w", encoding="utf-8"))
        for tokens in chunks:
            if format == "midi":
                for number, row in enumerate(tokens, progress.n + 1):
                    (path / f"{number:05}.mid").write_bytes(midi.midi(loaded.vocabulary.decode(row)))
            else:
                lines = _lines(loaded, tokens, format)
                file.writelines(f"{visible(line) if file.isatty() else line}\n" for line in lines)
            progress.advance(len(tokens))
    if output:
        print(f"Wrote {num:,} sequences into {output}", file=sys.stderr)


def _lines(loaded, tokens, format):
    if format == "jsonl":
        return [json.dumps(item, ensure_ascii=False) for item in inference.described(loaded, tokens)]
    words = loaded.vocabulary
    return [words.text(row) if format == "text" else " ".join(map(str, words.shown(row))) for row in tokens]


def evaluate(run, checkpoint, input, metrics, output):
    """Recomputes the metrics of a trained run, or scores each line of a file. Returns a table as str.

    Log-likelihoods are in nats, at temperature 1.

    Args:
      run, checkpoint: see LoadedRun.
      input: str, a UTF-8 file, plain or gzip, with one sequence per line; "" to recompute the metrics. Lines that are
        empty or too long are not scored.
      metrics: str, names of metrics or beginnings of names, separated by commas; "" for all.
      output: str, a new JSON file for the same numbers; "" for none.

    Raises:
      ValueError: naming the flag, if one cannot be used.
    """
    check_new(output)
    loaded = LoadedRun(run, checkpoint)
    wanted = tuple(name for name in metrics.split(",") if name)
    shown, content = _evaluate_file(loaded, input, wanted) if input else _evaluate_run(loaded, wanted)
    if output:
        with whole(output) as path:
            text = json.dumps({"run": str(loaded.folder)} | content, indent=2, ensure_ascii=False)
            path.write_text(text + "\n", encoding="utf-8")
    return shown


def _evaluate_run(loaded, wanted):
    c, record = loaded.config, loaded.record
    phase, iteration = record["phase"], record["iteration"]
    seed = fold(c.seed, f"{phase} evaluation", iteration)
    # The evaluations of D's pre-training omit the generator's metrics, because it has not changed; include them here.
    asked = "adversarial" if phase == "discriminator" else phase
    task = build.task(c, loaded.folder.corpus)
    found, *_ = evaluation.evaluate(asked, task, loaded.generator, loaded.discriminator, c, seed)
    signatures = found.pop("signatures", {})
    chosen = {name: found[name] for name in _chosen(found, wanted)}
    rows = [[name, f"{value:.6f}", f"{record[name]:.6f}" if name in record else ""] for name, value in chosen.items()]
    shown = [f"{loaded.folder}, step {record['step']}: {phase}, {iteration}"]
    shown += [table(["metric", "now", "in training"], rows), *(["Signatures:"] if signatures else [])]
    shown += [f"  {name}  {text}" for name, text in signatures.items() if not name.endswith("_real")]
    where = {key: record[key] for key in ("phase", "iteration", "step")}
    return "\n".join(shown), where | {"metrics": chosen, "signatures": signatures}


def _chosen(names, wanted):
    if not all(any(name.startswith(start) for name in names) for start in wanted):
        raise ValueError(f"--metrics must be some of {', '.join(names)}, got {','.join(wanted)}.")
    return [name for name in names if not wanted or name.startswith(wanted)]


def _evaluate_file(loaded, path, wanted):
    names = ["log_likelihood", "perplexity"] + (["d_score"] if loaded.discriminator else [])
    columns = _chosen(names, wanted)
    results, rows = [], []
    for number, text in enumerate(read_lines("--input", path), 1):
        results.append({"line": number, "text": text})
        try:
            ids, results[-1]["unknown"] = loaded.vocabulary.ids(text, loaded.length)
            rows.append(ids)
        except ValueError as error:
            results[-1]["not_scored"] = str(error)
    if not rows:
        why = f"line 1: {results[0]['not_scored']}" if results else "it is empty"
        raise ValueError(f"--input must be a file with at least one line that can be scored, got {path} ({why}).")
    log_probs, counts, totals, perplexities = inference.score(loaded, np.stack(rows))
    scores = {"tokens": counts.tolist(), "log_likelihood": totals, "perplexity": perplexities}
    total, count = float(log_probs.sum(dtype=np.float64)), int(counts.sum())
    summary = {"lines": len(results), "scored": len(rows), "tokens": count, "nll": -total / count}
    summary["perplexity"] = inference.perplexity(total, count)
    if loaded.discriminator:
        d_scores = evaluation.real_probability(loaded.discriminator, rows)
        scores["d_score"], summary["d_score"] = d_scores.tolist(), float(d_scores.mean())
    for index, result in enumerate(result for result in results if "not_scored" not in result):
        result |= {name: scores[name][index] for name in ("tokens", *columns)}
    content = {"step": loaded.record["step"], **summary, "results": results}
    return _lines_table(results, columns, summary), content


def _lines_table(results, columns, summary):
    rows = []
    for result in results:
        text = visible(result["text"]).replace("\t", " ")
        text = text if len(text) <= 60 else text[:57] + "..."
        if "not_scored" in result:
            text = f"not scored: {result['not_scored']}  {text}"
        scores = [f"{result[name]:.3f}" if name in result else "" for name in columns]
        rows.append([result["line"], result.get("tokens", ""), result.get("unknown", ""), *scores, text])
    said = "{scored} of {lines} lines scored: {nll:.4f} nats per token, perplexity {perplexity:.2f}".format(**summary)
    said += f", mean d_score {summary['d_score']:.3f}" if "d_score" in summary else ""
    return "\n".join([table(["line", "tokens", "unknown", *columns, "text"], rows), "", said, LINE_NOTE])
