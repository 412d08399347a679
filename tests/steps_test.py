"""One step of each kind against NumPy: gradient, clipping and the first update of Adam."""

import keras
import numpy as np
import pytest
import reference
import tensorflow as tf

from seqgan_tf import steps
from seqgan_tf.models import Discriminator, Generator, TokenDiscriminator
from seqgan_tf.objectives import OBJECTIVES
from seqgan_tf.sampling import sample_categorical

TOKENS = np.array([[2, 1, 4], [0, 3, 3]], np.int32)
BUILT_IN = [name for name, entry in OBJECTIVES.items() if entry.__module__ == "seqgan_tf.objectives"]
LEARNING_RATE, EPSILON = 0.01, 1e-8


def generator_and_optimizer():
    generator = Generator(5, embedding_dim=2, hidden_dim=3, stddev=0.5, seed=3)
    return generator, adam(generator)


def adam(model):
    optimizer = keras.optimizers.Adam(LEARNING_RATE, epsilon=EPSILON)
    optimizer.build(model.trainable_variables)
    return optimizer


def after_adam(weights, gradients):
    """Adam's first step: both moments are the gradient's own, so each weight moves by almost the learning rate."""
    return [w - LEARNING_RATE * g / (np.abs(g) + EPSILON) for w, g in zip(weights, gradients, strict=True)]


def assert_moved(model, before, gradients):
    for weight, expected, gradient in zip(model.get_weights(), after_adam(before, gradients), gradients, strict=True):
        clear = np.abs(gradient) > 1e-4  # of smaller gradients float32 does not know the sign
        assert clear.any()
        np.testing.assert_allclose(weight[clear], expected[clear], rtol=1e-3, atol=1e-5)


def test_mle_step():
    generator, optimizer = generator_and_optimizer()
    before = [weight.astype(np.float64) for weight in generator.get_weights()]

    def loss(weights):
        return reference.token_nll(reference.lstm_logits(weights, TOKENS), TOKENS).mean()

    values = steps.mle_step(generator, optimizer, tf.constant(TOKENS), 5.0)
    assert values["nll_train"].numpy() == pytest.approx(loss(before), rel=1e-5)
    assert_moved(generator, before, reference.gradients(loss, before))


def test_mle_step_with_a_penalty():
    generator, optimizer = generator_and_optimizer()
    before = [weight.astype(np.float64) for weight in generator.get_weights()]

    def loss(weights):
        nll = reference.token_nll(reference.lstm_logits(weights, TOKENS), TOKENS).mean()
        return nll + 0.3 * sum((weight**2).sum() for weight in weights)

    values = steps.mle_step(generator, optimizer, tf.constant(TOKENS), 5.0, l2=0.3)
    nll = reference.token_nll(reference.lstm_logits(before, TOKENS), TOKENS).mean()
    assert values["nll_train"].numpy() == pytest.approx(nll, rel=1e-5)  # without the penalty
    assert_moved(generator, before, reference.gradients(loss, before))


def test_mle_step_with_teachers_imitates_the_mean_of_their_probabilities():
    generator, optimizer = generator_and_optimizer()
    before = [weight.astype(np.float64) for weight in generator.get_weights()]
    teachers = tuple(Generator(5, 4, 4, stddev=1.0, seed=seed) for seed in (1, 2))
    logits = [reference.lstm_logits(teacher.get_weights(), TOKENS) for teacher in teachers]
    probabilities = np.mean([np.exp(reference.log_softmax(each)) for each in logits], 0)

    def loss(weights):
        log_probs = reference.log_softmax(reference.lstm_logits(weights, TOKENS))
        return -(probabilities * log_probs).sum(-1).mean()

    values = steps.mle_step(generator, optimizer, tf.constant(TOKENS), 5.0, teachers=teachers)
    assert values["distillation_loss"].numpy() == pytest.approx(loss(before), rel=1e-5)
    assert_moved(generator, before, reference.gradients(loss, before))


def test_variational_dropout_drops_the_same_features_at_all_positions():
    generator, seed = Generator(5, 2, 3, stddev=0.5, seed=3), tf.constant([0, 7])
    noise = np.repeat(generator.noise(2, 1, seed).numpy(), 3, axis=1)
    logits = generator(tf.constant(TOKENS), dropout=0.5, noise=tf.constant(noise))
    expected = reference.token_nll(logits.numpy(), TOKENS).mean()
    step = {"clip_norm": 5.0, "dropout": 0.5, "seed": seed, "variational": True}
    values = steps.mle_step(generator, adam(generator), tf.constant(TOKENS), **step)
    assert values["nll_train"].numpy() == pytest.approx(expected, rel=1e-5)


