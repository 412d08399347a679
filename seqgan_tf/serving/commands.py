"""Commands: what a user does with a trained run: sample from it and evaluate it."""

import contextlib
import json
import math
import sys

import numpy as np

from seqgan_tf import build
from seqgan_tf.data import midi
from seqgan_tf.data.corpus import read_lines
from seqgan_tf.runs import files
from seqgan_tf.runs.loaded import Trained
from seqgan_tf.runs.progress import Progress
from seqgan_tf.seeds import fold
from seqgan_tf.tasks.likelihood import evaluate

LINE_SCORES = ("log_likelihood", "perplexity", "d_score")


def sample(run, checkpoint, num, temperature, prefix, seed, to, form):
    """Writes sequences, one a line, or as MIDI files in a folder; in memory that does not grow with their number.

    Args:
      run, checkpoint: as for Trained.
      num: how many.
      temperature, prefix, seed: as for Trained.sample.
      to: file, or folder of MIDI files, that is not there yet; "" for stdout.
      form: "text", "ids", "jsonl" (tokens, text, log_prob in nats at temperature 1) or "midi".

    Raises:
      ValueError: naming the flag and what is allowed.
    """
    if form == "midi" and not to:
        raise ValueError("--output is missing; allowed with --format=midi is a folder that is not there yet.")
    files.check_new(to)
    trained = Trained(run, checkpoint)
    if form == "midi" and not trained.is_music:
        raise ValueError("--format is midi; allowed of a run whose tokens are not all notes is text, ids or jsonl.")
    try:
        chunks = trained.sample(num, seed, temperature, prefix)
    except ValueError as error:
        raise ValueError(f"--prefix is {prefix!r}, {error}.") from error
    shown = Progress("sampling", num) if to else contextlib.nullcontext()  # not between lines on a terminal
    with shown as progress, _sink(to, form == "midi") as sink:
        done = 0
        for tokens in chunks:
            if form == "midi":
                for number, line in enumerate(trained.lines(tokens), done + 1):
                    (sink / f"{number:05}.mid").write_bytes(midi.midi(line.split()))
            else:
                sink.writelines(line + "\n" for line in _shown(trained, tokens, form))
            done += len(tokens)
            if to:
                progress.advance(len(tokens))
    if to:
        print(f"Wrote {num:,} sequences into {to}", file=sys.stderr)


def _shown(trained, tokens, form):
    if form == "text":
        return trained.lines(tokens)
    ids = trained.shown_ids(tokens)
    if form == "ids":
        return (" ".join(map(str, row)) for row in ids)
    log_prob = trained.score(tokens)[0].sum(1)
    return (
        json.dumps({"tokens": row, "text": text, "log_prob": float(value)}, ensure_ascii=False)
        for row, text, value in zip(ids, trained.lines(tokens), log_prob, strict=True)
    )


@contextlib.contextmanager
def _sink(name, is_folder):
    """Where sequences go: stdout, or a new file or folder."""
    if not name:
        yield sys.stdout
        return
    with files.whole(name) as path:
        if is_folder:
            path.mkdir()
            yield path
        else:
            with open(path, "w", encoding="utf-8") as file:
                yield file


def _write_json(content, name):
    if name:
        with _sink(name, False) as sink:
            sink.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def evaluate_run(run, checkpoint, metrics, to):
    """All figures of a run's models, computed anew, beside those that training wrote down.

    Args:
      run, checkpoint: as for Trained.
      metrics: names of figures to show, or of their beginnings; none: all.
      to: file for the same as JSON, that is not there yet; "" for none.

    Returns:
      str, a table.

    Raises:
      ValueError: naming the flag and what is allowed.
    """
    files.check_new(to)
    trained = Trained(run, checkpoint)
    c, record = trained.config, trained.record
    task = build.task(c, trained.path / "corpus")
    phase, iteration = record["phase"], record["iteration"]
    seed = fold(c.seed, f"{phase} evaluation", iteration)
    models = trained.generator, trained.discriminator
    # Training leaves the generator's figures out where it has not changed; here they are asked for.
    asked = "adversarial" if phase == "discriminator" else phase
    figures, *_ = evaluate(asked, task, *models, c.eval_samples, c.max_length, seed, c.temperature)
    signatures = figures.pop("signatures", {})
    chosen = _named(figures, metrics)
    width = max(len(name) for name in chosen)
    lines = [
        f"{run}, step {record['step']}: {phase}, {iteration}",
        f"{'':{width}}{'now':>14}{'in training':>14}",
        *(
            f"{name:{width}}{value:14.6f}" + (f"{record[name]:14.6f}" if name in record else "")
            for name, value in chosen.items()
        ),
        *(["Signatures:"] if signatures else []),
        *(f"  {name}  {text}" for name, text in signatures.items() if not name.endswith("_real")),
    ]
    where = {key: record[key] for key in ("phase", "iteration", "step")}
    _write_json({"run": str(run), **where, "metrics": chosen, "signatures": signatures}, to)
    return "\n".join(lines)


