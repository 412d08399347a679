"""What a Session refuses, and what it leaves behind then; trainer_test.py trains with one."""

import dataclasses
import json

import numpy as np
import pytest

from seqgan_tf.config import PRESETS
from seqgan_tf.session import Session

pytestmark = pytest.mark.slow

TINY = dataclasses.replace(PRESETS["smoke"], train_size=24, eval_samples=16, heldout_size=16)

REWARDS = """
import numpy as np


def of_sequences(discriminator, task):
    return lambda tokens: (tokens.numpy() != 0).mean(1)


def of_tokens(discriminator, task):
    return lambda tokens: tokens.numpy() / 50


of_tokens.discriminator = False


def failing(discriminator, task):
    return lambda tokens: {}["missing"]


def badly_shaped(discriminator, task):
    return lambda tokens: np.zeros([len(tokens), 2])


def not_a_number(discriminator, task):
    return lambda tokens: np.full(len(tokens), np.nan)


def without_arguments():
    return None
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with a user's module `session_rewards`."""
    (tmp_path / "session_rewards.py").write_text(REWARDS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"reward": "session_rewards:failing"},
            r"--reward session_rewards:failing failed on tokens of shape \(8, 6\) "
            r"\(KeyError: 'missing', in session_rewards.py, line 17\)",
        ),
        (
            {"reward": "session_rewards:badly_shaped"},
            r"--reward session_rewards:badly_shaped must return shape .*, got \(8, 2\)",
        ),
        (
            {"reward": "session_rewards:not_a_number"},
            "--reward session_rewards:not_a_number must return finite numbers",
        ),
        (
            {"reward": "session_rewards:without_arguments"},
            r"--reward session_rewards:without_arguments must take \(discriminator, task\)",
        ),
        ({"reward": "session_rewards:missing"}, "which cannot be imported"),
        ({"reward": "blue"}, "must be one of discriminator, bleu, constant, random.*got 'blue'"),
        ({"objective": "blue"}, "--objective must be one of reinforce, .*got 'blue'"),
        ({"g_cell": "blue"}, "--g_cell must be one of lstm, gru.*got 'blue'"),
    ],
)
def test_a_reward_objective_or_cell_that_will_not_do_is_refused_before_anything_is_left(folder, settings, message):
    with pytest.raises(ValueError, match=message) as error:
        Session(dataclasses.replace(TINY, **settings), folder / "a" / "run")
    assert str(error.value).startswith(f"--{next(iter(settings))} ") and "\n" not in str(error.value)
    assert {path.name for path in folder.iterdir()} <= {"session_rewards.py", "__pycache__"}


@pytest.mark.parametrize(("name", "has_discriminator"), [("of_sequences", True), ("of_tokens", False)])
def test_a_reward_of_the_user_says_whether_a_discriminator_is_made(folder, name, has_discriminator):
    session = Session(dataclasses.replace(TINY, reward=f"session_rewards:{name}"), folder / "run")
    assert session.config.uses_discriminator == has_discriminator
    assert bool(session.discriminator) == bool(session.d_optimizer) == has_discriminator
    assert json.loads((folder / "run/config.json").read_text())["uses_discriminator"] == has_discriminator


def test_config_and_environment_are_written_before_training(tmp_path):
    session = Session(TINY, tmp_path / "run")
    assert session.folder.config == session.config == TINY
    environment = json.loads((tmp_path / "run/environment.json").read_text())
    assert {"python", "tensorflow", "keras", "numpy", "cores"} <= set(environment)
    assert environment["replicas"] == 1 and not session.resumes


def test_generator_and_roll_out_policy_begin_alike(tmp_path):
    session = Session(TINY, tmp_path / "run")
    for theta, beta in zip(session.generator.get_weights(), session.rollout_policy.get_weights(), strict=True):
        np.testing.assert_array_equal(theta, beta)
