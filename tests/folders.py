"""Run folders written by hand, for the tests of what reads them."""

import dataclasses
import itertools
import json
import re

from seqgan_tf.config import PRESETS

SMOKE = dataclasses.replace(PRESETS["smoke"], d_rounds=1, iterations=2)
REAL = {"nll_oracle_real": 3.4, "nll_oracle_random": 4.6}


def mle_records(epochs, nll_oracle, nll_test):
    """An untrained generator, and those after each of the epochs, whose figures fall and rise by 0.1."""
    first = {"nll_oracle": 4.5, "nll_test": 3.9, "nll_valid": 3.9, "entropy": 3.9}
    later = [
        {
            "nll_oracle": nll_oracle + 0.1 * (epochs - epoch),
            "nll_test": nll_test - 0.1 * (epochs - epoch),
            "nll_valid": nll_test - 0.1 * (epochs - epoch),
            "entropy": 3.0,
        }
        for epoch in range(1, epochs + 1)
    ]
    return [
        {"phase": "mle", "iteration": epoch, "step": epoch, "wall_seconds": 60.0 * epoch} | figures | REAL
        for epoch, figures in enumerate([first, *later])
    ]


def adversarial_records(before, nll_oracle, nll_test, **more):
    """One for D, and one for each number in two lists of figures."""
    step = before[-1]["step"]
    d = {"d_auc_train": 0.8, "d_auc_heldout": 0.6, "d_accuracy_train": 0.7, "d_accuracy_heldout": 0.6}
    records = [{"phase": "discriminator", "iteration": 1, "step": step + 1, "wall_seconds": 200.0} | d]
    for number, (oracle, test) in enumerate(zip(nll_oracle, nll_test, strict=True), 1):
        where = {
            "phase": "adversarial",
            "iteration": number,
            "step": step + 1 + number,
            "wall_seconds": 200.0 + number,
        }
        figures = {"nll_oracle": oracle, "nll_test": test, "nll_valid": test, "entropy": 3.1}
        records.append(where | figures | d | REAL | {"reward_by_position": [0.4, 0.5, 0.6]} | more)
    return [*before, *records]


ALONE = dataclasses.replace(
    SMOKE, iterations=0, reward="constant", uses_discriminator=False, mle_epochs=3
)  # maximum likelihood and nothing else
MLE = mle_records(3, 4.0, 3.7)


def point(inverse, nll_test, nll_oracle):
    return {"inverse_temperature": inverse, "nll_oracle": nll_oracle, "nll_test": nll_test, "entropy": 3.0}


def write_run(path, config, records, points=()):
    """A run folder as train leaves it, without models."""
    (path / "samples").mkdir(parents=True)
    (path / "config.json").write_text(json.dumps(dataclasses.asdict(config)))
    (path / "environment.json").write_text(json.dumps({"date": "2026-11-25", "python": "3.11", "cores": 2}))
    (path / "metrics.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    for record in records:
        (path / "samples" / f"{record['phase']}-{record['iteration']:05}.txt").write_text(
            "1 2 3\n4 5 6\n7 8 9\n0 0 0\n"
        )
    if points:
        kept = {"step": records[-1]["step"], "samples": 10, "seqgan_tf": "0", "points": list(points)}
        (path / "frontier.json").write_text(json.dumps(kept))
    return path


def markdown_tables(text):
    """Tables of a text: lists of rows of cells."""
    found, rows = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            found.append([rows[0], *rows[2:]])
            rows = []
    return found


def plain_tables(text):
    """Tables of what a terminal shows: lists of rows of cells, told by the lines of dashes under their heads."""
    found, lines = [], text.splitlines()
    for number, line in enumerate(lines):
        if not line or set(line) - set("- "):
            continue
        spans = [match.span() for match in re.finditer("-+", line)]
        rows = [lines[number - 1], *itertools.takewhile(str.strip, lines[number + 1 :])]
        found.append([[row[start:end].strip() for start, end in spans] for row in rows])
    return found
