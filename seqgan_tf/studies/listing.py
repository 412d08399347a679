"""The table of runs that `list` prints."""

import os

from seqgan_tf.config.invocation import nearest_preset
from seqgan_tf.metrics import catalogue
from seqgan_tf.runs import history
from seqgan_tf.runs.folder import find
from seqgan_tf.runs.tables import table

LEGEND = "*: settings differ from the preset. best: adversarial evaluation with the lowest nll_oracle or nll_valid."


def list_runs(runs):
    """Returns a table of runs, given as to `find`: preset, data, progress, last and best metrics."""
    lines, notes = [], []  # cells and record of an evaluation
    for run in find(runs):
        try:
            config, records, progress = run.config, run.records(), run.progress()
        except (ValueError, OSError) as error:
            notes.append(f"{run.name}: {error}")
            continue
        preset, changes = nearest_preset(config, ("seed", "oracle_seed"))
        data = config.corpus or os.path.basename(config.train_file) or os.path.basename(config.oracle_file)
        last, best = history.last(records, config), history.best(records)
        about = [run.name, preset + "*" * bool(changes), data or f"oracle {config.oracle_seed}", progress]
        lines.append(([*about, "last" if last else ""], last or {}))
        if best and best["phase"] == "adversarial":
            lines.append((["", "", "", "", f"best (step {best.get('step', '?')})"], best))
    names = catalogue.headline({name for _, record in lines for name in record})
    rows = [cells + [f"{record[name]:.3f}" if name in record else "" for name in names] for cells, record in lines]
    return "\n".join([table(["run", "preset", "data", "progress", "", *names], rows), "", LEGEND, *notes])
