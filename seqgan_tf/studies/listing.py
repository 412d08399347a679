"""Table of the runs in a folder."""

import os

from seqgan_tf.config.invocation import nearest_preset
from seqgan_tf.metrics import catalogue
from seqgan_tf.runs import history
from seqgan_tf.runs.folder import find
from seqgan_tf.runs.tables import table

LEGEND = "*: settings differ from the preset. best: the adversarial evaluation of the lowest nll_oracle or nll_valid."


def list_runs(runs):
    """A table of runs, folders as for `find`: preset, data, progress, last and best metrics."""
    lines, notes = [], []
    for run in find(runs):
        try:
            lines += _lines(run)
        except (ValueError, OSError) as error:
            notes.append(f"{run.name}: {error}")
    names = catalogue.headline({name for _, record in lines for name in record})
    rows = [cells + [f"{record[name]:.3f}" if name in record else "" for name in names] for cells, record in lines]
    return "\n".join([table(["run", "preset", "data", "progress", "", *names], rows), "", LEGEND, *notes])


def _lines(run):
    """Cells and record of the last evaluation of a run and, if it is adversarial, of the best."""
    config, records = run.config, run.records()
    preset, changes = nearest_preset(config, ("seed", "oracle_seed"))
    data = config.corpus or os.path.basename(config.train_file) or os.path.basename(config.oracle_file)
    about = [run.name, preset + ("*" if changes else ""), data or f"oracle {config.oracle_seed}", run.progress()]
    last, best = history.last(records, config), history.best(records)
    lines = [([*about, "last" if last else ""], last or {})]
    if best and best["phase"] == "adversarial":
        lines.append((["", "", "", "", f"best (step {best.get('step', '?')})"], best))
    return lines
