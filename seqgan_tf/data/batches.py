"""Training data as tf.data: batches whose order is a function of (seed, epoch), so that any batch can be resumed."""

import numpy as np
import tensorflow as tf


def batches(tokens, batch_size, seed, start=0):
    """One epoch of shuffled batches [B, T] int32, without the last partial one, as a tf.data.Dataset.

    tokens: [S, T] int32, an array or a corpus.IdFile. seed: [2] int32; decides the order. start: number of batches to
    leave out at the beginning, for a resumed epoch.
    """
    return _order(len(tokens), batch_size, [seed], start).map(lambda index: _rows(tokens, index)).prefetch(2)


def labelled_batches(real, generated, batch_size, seeds, start=0):
    """Like `batches`, of real sequences (label 1) and generated ones (label 0), mixed: ([B, T], [B]) int32.

    An epoch for each of the seeds, one after the other; start counts the batches of all of them.
    """
    order = _order(len(real) + len(generated), batch_size, seeds, start)
    tokens = np.concatenate([real, generated])
    return order.map(lambda index: (_rows(tokens, index), tf.cast(index < len(real), tf.int32))).prefetch(2)


def _order(size, batch_size, seeds, start):
    """Dataset of [B] int32: positions of the sequences of each batch, from permutations computed in place."""
    steps, seeds = num_batches(size, batch_size), tf.stack(seeds)

    def positions(step):
        places = step % steps * batch_size + tf.range(batch_size)
        return tf.random.experimental.index_shuffle(places, seeds[step // steps], size - 1)

    return tf.data.Dataset.range(start, steps * len(seeds), output_type=tf.int32).map(positions)


def _rows(tokens, index):
    batch = tf.numpy_function(lambda index: tokens[index], [index], tf.int32)
    return tf.ensure_shape(batch, [index.shape[0], tokens.shape[1]])


def num_batches(num_sequences, batch_size):
    """Whole batches in an epoch."""
    return num_sequences // batch_size


def subset(tokens, size, seed):
    """size of the sequences [S, T], drawn without replacement by seed [2] int32; all, in order, where size is S."""
    if size == len(tokens):
        return tokens[:]
    index = tf.random.experimental.index_shuffle(tf.range(size), seed, len(tokens) - 1)
    return tokens[np.sort(index)]
