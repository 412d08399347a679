"""Action values by Monte-Carlo search (paper, Eq. 4)."""

import tensorflow as tf

from seqgan_tf.sampling import as_seed, sample


def action_values(generator, tokens, reward, num_rollouts, seed, chunk_rows=608):
    """Q(a = y_t; s = Y_1:t-1) of every token of every sequence (paper, Eq. 4).

    For t < T the mean reward of N completions of Y_1:t drawn from the roll-out policy; for t = T the reward of
    Y_1:T itself. A sequence that has ended before T counts as one of that length; behind its end Q is 0.

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
    final = tf.cast(reward(tokens), tf.float32)  # [B]: Q of the last token
    if length == 1:
        return final[:, None]
    lengths = tf.reduce_sum(generator.mask(tokens), 1)  # [B]
    # Copy m of the N * B is a copy of sentence m mod B; a chunk of copies is rolled out from all their prefixes.
    num_copies = num_rollouts * batch_size
    chunk_copies = min(num_copies, max(1, chunk_rows // (length - 1)))
    states = _prefix_states(generator, tokens)
    total = tf.zeros([batch_size, length])
    for index, start in enumerate(range(0, num_copies, chunk_copies)):
        sentences = tf.range(start, min(start + chunk_copies, num_copies)) % batch_size  # [C]
        # One row for each prefix that is no whole sequence yet: t < len(Y), in the order of t, as `sample` needs it.
        unfinished = tf.range(1.0, length)[:, None] < tf.gather(lengths, sentences)  # [T-1, C]
        prefixes, copies = tf.unstack(tf.cast(tf.where(unfinished), tf.int32), axis=1)
        rows = tf.gather(sentences, copies)  # [R]
        if rows.shape[0] == 0:  # all of these sentences are whole; rewards need not bear an empty batch
            continue
        chunk_seed = tf.random.experimental.stateless_fold_in(seed, index)
        # One trace for any number of rows, whatever numbers came before: so a resumed run computes the same.
        any_rows = tf.TensorSpec([None], tf.int32)
        roll_out = _roll_out.get_concrete_function(generator, tokens, states, any_rows, any_rows, chunk_seed)
        completed = roll_out(generator, tokens, states, rows, prefixes + 1, chunk_seed)  # [R, T]
        rewards = tf.cast(reward(completed), tf.float32)
        # A segment sum, because a scatter adds the copies of one prefix in whatever order its threads reach them.
        sums = tf.math.unsorted_segment_sum(rewards, rows * length + prefixes, batch_size * length)
        total += tf.reshape(sums, [batch_size, length])
    last = tf.one_hot(tf.cast(lengths, tf.int32) - 1, length)  # [B, T]
    return total / num_rollouts + last * final[:, None]


@tf.function(autograph=False)
def _prefix_states(generator, tokens):
    return generator.states(tokens)


@tf.function(autograph=False)
def _roll_out(generator, tokens, states, rows, prefix_lengths, seed):
    """Completes the prefix of each length [R], ascending, of the sentence of each row [R]: [R, T]."""
    inputs = tf.gather(generator.inputs_of(tokens), rows)  # [R, T]
    # Prefix Y_1:t goes on from states[t], the state in which y_t, its last token, is not yet read.
    state = tuple(tf.gather_nd(part, tf.stack([prefix_lengths, rows], 1)) for part in states)  # [R, H]
    length, end_token = tokens.shape[1], generator.end_token
    return sample(generator.stepper(), state, inputs, length, seed, prefix_lengths, first=1, end_token=end_token)
