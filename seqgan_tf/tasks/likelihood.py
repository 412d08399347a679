"""Likelihoods of sequences under a model."""

import tensorflow as tf

from seqgan_tf.losses import token_nll
from seqgan_tf.metrics.nll import nll


def token_nll_of(model, temperature=1.0):
    """What metrics.nll.nll takes: a function of tokens [M, T] that returns their token NLL and their mask."""

    def score(tokens):
        tokens = tf.constant(tokens, tf.int32)
        any_size = tf.TensorSpec([None, tokens.shape[1]], tf.int32)  # one trace for slices of any size
        return _token_nll.get_concrete_function(model, any_size, temperature)(model, tokens, temperature)

    return score


@tf.function(autograph=False)
def _token_nll(model, tokens, temperature):
    return token_nll(model(tokens) / temperature, tokens), model.mask(tokens)


def nll_under(model, tokens, temperature=1.0):
    """Mean NLL of sequences [S, T] under a model whose logits are divided by temperature, nats per token."""
    return nll(token_nll_of(model, temperature), tokens)