def test_policy_gradient_step_with_the_values_of_every_action_is_an_exact_expectation():
    generator, optimizer = generator_and_optimizer()
    before = [weight.astype(np.float64) for weight in generator.get_weights()]
    values = np.random.default_rng(0).standard_normal([2, 3, 5]).astype(np.float32)

    def loss(weights):
        return -(np.exp(reference.log_softmax(reference.lstm_logits(weights, TOKENS))) * values).sum()

    figures = steps.policy_gradient_step(generator, optimizer, tf.constant(TOKENS), tf.constant(values), 5.0)
    assert figures["pg_loss"].numpy() == pytest.approx(loss(before), rel=1e-4)
    sampled = np.take_along_axis(values, TOKENS[..., None], -1)
    assert figures["mean_reward"].numpy() == pytest.approx(sampled.mean(), rel=1e-5)
    assert_moved(generator, before, reference.gradients(loss, before))


def test_policy_gradient_step():
    generator, optimizer = generator_and_optimizer()
    before = [weight.astype(np.float64) for weight in generator.get_weights()]
    values = np.array([[0.2, 0.5, 0.9], [0.1, 0.0, 0.3]], np.float32)

    def loss(weights):
        return (reference.token_nll(reference.lstm_logits(weights, TOKENS), TOKENS) * values).sum()

    figures = steps.policy_gradient_step(generator, optimizer, tf.constant(TOKENS), tf.constant(values), 5.0)
    assert figures["pg_loss"].numpy() == pytest.approx(loss(before), rel=1e-5)
    assert figures["mean_reward"].numpy() == pytest.approx(values.mean())
    assert_moved(generator, before, reference.gradients(loss, before))


def test_policy_gradient_step_with_the_baseline_of_the_batch():
    generator, optimizer = generator_and_optimizer()
    before = [weight.astype(np.float64) for weight in generator.get_weights()]
    values = np.array([[0.2, 0.5, 0.9], [0.1, 0.0, 0.3]], np.float32)

    def loss(weights):
        nll = reference.token_nll(reference.lstm_logits(weights, TOKENS), TOKENS)
        return (nll * (values - values.mean())).sum()

    figures = steps.policy_gradient_step(
        generator,
        optimizer,
        tf.constant(TOKENS),
        tf.constant(values),
        5.0,
        objective=OBJECTIVES["reinforce_batch_baseline"],
    )
    assert figures["pg_loss"].numpy() == pytest.approx(loss(before), rel=1e-4)
    assert figures["mean_reward"].numpy() == pytest.approx(values.mean())
    assert_moved(generator, before, reference.gradients(loss, before))


@pytest.mark.parametrize("name", BUILT_IN)
def test_policy_gradient_step_gives_an_objective_what_it_asks_for(name):
    """Statistics and entropy are those of NumPy, over tokens up to the end."""
    generator = Generator(5, 2, 3, start_token=1, end_token=2, stddev=0.5, seed=3)
    tokens = tf.constant([[3, 2, 0], [4, 3, 4]])
    mask = np.array([[1, 1, 0], [1, 1, 1]], bool)
    values = np.array([[0.2, 0.5, 0.0], [0.1, 0.0, 0.3]], np.float32)
    log_probs = reference.log_softmax(np.float64(generator(tokens)))
    seen = {}

    def objective(**tensors):
        seen.update(tensors)
        return OBJECTIVES[name](**tensors)

    objective.entropy = True
    steps.policy_gradient_step.python_function(
        generator,
        adam(generator),
        tokens,
        tf.constant(values),
        5.0,
        objective=objective,
        moving_mean=tf.constant(0.4),
    )
    mean, deviation, moving_mean = (number.numpy() for number in seen["statistics"])
    assert (mean, deviation) == pytest.approx((values[mask].mean(), values[mask].std()), rel=1e-5)
    assert moving_mean == np.float32(0.4)
    entropy = -(np.exp(log_probs) * log_probs).sum(-1)
    np.testing.assert_allclose(seen["entropy"].numpy()[mask], entropy[mask], rtol=1e-4)
    taken = np.take_along_axis(log_probs, tokens.numpy()[..., None], -1)[..., 0]
    for key in ("log_probs", "old_log_probs"):
        np.testing.assert_allclose(seen[key].numpy()[mask], taken[mask], rtol=1e-4)


