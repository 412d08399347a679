import numpy as np
import pytest
import reference

from seqgan_tf.models import Generator, Oracle
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.tasks.task import nll_under, token_nll_of

ORACLE = Oracle.from_seed(1, vocab_size=9, embedding_dim=3, hidden_dim=4)
GENERATOR = Generator(9, 3, 4, seed=2, stddev=0.5)


@pytest.mark.parametrize("model", [ORACLE, GENERATOR], ids=["oracle", "generator"])
@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_likelihoods_equal_the_numpy_reference(model, temperature):
    tokens = sample_sequences(ORACLE, 150, 5, seed=1).numpy()
    expected = reference.token_nll(reference.lstm_logits(model.get_weights(), tokens) / temperature, tokens)
    np.testing.assert_allclose(nll_under(model, tokens, temperature), expected.mean(), rtol=1e-5)
    found, mask = token_nll_of(model, tokens, temperature)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)
    np.testing.assert_array_equal(mask, np.ones([150, 5]))
