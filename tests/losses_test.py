import numpy as np
import pytest
import reference
import tensorflow as tf

from seqgan_tf.losses import cross_entropy_with, discriminator_loss, token_nll


def test_token_nll_worked_by_hand():
    # Probabilities 1/4 3/4 and 1/2 1/2.
    logits = np.log([[[1.0, 3.0], [5.0, 5.0]]]).astype(np.float32)
    np.testing.assert_allclose(token_nll(logits, np.array([[1, 0]])), [[np.log(4 / 3), np.log(2)]], rtol=1e-6)


@pytest.mark.parametrize("scale", [1.0, 30.0, 1000.0])
def test_token_nll_and_its_gradient_equal_the_reference_at_any_scale(scale):
    draw = np.random.default_rng(0)
    logits = tf.constant(draw.standard_normal([3, 4, 11]) * scale, tf.float32)
    tokens = draw.integers(0, 11, [3, 4]).astype(np.int32)
    upstream = draw.standard_normal([3, 4]).astype(np.float32)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        nll = token_nll(logits, tokens)
        total = tf.reduce_sum(nll * upstream)
    assert nll.shape == [3, 4]
    np.testing.assert_allclose(nll, reference.token_nll(logits.numpy(), tokens), rtol=1e-5, atol=1e-5)
    softmax = np.exp(reference.log_softmax(np.float64(logits)))
    expected = (softmax - np.eye(11)[tokens]) * upstream[..., None]
    np.testing.assert_allclose(tape.gradient(total, logits), expected, rtol=1e-4, atol=1e-6)


def test_discriminator_loss_worked_by_hand():
    # D gives the real sequence 3/4, the generated one 1/5 of being real.
    logits = np.log([[1.0, 3.0], [4.0, 1.0]]).astype(np.float32)
    expected = -(np.log(3 / 4) + np.log(4 / 5)) / 2
    np.testing.assert_allclose(discriminator_loss(logits, np.array([1, 0])), expected, rtol=1e-6)


def test_cross_entropy_with_one_class_is_its_nll_and_with_itself_the_entropy():
    logits = np.log([[[0.25, 0.75], [0.5, 0.5]]]).astype(np.float32)
    certain = np.float32([[[1, 0], [0, 1]]])
    np.testing.assert_allclose(cross_entropy_with(certain, logits), [[np.log(4), np.log(2)]], rtol=1e-6)
    entropy = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))
    np.testing.assert_allclose(cross_entropy_with(np.exp(logits), logits), [[entropy, np.log(2)]], rtol=1e-6)