@pytest.mark.parametrize("name", BUILT_IN)
def test_policy_gradient_step_makes_better_tokens_more_probable_with_every_objective(name):
    generator, optimizer = generator_and_optimizer()
    tokens, values = tf.constant([[1], [3]]), tf.constant([[1.0], [0.0]])
    before = tf.nn.softmax(generator(tokens))[0, 0].numpy()
    old_log_probs = steps.token_log_probs(generator, tokens)
    np.testing.assert_allclose(old_log_probs[:, 0], np.log(before[[1, 3]]), rtol=1e-5)
    for _ in range(5):
        figures = steps.policy_gradient_step(
            generator,
            optimizer,
            tokens,
            values,
            5.0,
            objective=OBJECTIVES[name],
            old_log_probs=old_log_probs,
        )
    after = tf.nn.softmax(generator(tokens))[0, 0].numpy()
    assert np.isfinite(figures["pg_loss"]) and figures["mean_reward"] == 0.5
    assert np.argmax(after - before) == 1 and after[1] > before[1] + 0.01


def test_mle_step_with_dropout_is_that_of_the_masked_network():
    generator, optimizer = generator_and_optimizer()
    seed = tf.constant([3, -4])
    noise = generator.noise(2, 3, seed).numpy()
    assert noise.shape == (2, 3, 5) and noise.min() >= 0.0 and noise.max() < 1.0
    kept = (noise >= 0.4) / 0.6
    embedding, output = generator.embedding, generator.output_layer
    embedded = embedding(generator.inputs_of(tf.constant(TOKENS))) * kept[..., :2].astype(np.float32)
    hidden = generator.cell(embedded).numpy() * kept[..., 2:]
    expected = reference.token_nll(hidden @ output.kernel.numpy() + output.bias.numpy(), TOKENS).mean()
    values = steps.mle_step(generator, optimizer, tf.constant(TOKENS), 5.0, 0.4, None, seed)
    assert values["nll_train"].numpy() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("truth", [1.0, 0.0, 0.5])
def test_mle_step_with_scheduled_sampling_reads_other_tokens_and_predicts_the_true_ones(truth):
    generator, optimizer = generator_and_optimizer()
    seed = tf.constant([3, 4])
    coins = tf.random.stateless_uniform([2, 3, 3], seed + 1).numpy()
    read, state = np.zeros_like(TOKENS), generator.initial_state(2, 3)
    previous, step = tf.zeros([2], tf.int32), generator.stepper()
    for t in range(3):
        logits, state = step(previous, state, t)
        drawn = sample_categorical(logits, tf.constant(coins[:, t, 1:])).numpy()
        read[:, t] = np.where(coins[:, t, 0] < truth, TOKENS[:, t], drawn)
        previous = tf.constant(read[:, t])
    expected = reference.token_nll(reference.lstm_logits(generator.get_weights(), read), TOKENS).mean()
    assert truth < 1 or (read == TOKENS).all()
    values = steps.mle_step(generator, optimizer, tf.constant(TOKENS), 5.0, 0.0, tf.constant(truth), seed)
    assert values["nll_train"].numpy() == pytest.approx(expected, rel=1e-5)


