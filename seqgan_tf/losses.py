"""Losses: pure functions of tensors, with natural logarithms."""

import tensorflow as tf

from seqgan_tf.models.kernels import cross_entropy


def token_nll(logits, tokens):
    """Returns the NLL of each token, -log G(y_t | Y_1:t-1), in nats.

    Args:
      logits: [B, T, V] float32; logits[:, t] predicts tokens[:, t].
      tokens: [B, T] int32.

    Returns:
      [B, T] float32: NLL of each token.

    Examples:
      >>> nll = token_nll(tf.zeros([1, 2, 4]), tf.constant([[0, 3]]))
      >>> nll.numpy().round(4)  # log 4
      array([[1.3863, 1.3863]], dtype=float32)
    """
    flat = tf.reshape(logits, [-1, logits.shape[-1]])
    return tf.reshape(cross_entropy(flat, tf.reshape(tokens, [-1])), tf.shape(tokens))


def cross_entropy_with(probabilities, logits):
    """Returns the cross entropy of predictions with given probabilities, -sum_y p(y|s) log G(y|s), in nats.

    Args:
      probabilities: [B, T, V] float32, p(y | Y_1:t-1).
      logits: [B, T, V] float32, of G.

    Returns:
      [B, T] float32: cross entropy at each position.

    Examples:
      >>> losses = cross_entropy_with(tf.constant([[[0.5, 0.5, 0.0]]]), tf.math.log([[[0.5, 0.25, 0.25]]]))
      >>> losses.numpy().round(4)  # (log 2 + log 4) / 2
      array([[1.0397]], dtype=float32)
    """
    return tf.nn.softmax_cross_entropy_with_logits(labels=probabilities, logits=logits)


def discriminator_loss(logits, labels):
    """Returns the mean cross entropy of the discriminator, in nats per sequence.

    With as many real sequences as generated ones it is 1/2 (-E_data[log D] - E_G[log(1 - D)]), half of Eq. 5.

    Args:
      logits: [B, 2] float32; [B, T, 2] of a discriminator that judges every prefix.
      labels: [B] or [B, T] int32, 1 for real and 0 for generated.

    Returns:
      [] float32: cross entropy.

    Examples:
      >>> loss = discriminator_loss(tf.zeros([2, 2]), tf.constant([1, 0]))
      >>> round(float(loss), 4)  # log 2, chance
      0.6931
    """
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
