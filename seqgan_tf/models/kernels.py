"""Dropout whose mask is given, so that it can be a function of a seed, whole or in shares of a batch."""

import tensorflow as tf


def drop(features, rate, noise):
    """Features of noise below the rate become 0, the others 1 / (1 - rate) times as large (Srivastava et al., 2014).

    Args:
      features: any shape, any float.
      rate: float in [0, 1).
      noise: the same shape, float32, uniform in [0, 1).
    """
    return tf.where(noise >= rate, features * (1 / (1 - rate)), tf.zeros_like(features))