def test_what_stands_behind_the_end_changes_nothing():
    after = []
    for padding in (0, 3):  # whatever stands there, even if no sampler writes it
        generator = Generator(5, 2, 3, start_token=1, end_token=2, stddev=0.5, seed=3)
        tokens = tf.constant([[3, 2, padding, padding], [4, 3, 4, 2]])
        optimizer = adam(generator)
        nll = reference.token_nll(generator(tokens).numpy(), tokens.numpy())
        expected = (nll[0, :2].sum() + nll[1].sum()) / 6  # six tokens count
        figures = steps.mle_step(generator, optimizer, tokens, 5.0)
        assert figures["nll_train"].numpy() == pytest.approx(expected, rel=1e-5)
        values = tf.constant([[0.5, 0.2, 0.0, 0.0], [0.1, 0.9, 0.4, 0.3]])
        steps.policy_gradient_step(generator, optimizer, tokens, values, 5.0)
        after.append(generator.get_weights())
    for a, b in zip(*after, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_rewarded_token_becomes_more_probable():
    generator, optimizer = generator_and_optimizer()
    tokens = tf.constant([[1], [3]])
    before = tf.nn.softmax(generator(tokens))[0, 0].numpy()
    for _ in range(5):
        steps.policy_gradient_step(generator, optimizer, tokens, tf.constant([[1.0], [0.0]]), 5.0)
    after = tf.nn.softmax(generator(tokens))[0, 0].numpy()
    assert np.argmax(after - before) == 1 and after[1] > before[1] + 0.01


@pytest.mark.parametrize("clip_norm", [0.05, 1e6])
def test_gradients_are_clipped_by_their_global_norm(clip_norm):
    generator = generator_and_optimizer()[0]
    before = [weight.astype(np.float64) for weight in generator.get_weights()]
    optimizer = keras.optimizers.SGD(1.0)
    optimizer.build(generator.trainable_variables)

    def loss(weights):
        return reference.token_nll(reference.lstm_logits(weights, TOKENS), TOKENS).mean()

    gradients = reference.gradients(loss, before)
    norm = np.sqrt(sum((gradient**2).sum() for gradient in gradients))
    assert 0.05 < norm < 1e6
    steps.mle_step(generator, optimizer, tf.constant(TOKENS), clip_norm)
    for weight, old, gradient in zip(generator.get_weights(), before, gradients, strict=True):
        np.testing.assert_allclose(old - weight, gradient * min(1.0, clip_norm / norm), rtol=1e-3, atol=1e-6)


def test_discriminator_step():
    discriminator = Discriminator(5, 3, (1, 2), (4, 4), dropout=0.0, l2=3.0, seed=1)
    optimizer = keras.optimizers.SGD(1.0)
    optimizer.build(discriminator.trainable_variables)
    labels, seed = tf.constant([1, 0]), tf.constant([3, 4])
    kernel, bias = (weight.astype(np.float64) for weight in discriminator.output_layer.get_weights())
    logits = reference.discriminator_logits(discriminator, TOKENS)
    cross_entropy = -reference.log_softmax(logits)[[0, 1], [1, 0]].mean()
    values = steps.discriminator_step(discriminator, optimizer, tf.constant(TOKENS), labels, seed)
    assert values["d_loss"].numpy() == pytest.approx(cross_entropy, rel=1e-5)
    assert values["d_accuracy"].numpy() == (logits.argmax(1) == [1, 0]).mean()
    # The bias's gradient by hand: softmax minus one-hot, averaged, and l2 * w, as ||w||^2 / 2 is penalised.
    softmax = np.exp(reference.log_softmax(logits))
    by_hand = (softmax - np.array([[0, 1], [1, 0]])).mean(0) + 3.0 * bias
    moved = bias - discriminator.output_layer.get_weights()[1]
    np.testing.assert_allclose(moved, by_hand, rtol=1e-4)
    # A kernel without a penalty would move by at most the features' size; with it by 3 w more.
    assert np.corrcoef((kernel - discriminator.output_layer.get_weights()[0]).ravel(), kernel.ravel())[0, 1] > 0.9


def test_discriminator_step_with_a_judgement_of_every_prefix():
    discriminator = TokenDiscriminator(5, 3, 4, dropout=0.0, l2=3.0, seed=1)
    optimizer = keras.optimizers.SGD(1.0)
    optimizer.build(discriminator.trainable_variables)
    bias, logits = discriminator.output_layer.get_weights()[1], discriminator(TOKENS).numpy().astype(np.float64)
    values = steps.discriminator_step(
        discriminator, optimizer, tf.constant(TOKENS), tf.constant([1, 0]), tf.constant([3, 4])
    )
    log_softmax = reference.log_softmax(logits)  # [2, 3, 2]
    assert values["d_loss"].numpy() == pytest.approx(
        -(log_softmax[0, :, 1] + log_softmax[1, :, 0]).mean() / 2, rel=1e-5
    )
    assert values["d_accuracy"].numpy() == pytest.approx((logits.argmax(2) == [[1], [0]]).mean())
    residual = np.exp(log_softmax) - np.array([[[0, 1]], [[1, 0]]])
    moved = bias - discriminator.output_layer.get_weights()[1]
    np.testing.assert_allclose(moved, residual.mean((0, 1)) + 3.0 * bias, rtol=1e-4)


def test_mediator_step_is_maximum_likelihood_on_all_sequences():
    (mediator, optimizer), (generator, other) = generator_and_optimizer(), generator_and_optimizer()
    tokens, seed = tf.constant(TOKENS), tf.constant([3, 4])
    metrics = steps.mediator_step(mediator, optimizer, tokens, tf.constant([1, 0]), seed, dropout=0.5)
    expected = steps.mle_step(generator, other, tokens, None, 0.5, None, seed)
    assert metrics["mediator_nll"] == expected["nll_train"]
    for weight, same in zip(mediator.get_weights(), generator.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, same)
