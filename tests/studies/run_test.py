"""Experiments and frontiers from the command line, tiny."""

import json
import shutil
import signal
import subprocess
import time

import pytest
from command import command, environment, here, one_error_line, records, seqgan
from folders import markdown_tables, plain_tables

from seqgan_tf.studies.experiments import EXPERIMENTS

pytestmark = pytest.mark.slow

# The methods that the other experiments here use again: each method is a start of TensorFlow.
FRONTIER = ["mle", "scheduled_sampling", "pg_bleu", "seqgan", "constant"]
TITLES = ["MLE", "Scheduled sampling", "PG-BLEU", "SeqGAN", "Constant reward"]
SMOKE = ("--budget=smoke", "--seeds=1", "--seed=4", "--eval_samples=32")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder in which the experiment frontier has been made: in runs/oracle-smoke."""
    folder = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("frontier", "table1"):
            patch.setitem(EXPERIMENTS[name], "methods", FRONTIER)
        process = here(folder, "experiment", "frontier", *SMOKE, **environment())
        assert process.returncode == 0, process.stderr
        assert "Experiment frontier: 5 runs in runs/oracle-smoke, 5 to be trained" in process.stderr
        assert "6 of 6 done, 0 running" in process.stderr  # with the frontiers
        yield folder


def test_table_1_uses_the_runs_that_are_there_and_reports_them(place):
    runs = place / "runs/oracle-smoke"
    before = {path: path.stat().st_mtime_ns for path in runs.glob("*/metrics.jsonl")}
    process = here(place, "experiment", "table1", *SMOKE)
    assert process.returncode == 0 and "5 runs in runs/oracle-smoke, 0 to be trained" in process.stderr
    assert {path: path.stat().st_mtime_ns for path in runs.glob("*/metrics.jsonl")} == before and len(before) == 5
    assert "5 of 5 runs are finished. Report: runs/oracle-smoke/report-table1/index.html" in process.stdout
    (main,) = plain_tables(process.stdout)
    assert [row[0] for row in main[3:-1]] == TITLES
    for name, title in (("seqgan", "SeqGAN"), ("mle", "MLE"), ("constant", "Constant reward")):
        last = records(runs / f"{name}-seed4")[-1]
        (cells,) = (row for row in main if row[0] == title)
        assert cells[2:5] == [f"{last[figure]:.3f}" for figure in ("nll_oracle", "nll_test", "entropy")]
    text = (runs / "report-table1/report.md").read_text()
    assert text.startswith("# Experiment table1, budget smoke") and str(place) not in text


def test_the_frontier_of_all_its_methods_is_in_the_report(place):
    tables = markdown_tables((place / "runs/oracle-smoke/report-frontier/report.md").read_text())
    (frontier,) = (table for table in tables if "nll_oracle at nll_test 7.6" in table[0])
    assert [row[0] for row in frontier[1:]] == TITLES and frontier[0][-1].startswith("area, ")
    kept = json.loads((place / "runs/oracle-smoke/seqgan-seed4/frontier.json").read_text())
    assert kept["samples"] == 32  # as --eval_samples


def test_beyond_judges_its_methods(place, monkeypatch):
    # Leaves out methods that resemble others, because each starts TensorFlow.
    left_out = {"random", "mle_long", "mle_longer", "mle_gru_160", "mle_gru_128", "distilled_grus"}
    # These start from the same run as cot.
    left_out |= {"tuned_constant", "tuned_seqgan", "rankgan", "maligan", "scratchgan"}
    methods = [method for method in EXPERIMENTS["beyond"]["methods"] if method not in left_out]
    monkeypatch.setitem(EXPERIMENTS["beyond"], "methods", methods)
    process = here(place, "experiment", "beyond", *SMOKE, **environment())
    assert process.returncode == 0, process.stderr
    assert "Experiment beyond: 9 runs in runs/oracle-smoke, 6 to be trained" in process.stderr  # not the paper's
    tables = markdown_tables((place / "runs/oracle-smoke/report-beyond/report.md").read_text())
    (judged,) = (table for table in tables if "nll_oracle at H" in table[0])
    titles = {row[0].split(" (")[0] for row in judged[1:]}
    expected = {"Regularised MLE", "Distilled MLE", "Language-model reward", "Own frozen copy as judge"}
    assert titles >= expected | {"MLE", "SeqGAN", "Constant reward", "CoT"}
    assert len(judged) == 1 + 9 + 1
    teacher = place / "runs/oracle-smoke/distilled-seed4/others/teacher-0.keras"
    assert (
        teacher.read_bytes()
        == max(place.glob("runs/oracle-smoke/mle_wide-seed4/models/*/generator.keras")).read_bytes()
    )


def test_stopped_and_continued_and_one_at_a_time_it_has_the_same_numbers(place, tmp_path):
    for name in ("mle-seed4", "pg_bleu-seed4"):  # finished runs are used again
        shutil.copytree(place / "runs/oracle-smoke" / name, tmp_path / "runs" / name)
    words = command("experiment", "figure2", *SMOKE, "--jobs=1", "--runs=runs")
    process = subprocess.Popen(words, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True)
    deadline, logs = time.monotonic() + 200, tmp_path / "runs/logs"
    while not (logs / "scheduled_sampling-seed4.txt").exists():  # the first of two
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=100)
    assert (
        process.returncode == 143
        and "Stopped by SIGTERM; all runs are saved in runs. The same command resumes." in said
    )
    again = here(tmp_path, *words[3:], **environment())
    assert again.returncode == 0 and "4 runs in runs, 2 to be trained, 1 at once" in again.stderr
    for name in ("scheduled_sampling", "seqgan"):
        ours, theirs = (records(run / f"{name}-seed4") for run in (tmp_path / "runs", place / "runs/oracle-smoke"))
        assert ours == theirs and ours


def test_the_frontier_of_runs_of_different_oracles_is_refused(place, trained):
    process = here(place, "frontier", f"--runs=runs/oracle-smoke/mle-seed4,{trained}/runs/captions")
    assert process.returncode == 2 and not process.stdout
    line = one_error_line(process.stderr)
    assert "runs/oracle-smoke/mle-seed4 and" in line and "on different data (" in line and "captions.txt" in line


def test_the_frontier_of_a_run_is_a_table(place):
    process = seqgan(place, "frontier", "--runs=runs/oracle-smoke/mle-seed4", "--samples=32")
    table, judged = plain_tables(process.stdout)
    assert [row[0] for row in judged] == ["method", "MLE", "Coin toss: MLE"] and judged[0][-1] == "minutes"
    assert process.returncode == 0 and table[1][0] == "MLE" and "report --runs=" in process.stdout
    assert "1/" not in process.stderr  # it had been measured


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (
            ("experiment", "table9"),
            "experiment must be one of table1, figure2, figure3, figure4, frontier, table2, table3, table4, coco, "
            "beyond, beyond_captions, got 'table9'; did you mean 'table4'?",
        ),
        (("experiment",), "experiment must be one of table1"),
        (("experiment", "table1", "--seeds=0"), "--seeds"),
        (("experiment", "table1", "--budget=huge"), "quick, paper, smoke"),
        (("experiment", "table1", "--reward=bleu"), "Unknown command line flag 'reward'"),
        (("experiment", "table1", "--batch_size=0"), "--batch_size"),
        (("experiment", "table1", "--oracle_file="), "--oracle_file"),
        (("experiment", "table1", "--oracle_file=missing.pkl"), "--oracle_file: missing.pkl"),
        (("experiment", "table1", "--train_file=x"), "Unknown command line flag 'train_file'"),
        (("experiment", "table1", "--objective=reinforc"), "--objective must be one of"),
        (("experiment", "figure3", "--g_steps=3"), "--g_steps must be left out with figure3"),
        (("experiment", "table1", "--runs=a,b"), "--runs must be one folder without a comma in its name, got a,b."),
        (("report",), "--runs"),
        (("report", "--runs=nowhere"), "nowhere"),
        (("frontier", "--runs=."), "got ., which has no run"),
        (("frontier", "--runs=.", "--samples=1"), "--samples"),
    ],
)
def test_bad_input_is_told_in_one_line(tmp_path, flags, words):
    process = here(tmp_path, *flags)
    assert process.returncode == 2 and words in one_error_line(process.stderr)
    assert not list(tmp_path.iterdir())


def test_a_failed_run_is_named_with_what_it_said(tmp_path):
    flags = "--budget=smoke", "--seeds=1", "--mle_learning_rate=1e38", "--runs=r"
    process = here(tmp_path, "experiment", "figure2", *flags, **environment())
    assert process.returncode == 1 and "Traceback" not in process.stderr
    assert "seqgan-seed0 failed: a run that it needs is missing\n" in process.stderr
    assert "mle-seed0 failed: exit code 1: Training diverged" in process.stderr
    assert "(its output: r/logs/mle-seed0.txt)" in process.stderr
