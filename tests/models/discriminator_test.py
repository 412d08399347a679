import numpy as np
import reference
import tensorflow as tf

from seqgan_tf.losses import discriminator_loss
from seqgan_tf.models import Discriminator

TOKENS = np.random.default_rng(0).integers(0, 9, [6, 5]).astype(np.int32)


def make(**kwargs):
    settings = {"filter_widths": (1, 2, 5), "filter_counts": (3, 4, 2), "seed": 2} | kwargs
    return Discriminator(vocab_size=9, embedding_dim=4, **settings)


def test_logits_equal_the_numpy_reference():
    discriminator = make()
    for layer in [*discriminator.convolutions, discriminator.transform_gate, discriminator.transform]:
        layer.bias.assign(np.linspace(-0.5, 0.4, layer.bias.shape[0]))
    logits = discriminator(TOKENS)
    assert logits.shape == [6, 2]
    np.testing.assert_allclose(logits, reference.discriminator_logits(discriminator, TOKENS), rtol=1e-4, atol=1e-5)


def test_loss_with_its_l2_equals_the_numpy_reference():
    discriminator = make(l2=0.2)
    labels = np.array([1, 0, 1, 1, 0, 0], np.int32)
    cross_entropy = discriminator_loss(discriminator(TOKENS), labels)
    log_probabilities = reference.log_softmax(reference.discriminator_logits(discriminator, TOKENS))
    expected = -np.mean([row[label] for row, label in zip(log_probabilities, labels, strict=True)])
    np.testing.assert_allclose(cross_entropy, expected, rtol=1e-5)
    kernel, bias = discriminator.output_layer.get_weights()
    np.testing.assert_allclose(
        tf.add_n(discriminator.losses), 0.2 * ((kernel**2).sum() / 2 + (bias**2).sum() / 2), rtol=1e-5
    )
    assert len(discriminator.losses) == 2  # the output layer's kernel and bias, nothing else


def test_dropout_is_off_unless_training_and_then_decided_by_the_seed():
    discriminator = make(dropout=0.5)
    np.testing.assert_array_equal(discriminator(TOKENS), discriminator(TOKENS))

    def trained(seed):
        return discriminator(TOKENS, training=True, noise=discriminator.noise(6, tf.constant(seed))).numpy()

    np.testing.assert_array_equal(trained([1, 2]), trained([1, 2]))
    assert not np.array_equal(trained([1, 2]), trained([1, 3]))
    assert not np.array_equal(trained([1, 2]), discriminator(TOKENS))


def test_dropout_is_the_share_dropped_not_kept():
    discriminator = make(dropout=0.9)
    # Of nine features those at 0.9 and above are kept, ten times as large; the output layer passes them on.
    noise = np.array([[0.0, 0.3, 0.89, 0.9, 0.95, 0.5, 0.2, 0.99, 0.7]], np.float32)
    whole, seen = discriminator(TOKENS[:1]), []
    discriminator.output_layer = lambda features: seen.append(features.numpy()) or whole
    discriminator(TOKENS[:1])
    discriminator(TOKENS[:1], training=True, noise=noise)
    np.testing.assert_allclose(seen[1], seen[0] * 10 * (noise >= 0.9), rtol=1e-5)
    uniform = discriminator.noise(20_000, tf.constant([5, -7])).numpy()
    assert uniform.shape == (20_000, 9) and uniform.min() >= 0 and uniform.max() < 1
    np.testing.assert_allclose([(uniform < q).mean() for q in (0.1, 0.5, 0.9)], [0.1, 0.5, 0.9], atol=0.01)


def test_without_noise_dropout_is_drawn_anew():
    discriminator = make(dropout=0.5)
    first, second = (discriminator(TOKENS, training=True).numpy() for _ in range(2))
    assert not np.array_equal(first, second)


def test_initial_parameters_follow_the_authors_code():
    discriminator = make(filter_counts=(100, 200, 100))
    embedding = discriminator.embedding.embeddings.numpy()
    assert -1 <= embedding.min() < -0.7 and 0.7 < embedding.max() <= 1
    for layer in [*discriminator.convolutions, discriminator.output_layer]:
        kernel, bias = layer.get_weights()
        assert abs(kernel).max() <= 0.2  # truncated at two standard deviations
        assert 0.07 < kernel.std() < 0.1
        np.testing.assert_array_equal(bias, np.float32(0.1))
    limit = np.sqrt(6 / (2 * 400))  # Glorot's for a vector, TensorFlow 1's default for the highway's biases
    for layer in (discriminator.transform_gate, discriminator.transform):
        assert 0.9 * limit < np.abs(layer.bias).max() <= limit


def test_in_mixed_precision_weights_and_logits_stay_float32():
    plain, mixed = make(), make(dtype="mixed_bfloat16")
    noise = plain.noise(6, tf.constant([1, 2]))
    for arguments in ({}, {"training": True, "noise": noise}):
        logits, expected = mixed(TOKENS, **arguments), plain(TOKENS, **arguments)
        assert logits.dtype == tf.float32
        assert 0 < np.abs(logits.numpy() - expected.numpy()).max() < 0.05
    assert {weight.dtype for weight in mixed.trainable_weights} == {"float32"}
