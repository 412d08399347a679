"""Methods of models that are compiled once for all batch sizes."""

import functools

import tensorflow as tf


def for_any_batch(method):
    """Compiles a method of tokens [B, T] once for all B, so that a resumed run computes the same numbers.

    Examples:
      >>> class Length(tf.Module):
      ...     @for_any_batch
      ...     def __call__(self, tokens):
      ...         print("compiling for", tokens.shape)
      ...         return tf.reduce_sum(tf.ones_like(tokens), 1)
      >>> length = Length()
      >>> length(tf.zeros([2, 3], tf.int32)).numpy(), length(tf.zeros([1, 3], tf.int32)).numpy()
      compiling for (None, 3)
      (array([3, 3], dtype=int32), array([3], dtype=int32))
    """
    compiled = tf.function(method, autograph=False)

    @functools.wraps(method)
    def call(self, tokens):
        any_size = tf.TensorSpec([None, tokens.shape[1]], tf.int32)
        return compiled.get_concrete_function(self, any_size)(self, tokens)

    return call
