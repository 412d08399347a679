import dataclasses

import numpy as np
import pytest

from seqgan_tf.config import PRESETS
from seqgan_tf.models import Discriminator, Generator, Oracle
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.tasks.evaluation import evaluate, evaluate_discriminator, real_probability
from seqgan_tf.tasks.oracle import OracleTask

D_METRICS = {"d_auc_train", "d_auc_heldout", "d_accuracy_train", "d_accuracy_heldout"}


def test_discriminator_metrics_tell_training_from_heldout_data():
    discriminator = Discriminator(9, 4, (1,), (4,))
    train = np.full([20, 5], 3, np.int32)
    generated, heldout = (np.full([30, 5], 4, np.int32) for _ in range(2))
    logits = discriminator(np.array([[3] * 5, [4] * 5], np.int32)).numpy()
    metrics, scores = evaluate_discriminator(discriminator, train, heldout, generated)
    above = logits[0, 1] - logits[0, 0] > logits[1, 1] - logits[1, 0]
    assert metrics["d_auc_train"] == float(above)
    assert metrics["d_auc_heldout"] == 0.5
    assert metrics["d_accuracy_heldout"] == 0.5
    assert set(metrics) == D_METRICS
    real = 1 / (1 + np.exp(logits[:, 0] - logits[:, 1]))  # softmax's second class, of [3] * 5 and [4] * 5
    for name, expected in {"train": [real[0]] * 20, "heldout": [real[1]] * 30, "generated": [real[1]] * 30}.items():
        np.testing.assert_allclose(scores[name], expected, rtol=1e-5)


def test_probabilities_do_not_depend_on_how_many_are_asked_for_at_once():
    discriminator = Discriminator(9, 4, (1, 2), (4, 4))
    tokens = np.random.default_rng(0).integers(0, 9, [23, 5]).astype(np.int32)
    whole = real_probability(discriminator, tokens)
    assert whole.shape == (23,) and whole.dtype == np.float32
    np.testing.assert_allclose(real_probability(discriminator, tokens, rows=7), whole, rtol=1e-6)


@pytest.mark.parametrize("phase", ["mle", "discriminator", "adversarial"])
@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_each_phase_has_the_metrics_of_what_changes_in_it(phase, temperature):
    config = dataclasses.replace(PRESETS["smoke"], eval_samples=30, temperature=temperature)
    task = OracleTask(Oracle.from_seed(1, 50, 4, 4), config.max_length, 40, 40, seed=3)
    generator, discriminator = Generator(50, 4, 4, stddev=1.0), Discriminator(50, 4, (1, 2), (4, 4))
    metrics, generated, scores = evaluate(phase, task, generator, discriminator, config, [1, 2])
    np.testing.assert_array_equal(generated, sample_sequences(generator, 30, 6, [1, 2], temperature))
    of_generator = task.evaluate(generator, generated, temperature)
    fresh = sample_sequences(generator, 30, 6, [1, 2])  # D is asked about samples like those it is trained on
    of_d, expected_scores = evaluate_discriminator(discriminator, task.train[:30], task.heldout[:30], fresh)
    expected = {"mle": of_generator, "discriminator": of_d, "adversarial": of_generator | of_d}[phase]
    assert metrics == expected
    assert scores.keys() == ({} if phase == "mle" else expected_scores).keys()
    if scores:
        np.testing.assert_array_equal(scores["generated"], expected_scores["generated"])


def test_without_a_discriminator_there_are_no_metrics_of_it():
    config = dataclasses.replace(PRESETS["smoke"], eval_samples=30)
    task = OracleTask(Oracle.from_seed(1, 50, 4, 4), config.max_length, 40, 40, seed=3)
    metrics, _, scores = evaluate("adversarial", task, Generator(50, 4, 4), None, config, [1, 2])
    assert not D_METRICS & metrics.keys() and scores == {}
