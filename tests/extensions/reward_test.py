"""Adding a reward: a function in a module of the user's, by --reward=my_module:my_reward."""

import json
import sys

import numpy as np
import pytest
from command import one_error_line, records, restored

from seqgan_tf.rewards import REWARDS

pytestmark = pytest.mark.slow
MODULE = """
import numpy as np
import tensorflow as tf
from seqgan_tf.rewards import reward

@reward("low", discriminator=False)
def low(discriminator, task):
    # The share of ids in the lower half, of each whole sequence.
    assert discriminator is None and task.train.shape[1] == 6
    return lambda tokens: (np.asarray(tokens) < 25).mean(1)

def judged(discriminator, task):
    # D(Y) for each token in the lower half, 0 for the others.
    def values(tokens):
        real = tf.nn.softmax(discriminator(tokens, training=False))[:, 1:]
        return tf.where(tokens < 25, real, 0.0)
    return values
"""
OWN = {"low": "my_rewards:low", "judged": "my_rewards:judged"}  # run -> reward


@pytest.fixture(scope="module")
def folder(tmp_path_factory, train):
    """A folder with runs/low and runs/judged; their module is gone."""
    folder = tmp_path_factory.mktemp("rewards")
    (folder / "my_rewards.py").write_text(MODULE)
    with restored(REWARDS):
        for run, reward in OWN.items():
            train(folder, f"--reward={reward}", f"--run=runs/{run}")
    del sys.modules["my_rewards"]
    (folder / "my_rewards.py").unlink()
    return folder


def test_reward_decides_what_is_trained(folder):
    low, judged = (records(folder / "runs" / run) for run in OWN)
    assert [line["phase"] for line in low] == ["mle", "mle", "adversarial"]
    assert [line["phase"] for line in judged] == ["mle", "mle", "discriminator", "adversarial"]
    for run, lines in zip(OWN, (low, judged), strict=True):
        assert np.isfinite(lines[-1]["pg_loss"]) and 0 < lines[-1]["mean_reward"] < 1
        config = json.loads((folder / "runs" / run / "config.json").read_text())
        assert config["uses_discriminator"] == (run == "judged")


@pytest.mark.parametrize("run", OWN)
def test_tensorboard_tells_the_reward(folder, events, run):
    found = events(folder / "runs" / run)
    assert found.settings["reward"] == OWN[run]
    last = records(folder / "runs" / run)[-1]
    assert found.scalars["training/mean_reward"] == [(last["step"], pytest.approx(last["mean_reward"]))]
    assert ("discriminator/auc_heldout" in found.scalars) == (run == "judged")


def test_report_names_rewards_whose_module_is_gone(folder, command):
    reported = command(folder, "report", "--runs=runs", "--output=report")
    assert reported.code == 0, reported.err
    assert "2 of 2 runs are finished" in reported.out
    text = (folder / "report" / "report.md").read_text().replace("&#95;", "_")
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    numbers = (folder / "report" / "runs.csv").read_text()
    for reward in OWN.values():
        assert sum(reward in row for row in rows) >= 1, rows
        assert reward in numbers
        assert f"--reward={reward}" in text


def test_list_shows_runs_whose_module_is_gone(folder, command):
    listed = command(folder, "list")
    assert listed.code == 0, listed.err
    for run in OWN:
        (line,) = (line for line in listed.out.splitlines() if line.startswith(run))
        assert "done" in line and f"{records(folder / 'runs' / run)[-1]['nll_oracle']:.3f}" in line


@pytest.mark.parametrize("run", OWN)
def test_evaluate_works_without_the_module(folder, command, run):
    evaluated = command(folder, "evaluate", f"--run=runs/{run}")
    assert evaluated.code == 0, evaluated.err
    assert ("d_auc_heldout" in evaluated.out) == (run == "judged")


BAD = """
import numpy as np

number = 3

def no_arguments():
    return lambda tokens: np.zeros(len(tokens))

def factory_fails(discriminator, task):
    return {}["missing"]

def returns_nothing(discriminator, task):
    pass

def wrong_shape(discriminator, task):
    return lambda tokens: np.zeros([len(tokens), 2])

def one_number(discriminator, task):
    return lambda tokens: 1.0

def not_a_number(discriminator, task):
    return lambda tokens: np.full(len(tokens), np.nan)

def truths(discriminator, task):
    return lambda tokens: tokens.numpy()[:, 0] == 4

def words(discriminator, task):
    return lambda tokens: np.array(["good"] * len(tokens))

def fails(discriminator, task):
    return lambda tokens: {}["missing\\nkey"]
"""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("absent_rewards:mine", "cannot be imported (ModuleNotFoundError"),
        ("broken_rewards:mine", "cannot be imported (SyntaxError"),
        ("failing_rewards:mine", "cannot be imported (RuntimeError: two lines, in failing_rewards.py, line 1)"),
        ("bad_rewards:missing", "cannot be imported (AttributeError"),
        ("bad_rewards:", "or your own module:function, got 'bad_rewards:'"),
        ("bad_rewards:number", "which is a int, not a function"),
        ("bad_rewards:no_arguments", "must take (discriminator, task)"),
        ("bad_rewards:factory_fails", "must take (discriminator, task) (KeyError: 'missing')"),
        ("bad_rewards:returns_nothing", "failed on tokens of shape (8, 6) (TypeError"),
        ("bad_rewards:wrong_shape", "must return shape (8,), (8, 6) or (8, 6, 50), got (8, 2)"),
        ("bad_rewards:one_number", "must return shape (8,), (8, 6) or (8, 6, 50), got ()"),
        ("bad_rewards:not_a_number", "must return finite numbers, got [nan nan nan]"),
        ("bad_rewards:words", "must return finite numbers"),
        ("bad_rewards:truths", "must return finite numbers, got bool; convert them to float32."),
        ("bad_rewards:fails", "failed on tokens of shape (8, 6) (KeyError"),
    ],
)
def test_bad_reward_is_refused_before_anything_is_made(command, tmp_path, name, why):
    (tmp_path / "bad_rewards.py").write_text(BAD)
    (tmp_path / "broken_rewards.py").write_text("def mine(:\n")
    (tmp_path / "failing_rewards.py").write_text("raise RuntimeError('two\\nlines')\n")
    refused = command(tmp_path, "train", "--preset=smoke", f"--reward={name}")
    assert refused.code == 2 and not (tmp_path / "runs").exists()
    line = one_error_line(refused.err)
    assert line.startswith("error: --reward ") and name in line and why in line


def test_unknown_reward_is_refused_with_the_known_ones(command, tmp_path):
    refused = command(tmp_path, "train", "--preset=smoke", "--reward=blue")
    assert refused.code == 2 and not list(tmp_path.iterdir())
    line = one_error_line(refused.err)
    assert "--reward must be one of " in line and "'blue'" in line
    assert all(name in line for name in REWARDS)
