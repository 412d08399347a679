import keras
import numpy as np
import reference
import tensorflow as tf
from scipy.special import expit

from seqgan_tf.models import TokenDiscriminator

TOKENS = np.random.default_rng(0).integers(0, 9, [6, 5]).astype(np.int32)


def make(**kwargs):
    return TokenDiscriminator(vocab_size=9, embedding_dim=4, hidden_dim=3, **{"seed": 2} | kwargs)


def numpy_logits(discriminator, tokens, embedding_scale=1.0, output_scale=1.0):
    """The logits [B, T, 2] by a plain loop over Keras's weights; scales [B, 4] and [B, 3] stand for dropout."""
    embedding, kernel, recurrent, bias, output, output_bias = discriminator.get_weights()
    hidden, memory, logits = np.zeros([len(tokens), 3]), np.zeros([len(tokens), 3]), []
    for t in range(tokens.shape[1]):
        read = embedding[tokens[:, t]] * embedding_scale
        i, f, c, o = np.split(read @ kernel + hidden @ recurrent + bias, 4, axis=1)
        memory = expit(f) * memory + expit(i) * np.tanh(c)
        hidden = expit(o) * np.tanh(memory)
        logits.append((hidden * output_scale) @ output + output_bias)
    return np.stack(logits, 1)


def test_logits_of_every_prefix_equal_the_numpy_reference():
    discriminator = make()
    logits = numpy_logits(discriminator, TOKENS)
    np.testing.assert_allclose(discriminator(TOKENS), logits, rtol=1e-4, atol=1e-5)
    probability = np.exp(reference.log_softmax(logits))[..., 1]
    np.testing.assert_allclose(discriminator.prefix_probability(TOKENS), probability, rtol=1e-4)
    np.testing.assert_allclose(discriminator.probability(TOKENS), probability[:, -1], rtol=1e-4)
    np.testing.assert_allclose(discriminator.logit(TOKENS), np.log(probability / (1 - probability))[:, -1], rtol=1e-3)


def test_dropout_drops_the_same_features_at_all_positions():
    discriminator = make(dropout=0.6)
    noise = discriminator.noise(6, tf.constant([1, 2])).numpy()
    assert noise.shape == (6, 7)
    scales = (noise >= 0.6) / 0.4
    expected = numpy_logits(discriminator, TOKENS, scales[:, :4], scales[:, 4:])
    np.testing.assert_allclose(discriminator(TOKENS, training=True, noise=noise), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(discriminator(TOKENS), discriminator(TOKENS))
    first, second = (discriminator(TOKENS, training=True).numpy() for _ in range(2))
    assert not np.array_equal(first, second)


def test_only_the_output_layer_has_a_penalty():
    discriminator = make(l2=0.2)
    kernel, bias = discriminator.output_layer.get_weights()
    np.testing.assert_allclose(tf.add_n(discriminator.losses), 0.1 * ((kernel**2).sum() + (bias**2).sum()), rtol=1e-5)


def test_a_saved_one_returns_the_same(tmp_path):
    discriminator = make()
    discriminator.save(tmp_path / "d.keras")
    loaded = keras.models.load_model(tmp_path / "d.keras")
    np.testing.assert_array_equal(loaded(TOKENS), discriminator(TOKENS))


def test_in_mixed_precision_weights_and_logits_stay_float32():
    plain, mixed = make(), make(dtype="mixed_bfloat16")
    logits, expected = mixed(TOKENS), plain(TOKENS)
    assert logits.dtype == tf.float32 and 0 < np.abs(logits.numpy() - expected.numpy()).max() < 0.05
    assert {weight.dtype for weight in mixed.trainable_weights} == {"float32"}