def _named(figures, metrics):
    unknown = [name for name in metrics if not any(found.startswith(name) for found in figures)]
    if unknown:
        raise ValueError(f"--metrics is {','.join(metrics)}; allowed are {', '.join(figures)}.")
    return {name: value for name, value in figures.items() if not metrics or name.startswith(tuple(metrics))}


def evaluate_file(run, checkpoint, path, metrics, to):
    """Log-likelihood, perplexity and D's score of each line of a file of the user's.

    Args:
      run, checkpoint, metrics, to: as for `evaluate_run`.
      path: the file: a sequence a line, UTF-8, plain or gzip. A line that is empty or too long is not scored.

    Returns:
      str, a table. Logarithms are natural, at temperature 1; the end token counts; perplexity is per token.

    Raises:
      ValueError: naming the flag and what is allowed.
    """
    files.check_new(to)
    trained = Trained(run, checkpoint)
    possible = LINE_SCORES if trained.discriminator else LINE_SCORES[:2]
    columns = list(_named(dict.fromkeys(possible), metrics))
    texts, rows, results = list(read_lines(f"--input is {path}", path)), [], []
    for number, text in enumerate(texts, 1):
        result = {"line": number, "text": text}
        try:
            ids, result["unknown"] = trained.ids(text)
            rows.append(ids)
        except ValueError as error:
            result["not_scored"] = str(error)
        results.append(result)
    if not rows:
        why = f"line 1: {results[0]['not_scored']}" if results else "it is empty"
        raise ValueError(f"--input is {path}, of which no line can be scored ({why}).")
    tokens = np.stack(rows)
    log_prob, counts, real = *trained.score(tokens), trained.real(tokens)
    scored = [result for result in results if "not_scored" not in result]
    for index, result in enumerate(scored):
        total, count = float(log_prob[index].sum(dtype=np.float64)), int(counts[index])
        figures = {"log_likelihood": total, "perplexity": math.exp(min(-total / count, 700))}
        if real is not None:
            figures["d_score"] = float(real[index])
        result |= {"tokens": count} | {name: figures[name] for name in columns}
    summary = {"lines": len(results), "scored": len(scored), "tokens": int(counts.sum())}
    nll = -float(log_prob.sum(dtype=np.float64)) / summary["tokens"]
    summary |= {"nll": nll, "perplexity": math.exp(min(nll, 700))}
    if real is not None:
        summary["d_score"] = float(real.mean())
    _write_json({"run": str(run), "step": trained.record["step"], **summary, "results": results}, to)
    return _lines_table(results, columns, summary)


def _lines_table(results, columns, summary):
    heads = {"tokens": 8, "unknown": 9} | {name: max(12, len(name) + 2) for name in columns}
    lines = [f"{'line':>6}" + "".join(f"{name:>{width}}" for name, width in heads.items()) + "  text"]
    for result in results:
        # What could move the terminal's cursor is shown by its code.
        text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in result["text"])
        text = text if len(text) <= 60 else text[:57] + "..."
        if "not_scored" in result:
            cells = f"  not scored: {result['not_scored']}"
        else:
            cells = f"{result['tokens']:8}{result['unknown']:9}"
            cells += "".join(f"{result[name]:{heads[name]}.3f}" for name in columns)
        lines.append(f"{result['line']:6}{cells}  {text}")
    mean_score = f", mean d_score {summary['d_score']:.3f}" if "d_score" in summary else ""
    return "\n".join(
        [
            *lines,
            "",
            f"{summary['scored']} of {summary['lines']} lines scored: {summary['nll']:.4f} nats per token, "
            f"perplexity {summary['perplexity']:.2f}{mean_score}",
            "log_likelihood: nats, the end token included. perplexity: per token. d_score: D's probability of real.",
        ]
    )
