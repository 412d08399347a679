"""Listing: the runs in a folder, as a table."""

import os
import pathlib

from seqgan_tf.runs.history import best, is_done, is_running, last, phase_totals, read_metrics
from seqgan_tf.runs.loaded import read_config
from seqgan_tf.runs.records import FREE
from seqgan_tf.studies.invocation import nearest_preset

SHOWN = ("nll_oracle", "nll_test", "nll_valid", "entropy", "bleu_2", "self_bleu_2")  # figures of a run


def list_runs(folder):
    """A table of the runs in a folder: preset, data, progress, last and best figures.

    Args:
      folder: where the run folders are.

    Raises:
      ValueError: if there is no run in it.
    """
    runs = sorted(path.parent for path in pathlib.Path(folder).glob("*/config.json"))
    if not runs:
        raise ValueError(f"--runs is {folder}, with no run in it; allowed is a folder of run folders.")
    rows, notes = [], []
    for run in runs:
        try:
            rows += _rows(run)
        except (ValueError, OSError) as error:
            notes.append(f"{run.name}: {error}")
    heads = ["run", "preset", "data", "progress", "", *SHOWN]
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    lines = [
        "  ".join(f"{cell:>{width}}" if i > 4 else f"{cell:{width}}" for i, (cell, width) in enumerate(cells))
        for cells in (list(zip(row, widths, strict=True)) for row in [heads, *rows])
    ]
    legend = "*: other settings than the preset's. best: of the adversarial evaluations, by nll_oracle or nll_valid."
    return "\n".join([*(line.rstrip() for line in lines), "", legend, *notes])


def _rows(run):
    """Lines of the table for one run: the last figures and, if they are others, the best."""
    config = read_config(run)
    records = read_metrics(run) if (run / "metrics.jsonl").exists() else []
    data = config.corpus or os.path.basename(config.train_file) or os.path.basename(config.oracle_file)
    data = data or f"oracle {config.oracle_seed}"
    about = [run.name, _preset(config), data, _progress(run, config, records)]
    reached, found = last(records, config.mle_patience), best(records)
    if not reached:
        return [[*about, "", *[""] * len(SHOWN)]]
    lines = [[*about, "last", *_cells(reached)]]
    if records[-1]["phase"] == "adversarial":
        lines.append(["", "", "", "", f"best (step {found.get('step', '?')})", *_cells(found)])
    return lines


def _cells(record):
    return [f"{record[name]:.3f}" if name in record else "" for name in SHOWN]


def _preset(config):
    """The preset that needs the fewest changes, with a star if it needs any but seeds."""
    name, changes = nearest_preset(config, FREE | {"seed", "oracle_seed"})
    return name + ("*" if changes else "")


def _progress(run, config, records):
    if not records:
        text = "nothing yet"
    else:
        phase = records[-1]["phase"]
        text = f"{phase} {records[-1]['iteration']}/{phase_totals(config)[phase]}"
        text += ", done" if is_done(records, config) else ""
    return text + (", running" if is_running(run) else "")
