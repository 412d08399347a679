"""Each objective against numbers worked by hand."""

import numpy as np
import pytest
import tensorflow as tf

from seqgan_tf.losses import token_nll
from seqgan_tf.objectives import CLIP, ENTROPY_WEIGHT, OBJECTIVES, Statistics

# Without what other tests enter.
BUILT_IN = [name for name, entry in OBJECTIVES.items() if entry.__module__ == "seqgan_tf.objectives"]
# Two sequences of two tokens; the statistics are round numbers in the place of the true ones.
LOG_PROBS = [[-1.0, -2.0], [-3.0, -4.0]]
Q = [[0.5, 0.25], [1.0, 0.25]]
ENTROPY = [[1.0, 2.0], [0.0, 3.0]]
STATISTICS = Statistics(tf.constant(0.5), tf.constant(0.25), tf.constant(0.75))


def losses(name, **tensors):
    """The losses [B, T] of an objective, for the tensors above but for those that are given."""
    given = {"log_probs": LOG_PROBS, "action_values": Q, "entropy": ENTROPY} | tensors
    given = {"old_log_probs": given["log_probs"]} | given
    constants = {key: tf.constant(value, tf.float32) for key, value in given.items()}
    return OBJECTIVES[name](statistics=STATISTICS, **constants).numpy()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("reinforce", [[0.5, 0.5], [3.0, 1.0]]),  # -log G times Q
        ("reinforce_batch_baseline", [[0.0, -0.5], [1.5, -1.0]]),  # times Q - 0.5
        ("reinforce_moving_baseline", [[-0.25, -1.0], [0.75, -2.0]]),  # times Q - 0.75
        ("reinforce_standardised", [[0.0, -2.0], [6.0, -4.0]]),  # times (Q - 0.5) / 0.25
        ("maligan", [[0.0, -1.0], [3.0, -2.0]]),  # times Q / 0.5 - 1
        ("reinforce_entropy", [[0.49, 0.48], [3.0, 0.97]]),  # reinforce less 0.01 times the entropy
        ("ppo", [[0.0, 1.0], [-2.0, 1.0]]),  # -(Q - 0.5) / 0.25, as the ratio is 1
    ],
)
def test_worked_by_hand(name, expected):
    np.testing.assert_allclose(losses(name), expected, rtol=1e-6)


def test_every_objective_is_among_the_cases():
    (cases,) = (mark.args[1] for mark in test_worked_by_hand.pytestmark)
    assert [name for name, _ in cases] == BUILT_IN
    assert [name for name in BUILT_IN if OBJECTIVES[name].entropy] == ["reinforce_entropy"]
    assert (CLIP, ENTROPY_WEIGHT) == (0.2, 0.01)


@pytest.mark.parametrize(
    ("ratio", "advantage", "loss", "slope"),
    [
        (1.1, 2.0, -2.2, -2.2),  # inside of the clip: -r A, with the gradient of -r A by log r
        (1.5, 2.0, -2.4, 0.0),  # a good token that is already 1.2 times as probable gains nothing
        (0.5, 2.0, -1.0, -1.0),  # one that has become less probable does
        (0.5, -2.0, 1.6, 0.0),  # a bad one at 0.8 times its probability loses nothing more
        (1.5, -2.0, 3.0, 3.0),  # one that has become more probable does
    ],
)
def test_ppo_clips_the_ratio_on_the_side_where_it_would_go_too_far(ratio, advantage, loss, slope):
    log_probs = tf.constant([[np.log(ratio) - 3.0]], tf.float32)
    statistics = Statistics(tf.constant(0.0), tf.constant(1.0), tf.constant(0.0))
    with tf.GradientTape() as tape:
        tape.watch(log_probs)
        found = OBJECTIVES["ppo"](
            log_probs=log_probs,
            old_log_probs=tf.constant([[-3.0]]),
            action_values=tf.constant([[advantage]]),
            statistics=statistics,
            entropy=None,
        )
    np.testing.assert_allclose(found, [[loss]], rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(found, log_probs), [[slope]], rtol=1e-6)


def test_of_equal_action_values_nothing_is_learned_and_nothing_divided_by_zero():
    statistics = Statistics(tf.constant(0.5), tf.constant(0.0), tf.constant(0.5))
    tensors = {name: tf.constant(value) for name, value in (("log_probs", LOG_PROBS), ("old_log_probs", LOG_PROBS))}
    for name in ("reinforce_standardised", "ppo"):
        found = OBJECTIVES[name](action_values=tf.fill([2, 2], 0.5), statistics=statistics, entropy=None, **tensors)
        np.testing.assert_array_equal(found, np.zeros([2, 2]))


def test_reinforce_of_a_batch_is_its_sum_over_batch_and_time():
    assert losses(
        "reinforce", log_probs=[[-1.0, -2.0], [-3.0, -4.0]], action_values=[[0.5, 0.25], [1.0, 0.0]]
    ).sum() == (0.5 + 0.5 + 3.0 + 0.0)


@pytest.mark.parametrize("name", BUILT_IN)
def test_action_values_are_constants_of_the_step(name):
    log_probs, values, old = (tf.constant([[number]]) for number in (-0.7, 0.8, -0.7))
    with tf.GradientTape() as tape:
        tape.watch([log_probs, values, old])
        tensors = {"log_probs": log_probs, "old_log_probs": old, "entropy": tf.constant([[0.7]])}
        loss = OBJECTIVES[name](action_values=values, statistics=STATISTICS, **tensors)
    some, *nothing = tape.gradient(loss, [log_probs, values, old])
    assert some is not None and nothing == [None, None]


def test_policy_gradient_worked_by_hand():
    # One softmax of two classes at probability 1/2, token 0 taken with Q = 0.8: d/dlogits = Q (p - onehot).
    logits = tf.zeros([1, 1, 2])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        log_probs = -token_nll(logits, tf.constant([[0]]))
        loss = OBJECTIVES["reinforce"](log_probs=log_probs, action_values=tf.constant([[0.8]]))
    np.testing.assert_allclose(tape.gradient(loss, logits), [[[-0.4, 0.4]]], rtol=1e-6)
