"""Early stopping of pre-training by the validation split, and the best generator until then."""

import numpy as np
import tensorflow as tf


class EarlyStopping(tf.Module):
    """Remembers the generator of the lowest nll_valid; saved with the model.

    Args:
      generator: models.Generator.
      evaluations: pre-training ends after so many without a lower nll_valid; with 0 it never ends early, and nothing
        is remembered.
    """

    def __init__(self, generator, evaluations):
        super().__init__()
        self._generator, self._evaluations = generator, evaluations
        if evaluations:
            self._best = [tf.Variable(weight.value, trainable=False) for weight in generator.trainable_weights]
            self._lowest = tf.Variable(np.inf, dtype=tf.float64, trainable=False)
            self._since = tf.Variable(0, trainable=False)  # evaluations since the lowest

    def note(self, nll_valid):
        """Takes the nll_valid of the generator as it is now."""
        if not self._evaluations:
            return
        self._since.assign_add(1)
        if nll_valid < self._lowest.numpy():
            self._lowest.assign(nll_valid)
            self._since.assign(0)
            for kept, weight in zip(self._best, self._generator.trainable_weights, strict=True):
                kept.assign(weight.value)

    def is_over(self):
        """Whether so many evaluations have brought nothing lower."""
        return bool(self._evaluations) and int(self._since.numpy()) >= self._evaluations

    def restore(self):
        """Makes the generator that of the lowest nll_valid."""
        if self._evaluations:
            for kept, weight in zip(self._best, self._generator.trainable_weights, strict=True):
                weight.assign(kept)
