"""Losses as pure functions of tensors. All logarithms are natural."""

import tensorflow as tf


def token_nll(logits, tokens):
    """-log G(y_t | Y_1:t-1) of each token.

    Args:
      logits: [B, T, V].
      tokens: [B, T] int32.

    Returns:
      [B, T] float32, nats.
    """
    flat = tf.reshape(logits, [-1, logits.shape[-1]])
    return tf.reshape(_cross_entropy(flat, tf.reshape(tokens, [-1])), tf.shape(tokens))


@tf.custom_gradient
def _cross_entropy(logits, labels):
    """Cross entropy [M] of logits [M, V] and labels [M], with few passes over [M, V], which is all that costs."""
    labels = labels[:, None]

    def weigh(shift):
        weights = tf.exp(logits if shift is None else logits - shift)
        return weights, tf.reduce_sum(weights, -1, keepdims=True)

    # The largest logit is subtracted, which is two passes, only where the plain sum leaves float32's range.
    weights, total = weigh(None)
    largest = tf.zeros_like(total)
    in_range = tf.reduce_all(tf.math.is_finite(total) & (total > 1e-20))

    def shifted():
        largest = tf.reduce_max(logits, -1, keepdims=True)
        return *weigh(largest), largest

    weights, total, largest = tf.cond(in_range, lambda: (weights, total, largest), shifted)
    nll = largest + tf.math.log(total) - tf.gather(logits, labels, batch_dims=1)

    def gradient(upstream):  # (softmax(logits) - one_hot(labels)) * upstream
        softmax = weights * (upstream[:, None] / total)
        rows = tf.range(tf.shape(labels)[0])[:, None]
        return tf.tensor_scatter_nd_sub(softmax, tf.concat([rows, labels], 1), upstream), None

    return nll[:, 0], gradient


def policy_gradient_loss(nll, action_values):
    """-sum_{b,t} log G(y_t | Y_1:t-1) Q(y_t; Y_1:t-1): its gradient is the negative of Eq. 7, summed over the batch.

    Args:
      nll: [B, T], `token_nll` of sequences sampled from G.
      action_values: Q [B, T]; no gradient flows into it.

    Returns:
      [] float32. The sum over B and T, without a baseline, as in the authors' code.
    """
    return tf.reduce_sum(nll * tf.stop_gradient(action_values))


def discriminator_loss(logits, labels):
    """Mean cross entropy, -E_data[log D] - E_G[log(1 - D)] (Eq. 5) up to the factor 1/2.

    Args:
      logits: [B, 2]; class 1 is "real".
      labels: [B] int32, 1 for real sequences, 0 for generated ones.

    Returns:
      [] float32, nats per sequence.
    """
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
