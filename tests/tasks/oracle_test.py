import numpy as np
import reference

from seqgan_tf.models import Generator, Oracle
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.tasks.oracle import OracleTask, uniform_tokens

ORACLE = Oracle.from_seed(1, vocab_size=9, embedding_dim=3, hidden_dim=4)
GENERATOR = Generator(9, 3, 4, seed=2, stddev=0.5)
NLL = ["nll_oracle", "nll_test", "entropy", "nll_valid"]


def numpy_nll(model, tokens, temperature=1.0):
    return reference.token_nll(reference.lstm_logits(model.get_weights(), tokens) / temperature, tokens).mean()


def test_sequences_are_decided_by_the_seed_and_held_out_ones_are_others():
    oracle = Oracle.from_seed(1, 30, 4, 4)
    task, same, other = (OracleTask(oracle, 6, 50, 40, seed) for seed in (1, 1, 2))
    assert task.train.shape == (50, 6) and task.heldout.shape == task.valid.shape == (40, 6)
    np.testing.assert_array_equal(task.train, same.train)
    assert not np.array_equal(task.train, other.train) and not np.array_equal(task.train[:40], task.heldout)
    assert not np.array_equal(task.valid, task.heldout)
    metrics = task.evaluate(Generator(30, 4, 4), task.heldout, temperature=1.0)
    assert metrics["nll_oracle"] == metrics["nll_oracle_real"]
    assert task.files([[1, 2], [3, 4]]) == {".txt": b"1 2\n3 4\n"}
    assert len(task.vocabulary) == 30 and not task.vocabulary.is_text


def test_likelihoods_equal_the_numpy_reference_each_with_its_own_model_and_data():
    task = OracleTask(ORACLE, length=5, train_size=20, heldout_size=140, seed=3)
    generated = sample_sequences(GENERATOR, 150, 5, seed=1).numpy()
    for temperature in (1.0, 0.5):  # of the oracle's likelihood it is no part
        metrics = task.evaluate(GENERATOR, generated, temperature)
        assert [name for name in metrics if not name.startswith("nll_oracle_")][:4] == NLL
        expected = {
            "nll_oracle": numpy_nll(ORACLE, generated),
            "nll_test": numpy_nll(GENERATOR, task.heldout, temperature),
            "nll_valid": numpy_nll(GENERATOR, task.valid, temperature),
            "entropy": numpy_nll(GENERATOR, generated, temperature),
        }
        np.testing.assert_allclose([metrics[name] for name in NLL], [expected[name] for name in NLL], rtol=1e-5)
        tradeoff = task.tradeoff(GENERATOR, generated, temperature)
        assert list(tradeoff) == ["nll_oracle", "nll_test", "entropy", "frechet", "commonest_token"]
        assert all(tradeoff[name] == metrics[name] for name in ("nll_oracle", "nll_test", "entropy"))


def test_a_collapse_shows_in_the_states_of_the_oracle_and_in_the_commonest_token():
    task = OracleTask(ORACLE, length=5, train_size=20, heldout_size=300, seed=3)
    real = task.tradeoff(GENERATOR, task.valid, 1.0)
    collapsed = task.tradeoff(GENERATOR, np.repeat(task.valid[:1], 300, axis=0), 1.0)
    assert 10 * real["frechet"] < collapsed["frechet"]
    counts = np.bincount(task.valid.ravel())
    assert real["commonest_token"] == counts.max() / counts.sum() < collapsed["commonest_token"]


def test_yardsticks_are_those_of_real_and_of_uniform_tokens():
    task = OracleTask(ORACLE, length=3, train_size=20, heldout_size=2000, seed=3)
    metrics = task.evaluate(GENERATOR, task.heldout[:20], temperature=0.7)
    np.testing.assert_allclose(metrics["nll_oracle_real"], numpy_nll(ORACLE, task.heldout), rtol=1e-5)
    sequences, _ = reference.all_sequence_probabilities(ORACLE.get_weights(), 9, 3)
    assert abs(metrics["nll_oracle_random"] - numpy_nll(ORACLE, sequences)) < 0.1


def test_uniform_tokens_hold_each_id_equally_often_at_each_place():
    tokens = uniform_tokens(7, 4, np.int32([1, 2]), least=30).numpy()
    assert tokens.shape == (35, 4)
    for place in tokens.T:
        assert np.bincount(place).tolist() == [5] * 7
    assert len({tuple(place) for place in tokens.T}) == 4  # places are shuffled by themselves
