import numpy as np
import reference

from seqgan_tf.models import Discriminator, Generator, Oracle
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.tasks.likelihood import _uniform_tokens, evaluate_discriminator, evaluate_generator, yardsticks

ORACLE = Oracle.from_seed(1, vocab_size=9, embedding_dim=3, hidden_dim=4)
GENERATOR = Generator(9, 3, 4, seed=2, stddev=0.5)


def numpy_nll(model, tokens):
    return reference.token_nll(reference.lstm_logits(model.get_weights(), tokens), tokens).mean()


def test_generator_figures_equal_the_numpy_reference_each_with_its_own_model_and_data():
    generated = sample_sequences(GENERATOR, 150, 5, seed=1).numpy()
    heldout = sample_sequences(ORACLE, 140, 5, seed=2).numpy()
    figures = evaluate_generator(GENERATOR, ORACLE, generated, heldout)
    assert list(figures) == ["nll_oracle", "nll_test", "entropy"]
    np.testing.assert_allclose(figures["nll_oracle"], numpy_nll(ORACLE, generated), rtol=1e-5)
    np.testing.assert_allclose(figures["nll_test"], numpy_nll(GENERATOR, heldout), rtol=1e-5)
    np.testing.assert_allclose(figures["entropy"], numpy_nll(GENERATOR, generated), rtol=1e-5)


def test_yardsticks_are_those_of_real_and_of_uniform_tokens():
    heldout = sample_sequences(ORACLE, 2000, 3, seed=2).numpy()
    figures = yardsticks(ORACLE, heldout, np.int32([1, 2]))
    np.testing.assert_allclose(figures["nll_oracle_real"], numpy_nll(ORACLE, heldout), rtol=1e-5)
    sequences, _ = reference.all_sequence_probabilities(ORACLE.get_weights(), 9, 3)
    assert abs(figures["nll_oracle_random"] - numpy_nll(ORACLE, sequences)) < 0.1


def test_discriminator_figures_tell_training_from_heldout_data():
    discriminator = Discriminator(9, 4, (1,), (4,))
    train = np.full([20, 5], 3, np.int32)
    generated, heldout = (np.full([30, 5], 4, np.int32) for _ in range(2))
    logits = discriminator(np.array([[3] * 5, [4] * 5], np.int32)).numpy()
    figures, scores = evaluate_discriminator(discriminator, train, heldout, generated)
    above = logits[0, 1] - logits[0, 0] > logits[1, 1] - logits[1, 0]
    assert figures["d_auc_train"] == float(above)
    assert figures["d_auc_heldout"] == 0.5
    assert figures["d_accuracy_heldout"] == 0.5
    assert set(figures) == {"d_auc_train", "d_auc_heldout", "d_accuracy_train", "d_accuracy_heldout"}
    real = 1 / (1 + np.exp(logits[:, 0] - logits[:, 1]))  # softmax's second class, of [3] * 5 and [4] * 5
    for name, expected in {"train": [real[0]] * 20, "heldout": [real[1]] * 30, "generated": [real[1]] * 30}.items():
        np.testing.assert_allclose(scores[name], expected, rtol=1e-5)


def test_uniform_tokens_hold_each_id_equally_often_at_each_place():
    tokens = _uniform_tokens(7, 4, np.int32([1, 2]), least=30).numpy()
    assert tokens.shape == (35, 4)
    for place in tokens.T:
        assert np.bincount(place).tolist() == [5] * 7
    assert len({tuple(place) for place in tokens.T}) == 4  # places are shuffled by themselves
