"""Negative log-likelihood of sequences under a model."""

import numpy as np

SLICE = 128  # sequences scored at once: bounds the [slice, T, V] logits


def nll(score, tokens):
    """Mean -log P(y_t | Y_1:t-1) over all tokens [S, T] of one or more sequences, those behind an end left out.

    With the oracle's scores and generated tokens this is nll_oracle (the paper's NLL_oracle, per token); with the
    generator's scores nll_test on held-out real tokens and the entropy on the generator's own. `score` is a function
    of tokens [M, T] that returns their NLL and their mask, 0 behind the end, both [M, T].
    """
    total = count = 0.0
    for start in range(0, len(tokens), SLICE):
        token_nll, mask = score(tokens[start : start + SLICE])
        total += np.sum(token_nll * mask, dtype=np.float64)
        count += np.sum(mask, dtype=np.float64)
    return float(total / count)
