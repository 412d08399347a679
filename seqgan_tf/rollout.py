"""Action values by Monte-Carlo search (paper, Eq. 4)."""

import tensorflow as tf

from seqgan_tf.distributed.replicas import gathered, num_replicas, on_replicas, replica_index
from seqgan_tf.sampling import as_seed, sample


def action_values(generator, tokens, reward, num_rollouts, seed, chunk_rows=608):
    """Q(a = y_t; s = Y_1:t-1) of every one of sampled tokens [B, T] int32 (paper, Eq. 4): [B, T] float32.

    For t < T the mean reward of N = num_rollouts completions of Y_1:t by G_beta, `generator`; for t = T the reward of
    Y_1:T itself. A sequence that has ended before T counts as one of that length; after its end Q is 0. Where the
    reward gives each token its own value, that is Q, and no roll-outs are drawn.

    Args:
      reward: function of tokens [M, T] that returns [M], or [M, T]. A reward in TensorFlow should be a tf.function:
        it is called inside one only with several replicas, which share the chunks.
      seed: int or [2] int32.
      chunk_rows: largest number of rows completed and rewarded at once, at least T - 1. Chunks have seeds of their
        own, so the bound changes which roll-outs are drawn.
    """
    if num_rollouts < 1 or chunk_rows < 1:
        raise ValueError(f"num_rollouts, chunk_rows are {num_rollouts}, {chunk_rows}; allowed is 1 or more.")
    tokens, seed = tf.cast(tokens, tf.int32), as_seed(seed)
    batch_size, length = tokens.shape
    final = tf.cast(reward(tokens), tf.float32)  # [B]: Q of the last token; or [B, T]: of each
    mask = generator.mask(tokens)
    if final.shape.rank == 2:
        return final * mask
    if length == 1:
        return final[:, None]
    lengths = tf.reduce_sum(mask, 1)  # [B]
    # Copy m of the N * B is a copy of sentence m mod B; a chunk of copies is rolled out from all their prefixes.
    num_copies = num_rollouts * batch_size
    chunk_copies = min(num_copies, max(1, chunk_rows // (length - 1)))
    states = generator.states(tokens)
    total = tf.zeros([batch_size * length])
    sum_up = _sums if num_replicas() == 1 else _sums_on_replicas  # the first calls the reward outside of graphs
    for first in range(0, -(-num_copies // chunk_copies), num_replicas()):
        sums = sum_up(generator, reward, tokens, lengths, states, tf.constant(first), num_copies, chunk_copies, seed)
        for chunk in sums:  # one by one: so the sum does not depend on the number of replicas
            total += chunk
    last = tf.one_hot(tf.cast(lengths, tf.int32) - 1, length)  # [B, T]
    return tf.reshape(total, [batch_size, length]) / num_rollouts + last * final[:, None]


def _sums(generator, reward, tokens, lengths, states, first, num_copies, chunk_copies, seed):
    """Sums of the rewards of the roll-outs of a chunk for each prefix, [1, B * T]; of R chunks on R replicas."""
    chunk = first + replica_index()
    completed, prefixes = _roll_out(generator, tokens, lengths, states, chunk, num_copies, chunk_copies, seed)
    # Where all sentences are whole already there is no roll-out; rewards need not bear an empty batch.
    any_rows = tf.shape(completed)[0] > 0
    rewards = tf.cond(any_rows, lambda: tf.cast(reward(completed), tf.float32), lambda: tf.zeros([0]))
    # A segment sum, because a scatter adds the copies of one prefix in whatever order its threads reach them.
    return gathered(tf.math.unsorted_segment_sum(rewards, prefixes, tf.size(tokens))[None])


_sums_on_replicas = on_replicas(_sums)


@tf.function(autograph=False)
def _roll_out(generator, tokens, lengths, states, chunk, num_copies, chunk_copies, seed):
    """Completes the prefixes of a chunk of copies: [R, T], and the place of each one's last token in [B * T]."""
    batch_size, length = tokens.shape
    start = tf.minimum(chunk * chunk_copies, num_copies)  # replicas beyond the last chunk have none
    sentences = tf.range(start, tf.minimum(start + chunk_copies, num_copies)) % batch_size  # [C]
    # One row for each prefix that is no whole sequence yet: t < len(Y), in the order of t, as `sample` needs it.
    unfinished = tf.range(1.0, length)[:, None] < tf.gather(lengths, sentences)  # [T-1, C]
    places, copies = tf.unstack(tf.cast(tf.where(unfinished), tf.int32), axis=1)
    rows = tf.gather(sentences, copies)  # [R]
    inputs = tf.gather(generator.inputs_of(tokens), rows)  # [R, T]
    # Prefix Y_1:t continues from states[t], the state in which y_t, its last token, is not yet read.
    where = tf.stack([places + 1, rows], 1)
    state = tf.nest.map_structure(lambda part: tf.gather_nd(part, where), states)  # [R, ...]
    seed = tf.random.experimental.stateless_fold_in(seed, chunk)
    completed = sample(generator.stepper(), state, inputs, length, seed, places + 1, 1, generator.end_token)
    return completed, rows * length + places
