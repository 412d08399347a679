"""Action values by Monte-Carlo search (paper, Eq. 4)."""

import tensorflow as tf

from seqgan_tf.distributed.replicas import gathered, num_replicas, on_replicas, replica_index
from seqgan_tf.sampling import as_seed, sample


def action_values(generator, tokens, reward, num_rollouts, seed, chunk_rows=608):
    """Returns the action value Q(a = y_t; s = Y_1:t-1) of each sampled token (paper, Eq. 4).

    For t < T it is the mean reward of N completions of Y_1:t; for t = T it is the reward of Y_1:T itself. A sequence
    that ends before T counts as a sequence of that length, and Q is 0 after its end. If the reward returns [M, T] or
    [M, T, V], those values are Q, and no roll-outs are drawn.

    Args:
      generator: models.Generator, the roll-out policy G_beta.
      tokens: [B, T] int32, sampled sequences.
      reward: function of tokens [M, T] that returns [M], [M, T] or [M, T, V]. Make a TensorFlow reward a
        tf.function: it is called inside one only with several replicas.
      num_rollouts: N, roll-outs for each prefix.
      seed: int or [2] int32.
      chunk_rows: maximum number of rows that are completed and rewarded at once; at least T - 1. Each chunk has its
        own seed, so this changes which roll-outs are drawn.

    Returns:
      [B, T] float32: action values; [B, T, V] if the reward values every token that could come next.

    Raises:
      ValueError: if num_rollouts or chunk_rows is less than 1.

    Examples:
      >>> from seqgan_tf.models import Generator
      >>> generator = Generator(vocab_size=8, embedding_dim=4, hidden_dim=4)
      >>> tokens = tf.constant([[3, 3, 3], [0, 0, 0]])
      >>> def share_of_3(tokens):
      ...     return tf.reduce_mean(tf.cast(tokens == 3, tf.float32), axis=1)
      >>> action_values(generator, tokens, share_of_3, num_rollouts=8, seed=0).numpy().round(2)
      array([[0.46, 0.67, 1.  ],
             [0.17, 0.  , 0.  ]], dtype=float32)
    """
    if num_rollouts < 1 or chunk_rows < 1:
        raise ValueError(f"num_rollouts and chunk_rows must be 1 or more, got {num_rollouts} and {chunk_rows}.")
    tokens, seed = tf.cast(tokens, tf.int32), as_seed(seed)
    batch_size, length = tokens.shape
    final = tf.cast(reward(tokens), tf.float32)  # [B]: Q of the last token; or [B, T]: Q of each token
    mask = generator.mask(tokens)
    if final.shape.rank == 2:
        return final * mask
    if final.shape.rank == 3:
        return final * mask[..., None]
    if length == 1:
        return final[:, None]
    lengths = tf.reduce_sum(mask, 1)  # [B]
    # There are N * B copies; copy m is of sentence m mod B. All prefixes of a copy are in the same chunk.
    num_copies = num_rollouts * batch_size
    chunk_copies = min(num_copies, max(1, chunk_rows // (length - 1)))
    states = generator.states(tokens)
    total = tf.zeros([batch_size * length])
    sum_up = _sums if num_replicas() == 1 else _sums_on_replicas  # _sums calls the reward outside of graphs
    for first in range(0, -(-num_copies // chunk_copies), num_replicas()):
        sums = sum_up(generator, reward, tokens, lengths, states, tf.constant(first), num_copies, chunk_copies, seed)
        for chunk in sums:  # one by one, so that the sum does not depend on the number of replicas
            total += chunk
    last = tf.one_hot(tf.cast(lengths, tf.int32) - 1, length)  # [B, T]
    return tf.reshape(total, [batch_size, length]) / num_rollouts + last * final[:, None]


def _sums(generator, reward, tokens, lengths, states, first, num_copies, chunk_copies, seed):
    """Returns each prefix's sum of rewards over its roll-outs in a chunk: [1, B * T]; [R, B * T] on R replicas."""
    chunk = first + replica_index()
    completed, prefixes = _roll_out(generator, tokens, lengths, states, chunk, num_copies, chunk_copies, seed)
    # If all sentences are complete, there are no roll-outs, and a reward may not accept an empty batch.
    any_rows = tf.shape(completed)[0] > 0
    rewards = tf.cond(any_rows, lambda: tf.cast(reward(completed), tf.float32), lambda: tf.zeros([0]))
    # A segment sum, because a scatter adds the copies of one prefix in an order that varies between calls.
    return gathered(tf.math.unsorted_segment_sum(rewards, prefixes, tf.size(tokens))[None])


_sums_on_replicas = on_replicas(_sums)


@tf.function(autograph=False)
def _roll_out(generator, tokens, lengths, states, chunk, num_copies, chunk_copies, seed):
    """Completes the prefixes of a chunk of copies; returns [R, T] and the index in [B * T] of each prefix's end."""
    batch_size, length = tokens.shape
    start = tf.minimum(chunk * chunk_copies, num_copies)  # replicas after the last chunk have no copies
    sentences = tf.range(start, tf.minimum(start + chunk_copies, num_copies)) % batch_size  # [C]
    # One row for each incomplete prefix, t < len(Y), in ascending order of t, as `sample` needs it.
    unfinished = tf.range(1.0, length)[:, None] < tf.gather(lengths, sentences)  # [T-1, C]
    places, copies = tf.unstack(tf.cast(tf.where(unfinished), tf.int32), axis=1)
    rows = tf.gather(sentences, copies)  # [R]
    inputs = tf.gather(generator.inputs_of(tokens), rows)  # [R, T]
    # Prefix Y_1:t starts from states[t], the state before its last token y_t is read.
    where = tf.stack([places + 1, rows], 1)
    state = tf.nest.map_structure(lambda part: tf.gather_nd(part, where), states)  # [R, ...]
    seed = tf.random.experimental.stateless_fold_in(seed, chunk)
    completed = sample(generator.stepper(), state, inputs, length, seed, places + 1, 1, generator.end_token)
    return completed, rows * length + places
