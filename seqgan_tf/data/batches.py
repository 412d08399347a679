"""Training batches as tf.data. Their order is a function of (seed, epoch), so training can resume at any batch."""

import numpy as np
import tensorflow as tf


def batches(tokens, batch_size, seed, start=0):
    """Returns one epoch of shuffled batches, without the last partial one.

    Args:
      tokens: [S, T] int32, an array or a corpus.IdFile.
      batch_size: B.
      seed: [2] int32, which decides the order.
      start: number of batches to skip, to resume an epoch.

    Returns:
      tf.data.Dataset of [B, T] int32.

    Examples:
      >>> tokens = np.array([[1, 1], [2, 2], [3, 3], [4, 4], [5, 5]], np.int32)
      >>> epoch = batches(tokens, batch_size=2, seed=tf.constant([0, 1]))
      >>> [batch.shape for batch in epoch]
      [TensorShape([2, 2]), TensorShape([2, 2])]
    """
    return _order(len(tokens), batch_size, [seed], start).map(lambda index: _rows(tokens, index)).prefetch(2)


def labelled_batches(real, generated, batch_size, seeds, start=0):
    """Returns shuffled batches that mix real sequences (label 1) and generated ones (label 0).

    Args:
      real: [R, T] int32.
      generated: [S, T] int32.
      batch_size: B.
      seeds: [2] int32 each, one per epoch; the epochs follow one another.
      start: number of batches to skip, counted over all epochs.

    Returns:
      tf.data.Dataset of tokens [B, T] and labels [B], int32.

    Examples:
      >>> real, generated = np.ones([2, 3], np.int32), np.zeros([2, 3], np.int32)
      >>> for tokens, labels in labelled_batches(real, generated, batch_size=4, seeds=[tf.constant([0, 1])]):
      ...     (tokens[:, 0] == labels).numpy()  # ones are real
      array([ True,  True,  True,  True])
    """
    order = _order(len(real) + len(generated), batch_size, seeds, start)
    tokens = np.concatenate([real, generated])
    return order.map(lambda index: (_rows(tokens, index), tf.cast(index < len(real), tf.int32))).prefetch(2)


def _order(size, batch_size, seeds, start):
    """Returns a Dataset of [B] int32, the rows of each batch. Permutations are computed, not stored."""
    steps, seeds = num_batches(size, batch_size), tf.stack(seeds)

    def positions(step):
        places = step % steps * batch_size + tf.range(batch_size)
        return tf.random.experimental.index_shuffle(places, seeds[step // steps], size - 1)

    return tf.data.Dataset.range(start, steps * len(seeds), output_type=tf.int32).map(positions)


def _rows(tokens, index):
    batch = tf.numpy_function(lambda index: tokens[index], [index], tf.int32)
    return tf.ensure_shape(batch, [index.shape[0], tokens.shape[1]])


def num_batches(num_sequences, batch_size):
    """Returns the number of whole batches in an epoch.

    Examples:
      >>> num_batches(num_sequences=10, batch_size=4)
      2
    """
    return num_sequences // batch_size


def subset(tokens, size, seed):
    """Returns `size` of the sequences [S, T], drawn without replacement by seed [2], in their original order.

    Examples:
      >>> subset(np.arange(12).reshape([6, 2]), size=2, seed=[0, 1]).shape
      (2, 2)
    """
    if size == len(tokens):
        return tokens[:]
    index = tf.random.experimental.index_shuffle(tf.range(size), seed, len(tokens) - 1)
    return tokens[np.sort(index)]
