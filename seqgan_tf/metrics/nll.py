"""Negative log-likelihood of sequences under a model."""

import numpy as np

SLICE = 128  # sequences scored at once; bounds the memory of the [SLICE, T, V] logits


def nll(score, tokens):
    """Returns the mean of -log P(y_t | Y_1:t-1) over the tokens of all sequences, in nats per token.

    It is nll_oracle with the oracle's score of generated sequences (the paper's NLL_oracle, per token), nll_test with
    the generator's score of held-out data, and entropy with the generator's score of its own samples.

    Args:
      score: function of tokens [M, T] that returns their NLL in nats and a mask, both [M, T]. The mask is 0 after the
        end of a sequence.
      tokens: [S, T] int32, at least one sequence.

    Returns:
      float: nats per token.

    Examples:
      >>> def uniform(tokens):  # over 4 tokens
      ...     return np.full(tokens.shape, np.log(4)), np.ones(tokens.shape)
      >>> round(nll(uniform, np.array([[0, 3], [1, 2]])), 4)
      1.3863
    """
    total = count = 0.0
    for start in range(0, len(tokens), SLICE):
        token_nll, mask = score(tokens[start : start + SLICE])
        total += np.sum(token_nll * mask, dtype=np.float64)
        count += np.sum(mask, dtype=np.float64)
    return float(total / count)
