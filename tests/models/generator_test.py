import numpy as np
import reference
import tensorflow as tf

from seqgan_tf.losses import token_nll
from seqgan_tf.models import Generator
from seqgan_tf.sampling import sample_sequences


def make(**kwargs):
    return Generator(vocab_size=7, embedding_dim=3, hidden_dim=4, stddev=0.8, seed=3, **kwargs)


TOKENS = np.random.default_rng(0).integers(0, 7, [5, 6]).astype(np.int32)


def test_logits_equal_the_numpy_reference():
    generator = make(start_token=2)
    logits = generator(TOKENS)
    assert logits.shape == [5, 6, 7]
    expected = reference.lstm_logits(generator.get_weights(), TOKENS, start_token=2)
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-5)


def test_logits_do_not_see_the_token_they_predict_nor_later_ones():
    generator = make()
    changed = TOKENS.copy()
    changed[:, 3:] = (changed[:, 3:] + 1) % 7
    before, after = generator(TOKENS).numpy(), generator(changed).numpy()
    np.testing.assert_array_equal(before[:, :4], after[:, :4])
    assert not np.allclose(before[:, 4], after[:, 4])


def test_stepper_and_states_equal_the_whole_model():
    generator = make()
    logits, states = generator(TOKENS), generator.states(TOKENS)
    assert [part.shape for part in states] == [[6, 5, 4]] * 2
    step = generator.stepper()
    state, inputs = generator.initial_state(5, 6), generator.inputs_of(TOKENS)
    for t in range(6):
        for part, all_parts in zip(state, states, strict=True):
            np.testing.assert_allclose(part, all_parts[t], atol=1e-6)
        step_logits, state = step(inputs[:, t], state, t)
        np.testing.assert_allclose(step_logits, logits[:, t], atol=1e-5)


def test_temperature_divides_the_logits():
    generator = make()
    state = generator.initial_state(5, 6)
    plain, _ = generator.stepper()(TOKENS[:, 0], state, 0)
    cold, _ = generator.stepper(0.5)(TOKENS[:, 0], state, 0)
    np.testing.assert_allclose(cold, plain / 0.5, rtol=1e-5)


def test_mle_gradient_equals_finite_differences_of_the_numpy_reference():
    generator = make()
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(token_nll(generator(TOKENS), TOKENS))
    gradients = tape.gradient(loss, generator.trainable_variables)

    def numpy_loss(weights):
        return reference.token_nll(reference.lstm_logits(weights, TOKENS), TOKENS).mean()

    np.testing.assert_allclose(loss, numpy_loss(generator.get_weights()), rtol=1e-5)
    expected = reference.gradients(numpy_loss, generator.get_weights())
    assert len(gradients) == len(expected) == 6
    for gradient, numbers in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(tf.convert_to_tensor(gradient), numbers, rtol=1e-3, atol=1e-5)


def test_every_parameter_biases_included_is_drawn_from_the_same_normal_distribution():
    generator = Generator(vocab_size=2000, embedding_dim=32, hidden_dim=32, seed=1)
    for weight in generator.get_weights():
        assert abs(weight.std() - 0.1) < 0.02
        assert abs(weight.mean()) < 0.03


def test_a_seed_decides_the_parameters():
    weights, same = make().get_weights(), make().get_weights()
    other = Generator(7, 3, 4, stddev=0.8, seed=4).get_weights()
    assert all((a == b).all() for a, b in zip(weights, same, strict=True))
    assert not any((a == b).any() for a, b in zip(weights, other, strict=True))


def test_mask_counts_tokens_up_to_the_first_end():
    tokens = np.array([[3, 2, 0, 0], [3, 4, 5, 6], [2, 2, 0, 2], [3, 3, 3, 2]])
    expected = [[1, 1, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0], [1, 1, 1, 1]]
    np.testing.assert_array_equal(make(start_token=1, end_token=2).mask(tokens), expected)
    np.testing.assert_array_equal(make().mask(tokens), np.ones([4, 4]))


def test_with_an_end_token_padding_and_start_are_never_predicted():
    generator = make(start_token=1, end_token=2)
    probabilities = tf.nn.softmax(generator(TOKENS)).numpy()
    assert probabilities[:, :, :2].max() == 0.0 and probabilities[:, :, 2:].min() > 0.0
    logits, _ = generator.stepper(2.0)(TOKENS[:, 0], generator.initial_state(5, 6), 0)
    assert tf.nn.softmax(logits).numpy()[:, :2].max() == 0.0


def test_in_mixed_precision_weights_and_logits_stay_float32_and_all_ways_agree():
    plain, mixed = make(end_token=2, start_token=1), make(end_token=2, start_token=1, dtype="mixed_bfloat16")
    logits, states = mixed(TOKENS), mixed.states(TOKENS)
    assert logits.dtype == tf.float32 and states[0].dtype == tf.bfloat16
    assert {weight.dtype for weight in mixed.trainable_weights} == {"float32"}
    known = [3, 4, 5, 6, 2]  # the others are never predicted
    expected = plain(TOKENS).numpy()[..., known]
    assert 0 < np.abs(logits.numpy()[..., known] - expected).max() < 0.05
    step, state, inputs = mixed.stepper(), mixed.initial_state(5, 6), mixed.inputs_of(TOKENS)
    for t in range(6):
        predicted, state = step(inputs[:, t], state, t)
        assert predicted.dtype == tf.float32
        np.testing.assert_allclose(predicted, logits[:, t], rtol=1e-2, atol=0.02)


def test_the_unknown_token_is_read_but_neither_predicted_nor_counted():
    plain, generator = make(start_token=1, end_token=2), make(start_token=1, end_token=2, unknown_token=3)
    tokens = np.array([[4, 3, 5, 2, 0, 0], [3, 6, 4, 5, 6, 4]], np.int32)
    probabilities = tf.nn.softmax(generator(tokens)).numpy()
    assert (probabilities[..., [0, 1, 3]] == 0).all()
    # The distribution is that of a generator that knows the token, without it and scaled up again.
    others = tf.nn.softmax(plain(tokens)).numpy() * (np.arange(7) != 3)
    np.testing.assert_allclose(probabilities, others / others.sum(-1, keepdims=True), rtol=1e-5)
    np.testing.assert_array_equal(generator.mask(tokens), [[1, 0, 1, 1, 0, 0], [0, 1, 1, 1, 1, 1]])
    np.testing.assert_array_equal(plain.mask(tokens), [[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]])
    sampled = sample_sequences(generator, 500, 6, 0).numpy()
    assert not np.isin(sampled[:, 0], [0, 1, 3]).any() and not np.isin(sampled, [1, 3]).any()
    assert (sample_sequences(plain, 500, 6, 0).numpy() == 3).any()


def test_the_graph_does_not_grow_with_the_length():
    generator = make()
    sizes = []
    for length in (5, 50):
        graph = generator.states.get_concrete_function(tf.TensorSpec([4, length], tf.int32)).graph
        sizes.append(len(graph.get_operations()))
    assert sizes[0] == sizes[1]
