"""Training data as tf.data: batches whose order is a function of (seed, epoch), so that any batch can be resumed."""

import numpy as np
import tensorflow as tf


def batches(tokens, batch_size, seed, start=0):
    """One epoch of shuffled batches; the last partial batch is dropped.

    Args:
      tokens: [S, T] int32, an array or a file that is indexed like one (corpus.IdFile).
      batch_size: B.
      seed: [2] int32; decides the order.
      start: number of batches to leave out at the beginning, for a resumed epoch.

    Returns:
      tf.data.Dataset of [B, T] int32.
    """
    return _order(len(tokens), batch_size, seed, start).map(lambda index: _rows(tokens, index)).prefetch(2)


def labelled_batches(real, generated, batch_size, seed, start=0):
    """Like `batches`, of real sequences (label 1) and generated ones (label 0), mixed: ([B, T], [B]) int32."""
    order = _order(len(real) + len(generated), batch_size, seed, start)
    tokens = np.concatenate([real, generated])
    return order.map(lambda index: (_rows(tokens, index), tf.cast(index < len(real), tf.int32))).prefetch(2)


def labelled_epochs(real, generated, batch_size, seeds, start=0):
    """Several epochs of `labelled_batches`, one after the other, each ordered by a seed of its own.

    The first `start` batches, of all epochs together, are left out.
    """
    size = num_batches(len(real) + len(generated), batch_size)
    for epoch, seed in enumerate(seeds):
        if start < (epoch + 1) * size:
            yield from labelled_batches(real, generated, batch_size, seed, max(0, start - epoch * size))


def subset(tokens, size, seed):
    """size of the sequences [S, T], drawn without replacement by seed [2] int32; all, in order, where size is S."""
    if size == len(tokens):
        return tokens[:]
    index = tf.random.experimental.index_shuffle(tf.range(size), seed, len(tokens) - 1)
    return tokens[np.sort(index)]


def _rows(tokens, index):
    batch = tf.numpy_function(lambda index: tokens[index], [index], tf.int32)
    return tf.ensure_shape(batch, [index.shape[0], tokens.shape[1]])


def num_batches(num_sequences, batch_size):
    """Whole batches in an epoch."""
    return num_sequences // batch_size


def _order(size, batch_size, seed, start):
    """Dataset of [B] int32: positions of the sequences of each batch, from a permutation computed in place."""

    def positions(step):
        return tf.random.experimental.index_shuffle(step * batch_size + tf.range(batch_size), seed, size - 1)

    return tf.data.Dataset.range(start, num_batches(size, batch_size), output_type=tf.int32).map(positions)
