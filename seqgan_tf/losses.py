"""Losses as pure functions of tensors. All logarithms are natural."""

import tensorflow as tf

from seqgan_tf.models.kernels import cross_entropy


def token_nll(logits, tokens):
    """-log G(y_t | Y_1:t-1) of each of tokens [B, T] int32 under logits [B, T, V]: [B, T] float32, nats.

    Example:
      >>> nll = token_nll(tf.zeros([1, 2, 4]), tf.constant([[0, 3]]))
      >>> [round(float(value), 4) for value in nll[0]]  # log 4
      [1.3863, 1.3863]
    """
    flat = tf.reshape(logits, [-1, logits.shape[-1]])
    return tf.reshape(cross_entropy(flat, tf.reshape(tokens, [-1])), tf.shape(tokens))


def discriminator_loss(logits, labels):
    """Mean cross entropy of logits [B, 2], labels [B], 1: real; 1/2 (-E_data[log D] - E_G[log(1 - D)]) of Eq. 5."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
