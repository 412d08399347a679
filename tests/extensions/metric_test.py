"""Adding a metric: one entry in the catalogue, which is all that training, TensorBoard, reports and lists read."""

import csv
import json

import numpy as np
import pytest
from command import LINES, records
from folders import markdown_tables

from seqgan_tf.metrics import catalogue

pytestmark = pytest.mark.slow
NAME = "distinct_tokens"
ENTRY = catalogue.Metric(
    NAME,
    "distinct tokens in a sample, on average",
    group="diversity",
    unit="tokens",
    better="higher",
    compute=lambda samples: float(np.mean([len(set(sentence)) for sentence in samples.sentences])),
    data=("text", "oracle"),
    headline=(NAME,),
)
RUNS = ("numbers", "words")


@pytest.fixture(scope="module")
def folder(train, tmp_path_factory):
    """A folder with runs/numbers and runs/words, trained while the catalogue has the entry."""
    folder = tmp_path_factory.mktemp("metric")
    (folder / "lines.txt").write_text(LINES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(catalogue.METRICS, NAME, ENTRY)
        for run, flags in {"numbers": (), "words": ("--train_file=lines.txt",)}.items():
            train(folder, "--mle_epochs=0", "--reward=constant", *flags, f"--run=runs/{run}")
        yield folder


def final(folder, run):
    return records(folder / "runs" / run)[-1]


@pytest.mark.parametrize("run", RUNS)
def test_training_records_it_at_each_evaluation(folder, run):
    lines = records(folder / "runs" / run)
    assert len(lines) == 2 and all(1 <= line[NAME] <= 6 for line in lines)


def test_text_has_a_yardstick_and_a_signature(folder):
    found = final(folder, "words")
    assert 3 <= found[f"{NAME}_real"] <= 5
    assert found["signatures"][NAME].startswith("hypotheses:16|case:mixed|tokens:words")


@pytest.mark.parametrize("run", RUNS)
def test_tensorboard_shows_it_with_its_description(folder, events, run):
    found = events(folder / "runs" / run)
    tag = f"diversity/{NAME}"
    expected = [(line["step"], pytest.approx(line[NAME])) for line in records(folder / "runs" / run)]
    assert found.scalars[tag] == expected
    assert "distinct tokens in a sample, on average (tokens; higher is better)" in found.descriptions[tag]
    assert tag in found.headline


def test_report_has_a_column_of_it_in_tables_and_csv(folder, command):
    reported = command(folder, "report", "--runs=runs", "--output=report")
    assert reported.code == 0, reported.err
    tables = markdown_tables((folder / "report" / "report.md").read_text().replace("&#95;", "_"))
    shown = [cell for table in tables if NAME in table[0] for row in table[1:] for cell in row]
    numbers = {}
    for path in (folder / "report").glob("*runs.csv"):
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                numbers.setdefault(row["run"], row)
    for run in RUNS:
        assert f"{final(folder, run)[NAME]:.3f}" in shown
        assert float(numbers[run][NAME]) == pytest.approx(final(folder, run)[NAME])


def test_list_has_a_column_of_it(folder, command):
    listed = command(folder, "list")
    assert listed.code == 0, listed.err
    assert NAME in listed.out.splitlines()[0]
    for run in RUNS:
        (line,) = (line for line in listed.out.splitlines() if line.startswith(run))
        assert f"{final(folder, run)[NAME]:.3f}" in line


@pytest.mark.parametrize("run", RUNS)
def test_evaluate_computes_it_anew(folder, command, run):
    output = f"{run}.json"
    evaluated = command(folder, "evaluate", f"--run=runs/{run}", f"--metrics={NAME}", f"--output={output}")
    assert evaluated.code == 0, evaluated.err
    assert f"{final(folder, run)[NAME]:.6f}" in evaluated.out
    found = json.loads((folder / output).read_text())["metrics"]
    assert found[NAME] == pytest.approx(final(folder, run)[NAME])
