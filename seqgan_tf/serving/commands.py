"""Commands on a trained run: sample from it and evaluate it."""

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

LINE_NOTE = "log_likelihood: nats, the end token included. perplexity: per token. d_score: D's probability of real."


def sample(run, checkpoint, num, temperature, prefix, seed, output, format):
    """Writes sequences of a LoadedRun, one a line, or as MIDI files; in memory that does not grow with their number.

    The output is a file, or folder of MIDI files, that is not there yet; "" for stdout. The format is "text", "ids",
    "jsonl" (tokens, text, log_prob in nats at temperature 1) or "midi"; the others are those of inference.sample.
    """
    if format == "midi" and not output:
        raise ValueError("--output must be a folder that does not exist yet with --format=midi, got none.")
    check_new(output)
    loaded = LoadedRun(run, checkpoint)
    other = midi.other(loaded.vocabulary.words) if loaded.vocabulary.is_text else "a number"
    if format == "midi" and other:
        raise ValueError(f"--format must be text, ids or jsonl, got midi, and {other!r} is no note or rest.")
    try:
        chunks = inference.sample(loaded, num, seed, temperature, prefix)
    except ValueError as error:
        raise ValueError(f"--prefix is {prefix!r}, {error}.") from error
    stream = sys.stderr if output else io.StringIO()  # no bar between the lines on a terminal
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
    """Computes all metrics of a LoadedRun anew, or scores each line of a file of the user's: a table as str.

    The input has a sequence a line, UTF-8, plain or gzip; "" for the run's metrics. A line that is empty or too long
    is not scored. Log-likelihoods are natural and at temperature 1. Metrics are names or their beginnings, separated
    by commas; "": all. The output is a JSON file for the same, that is not there yet; "" for none.
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
    # Training leaves the generator's metrics out where it has not changed; here they are asked for.
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
        raise ValueError(f"--input is {path}, of which no line can be scored ({why}).")
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
