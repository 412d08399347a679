"""Action values by Monte-Carlo search (paper, Eq. 4)."""

import tensorflow as tf

from seqgan_tf.sampling import as_seed, sample


def action_values(generator, tokens, reward, num_rollouts, seed, chunk_rows=608):
    """Q(a = y_t; s = Y_1:t-1) of every token of every sequence (paper, Eq. 4).

    For t < T the mean reward of N completions of Y_1:t drawn from the roll-out policy; for t = T the reward of
    Y_1:T itself.

    Args:
      generator: the roll-out policy G_beta.
      tokens: [B, T] int32, sampled sequences.
      reward: function of tokens [M, T] that returns [M], in TensorFlow or NumPy. It is called outside of any
        tf.function; one in TensorFlow had better be a tf.function itself.
      num_rollouts: N.
      seed: int or [2] int32.
      chunk_rows: bound on the rows that are completed and rewarded at once; at least T - 1 are. Chunks have
        seeds of their own, so the bound changes which roll-outs are drawn.

    Returns:
      [B, T] float32.

    Raises:
      ValueError: if num_rollouts or chunk_rows is below 1.
    """
    if num_rollouts < 1 or chunk_rows < 1:
        raise ValueError(f"num_rollouts, chunk_rows are {num_rollouts}, {chunk_rows}; allowed is 1 or more.")
    tokens, seed = tf.cast(tokens, tf.int32), as_seed(seed)
    batch_size, length = tokens.shape
    final = tf.cast(reward(tokens), tf.float32)[:, None]  # [B, 1]: Q of the last token
    if length == 1:
        return final
    # Copy m of the N * B is a copy of sentence m mod B; a chunk of copies is rolled out from all their prefixes.
    num_copies = num_rollouts * batch_size
    chunk_copies = min(num_copies, max(1, chunk_rows // (length - 1)))
    states = _prefix_states(generator, tokens)
    total = tf.zeros([batch_size, length - 1])
    for index, start in enumerate(range(0, num_copies, chunk_copies)):
        sentences = tf.range(start, min(start + chunk_copies, num_copies)) % batch_size
        chunk_seed = tf.random.experimental.stateless_fold_in(seed, index)
        rewards = reward(_roll_out(generator, tokens, states, sentences, chunk_seed))
        by_prefix = tf.reshape(tf.cast(rewards, tf.float32), [length - 1, -1])  # [T-1, C]
        total += tf.math.unsorted_segment_sum(tf.transpose(by_prefix), sentences, batch_size)
    return tf.concat([total / num_rollouts, final], 1)


@tf.function(autograph=False)
def _prefix_states(generator, tokens):
    return generator.states(tokens)


@tf.function(autograph=False)
def _roll_out(generator, tokens, states, sentences, seed):
    """Completes every prefix of the listed sentences [C]: [(T-1) C, T], all of prefix 1, then all of prefix 2, ..."""
    length = tokens.shape[1]
    num_prefixes = length - 1
    inputs = tf.tile(tf.gather(generator.inputs_of(tokens), sentences), [num_prefixes, 1])  # [(T-1) C, T]
    # Prefix Y_1:t goes on from states[t], the state in which y_t, its last token, is not yet read.
    state = tuple(
        tf.reshape(tf.gather(part[1:], sentences, axis=1), [-1, part.shape[-1]]) for part in states
    )  # [(T-1) C, H]
    return sample(generator.stepper(), state, inputs, length, seed, range(1, length))
