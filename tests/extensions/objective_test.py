"""Adding an objective: a function in a module of the user's; and each built-in one, told apart in the report."""

import numpy as np
import pytest
from command import one_error_line, records, restored
from folders import markdown_tables

from seqgan_tf.objectives import OBJECTIVES
from seqgan_tf.rewards import REWARDS

pytestmark = pytest.mark.slow
BUILT_IN = tuple(OBJECTIVES)
MODULE = """
import tensorflow as tf
from seqgan_tf.objectives import objective
from seqgan_tf.rewards import reward

def louder(*, log_probs, action_values, **_):
    return -10.0 * log_probs * tf.stop_gradient(action_values)

@objective("calmer", entropy=True)
def calmer(*, log_probs, action_values, entropy, **_):
    assert entropy.shape == log_probs.shape
    return -log_probs * tf.stop_gradient(action_values) - entropy

@reward("by_token", discriminator=False)
def by_token(discriminator, task):
    return lambda tokens: tf.cast(tokens, tf.float32) / 50
"""
OWN = ("my_objectives:louder", "my_objectives:calmer")
FLAGS = (
    "--reward=my_objectives:by_token",  # fast: neither a discriminator nor roll-outs
    "--mle_epochs=0",
    "--g_steps=2",  # from the second on there is a moving average of earlier batches
    "--g_updates=2",  # from the second on PPO's ratio is not 1
    "--pg_learning_rate=0.1",
)


@pytest.fixture(scope="module")
def folder(train, tmp_path_factory):
    """A folder with runs/, one of each objective, all from the same untrained generator."""
    folder = tmp_path_factory.mktemp("objectives")
    (folder / "my_objectives.py").write_text(MODULE)
    with restored(OBJECTIVES), restored(REWARDS):
        for name in (*BUILT_IN, *OWN):
            train(folder, *FLAGS, f"--objective={name}", f"--run={run_of(folder, name)}")
    return folder


def run_of(folder, name):
    return folder / "runs" / name.replace(":", "-")


@pytest.mark.parametrize("name", [*BUILT_IN, *OWN])
def test_objective_trains_and_is_told(folder, events, name):
    lines = records(run_of(folder, name))
    assert [line["phase"] for line in lines] == ["mle", "adversarial"]
    assert np.isfinite([lines[-1]["pg_loss"], lines[-1]["nll_test"]]).all()
    assert lines[-1]["nll_test"] != lines[-2]["nll_test"]
    found = events(run_of(folder, name))
    assert found.settings["objective"] == name
    assert found.scalars["training/pg_loss"] == [(1, pytest.approx(lines[-1]["pg_loss"]))]


def test_each_objective_computes_something_else(folder):
    runs = [records(run_of(folder, name)) for name in (*BUILT_IN, *OWN)]
    assert len({lines[0]["nll_test"] for lines in runs}) == 1
    assert len({lines[-1]["nll_test"] for lines in runs}) == len(runs)


def test_report_tells_objectives_apart_without_their_module(folder, command):
    (folder / "my_objectives.py").unlink(missing_ok=True)
    reported = command(folder, "report", "--runs=runs", "--output=report")
    assert reported.code == 0, reported.err
    results = next(table for table in markdown_tables((folder / "report" / "report.md").read_text()))
    methods = [row[0] for row in results[1:] if row[0].startswith("Reward my")]
    assert len(methods) == len(set(methods)) == len(BUILT_IN) + len(OWN)
    for name in ("ppo", "reinforce&#95;entropy", "my&#95;objectives:louder", "my&#95;objectives:calmer"):
        assert sum(name in method for method in methods) == 1, methods
    listed = command(folder, "list")
    assert listed.code == 0 and "my_objectives-louder" in listed.out
    evaluated = command(folder, "evaluate", "--run=runs/my_objectives-louder")
    assert evaluated.code == 0 and "nll_test" in evaluated.out


def test_unknown_objective_is_refused_with_the_known_ones(command, tmp_path):
    refused = command(tmp_path, "train", "--preset=smoke", "--objective=reinforc")
    assert refused.code == 2 and not list(tmp_path.iterdir())
    line = one_error_line(refused.err)
    assert "--objective must be one of " in line and "'reinforc'" in line
    assert all(name in line for name in BUILT_IN)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("absent_objectives:louder", "ModuleNotFoundError"),
        ("bad_objectives:missing", "AttributeError"),
        ("bad_objectives:number", "not a function"),
    ],
)
def test_bad_objective_is_refused(command, tmp_path, name, why):
    (tmp_path / "bad_objectives.py").write_text("number = 3\n")
    refused = command(tmp_path, "train", "--preset=smoke", f"--objective={name}")
    assert refused.code == 2 and not (tmp_path / "runs").exists()
    line = one_error_line(refused.err)
    assert line.startswith("error: --objective ") and why in line
