"""Sampling of tokens and sequences."""

import numpy as np
import tensorflow as tf

from seqgan_tf.distributed.replicas import gathered, num_replicas, on_replicas, replica_index
from seqgan_tf.models.kernels import draw, is_in_range, shifted_exp

CHUNK_ROWS = 512  # sequences that sample_sequences draws at once; bounds the memory of the [rows, V] logits
# Limits of temperatures other than 0. Far below, logits leave float32's range; far above, every token is possible.
LEAST_TEMPERATURE, MOST_TEMPERATURE = 0.01, 100.0


def sample_categorical(logits, uniform):
    """Draws one token for each row from softmax(logits).

    Args:
      logits: [M, V], finite.
      uniform: [M, 2], uniform in [0, 1); decides the draws.

    Returns:
      [M] int32: tokens.
    """
    return draw(shifted_exp(logits), uniform)[0]


def sample(step_fn, state, inputs, length, seed, prefix_lengths, first=0, end_token=None):
    """Completes prefixes of different lengths to sequences, token by token, in one loop.

    A row whose prefix has p tokens joins the loop at position p, so no prefix is read again. It needs no model, only
    a function that predicts the next token.

    Args:
      step_fn: (tokens [m], state, position []) -> (logits [m, V], state). It reads a token and predicts the next.
      state: nest of [M, ...], for each row the state before the last token of its prefix is read.
      inputs: [M, P + 1] int32, the start token and then the prefixes; P >= max(prefix_lengths).
      length: T, greater than `first`.
      seed: [2] int32.
      prefix_lengths: [M] int32, ascending.
      first: int, at most the smallest prefix length.
      end_token: id after which a sequence is filled with 0 (PAD), or None.

    Returns:
      [M, T] int32: completed sequences.
    """
    joined = tf.searchsorted(prefix_lengths, tf.range(length), side="right")  # [T]: number of rows in the loop
    uniform = tf.random.stateless_uniform([tf.shape(inputs)[0], length - first, 2], seed)
    fixed = tf.pad(inputs, [[0, 0], [0, length + 1 - inputs.shape[1]]])  # [M, T + 1]

    def overwrite(old, new):  # replaces the first rows of old
        return tf.ensure_shape(tf.concat([new, old[tf.shape(new)[0] :]], 0), old.shape)

    def extend(t, previous, state, columns):
        active = joined[t]
        previous = previous[:active]
        logits, new_state = step_fn(previous, tf.nest.map_structure(lambda part: part[:active], state), t)
        numbers = uniform[:active, t - first]
        drawn, total = draw(tf.exp(logits), numbers)
        # Subtracting the largest logit, as softmax does, costs two passes over [M, V], so it is done only if a plain
        # sum of exponentials leaves float32's range.
        drawn = tf.cond(is_in_range(total), lambda: drawn, lambda: sample_categorical(logits, numbers))
        if end_token is not None:
            drawn = tf.where(tf.equal(previous, end_token) | tf.equal(previous, 0), 0, drawn)
        tokens = overwrite(fixed[:, t + 1], drawn)  # [M]
        state = tf.nest.map_structure(overwrite, state, new_state)
        return t + 1, tokens, state, columns.write(t - first, tokens)

    columns = tf.TensorArray(tf.int32, length - first, element_shape=[None])
    start = first, fixed[:, first], state, columns
    *_, columns = tf.while_loop(lambda t, *_: t < length, extend, start)
    return tf.concat([fixed[:, 1 : first + 1], tf.transpose(columns.stack())], 1)


def mixed_with_samples(generator, tokens, noise, truth):
    """Replaces some tokens by samples from the generator, for scheduled sampling (Bengio et al., 2015).

    Args:
      generator: models.Generator.
      tokens: [B, T] int32, the true tokens.
      noise: [B, T, 3], uniform in [0, 1); decides which tokens are replaced, and by which.
      truth: [] float32, probability of keeping the true token.

    Returns:
      [B, T] int32: tokens that the generator is to read.
    """
    true_tokens, noise = tf.transpose(tokens), tf.transpose(noise, [1, 0, 2])
    step = generator.stepper()

    def extend(t, previous, state, columns):
        logits, state = step(previous, state, t)
        drawn = sample_categorical(logits, noise[t, :, 1:])
        token = tf.where(noise[t, :, 0] < truth, true_tokens[t], drawn)
        return t + 1, token, state, columns.write(t, token)

    num, length = tf.shape(tokens)[0], tokens.shape[1]
    columns = tf.TensorArray(tf.int32, length, element_shape=[None])
    start = 0, generator.inputs_of(tokens)[:, 0], generator.initial_state(num, length), columns
    *_, columns = tf.while_loop(lambda t, *_: t < length, extend, start)
    return tf.transpose(columns.stack())


def sample_sequences(generator, num, length, seed, temperature=1.0, prefix=None):
    """Draws sequences from a generator.

    Args:
      generator: models.Generator, or any model with its inputs_of, initial_state, stepper and end_token.
      num: number of sequences. The first n sequences are the same for every num >= n.
      length: T, tokens of each sequence.
      seed: int or [2] int32.
      temperature: divides the logits. Below 1 the distribution is sharper, above 1 flatter; 0 always takes the most
        probable token.
      prefix: [P] int32 with P <= length, tokens that every sequence begins with; or None.

    Returns:
      [num, T] int32: sequences. Positions after the generator's end token, if it has one, are 0 (PAD).

    Raises:
      ValueError: if num is negative, temperature is not 0 or between 0.01 and 100, or prefix is longer than length.

    Examples:
      >>> from seqgan_tf.models import Generator
      >>> generator = Generator(vocab_size=8, embedding_dim=4, hidden_dim=4)
      >>> sample_sequences(generator, num=2, length=5, seed=1).numpy()
      array([[2, 7, 6, 5, 0],
             [7, 4, 5, 6, 4]], dtype=int32)
      >>> sample_sequences(generator, num=2, length=5, seed=1, prefix=[7, 6]).numpy()
      array([[7, 6, 6, 5, 0],
             [7, 6, 5, 6, 4]], dtype=int32)
    """
    chunks = sample_chunks(generator, num, length, seed, temperature, prefix)
    return tf.concat([tf.zeros([0, length], tf.int32), *chunks], 0)


def sample_chunks(generator, num, length, seed, temperature=1.0, prefix=None):
    """Like `sample_sequences`, but yields chunks of at most CHUNK_ROWS sequences per replica.

    Wrong arguments raise ValueError at once, not when the first chunk is drawn.

    Examples:
      >>> from seqgan_tf.models import Generator
      >>> generator = Generator(vocab_size=8, embedding_dim=4, hidden_dim=4)
      >>> [chunk.shape for chunk in sample_chunks(generator, num=600, length=5, seed=1)]
      [TensorShape([512, 5]), TensorShape([88, 5])]
    """
    prefix = np.zeros([0], np.int32) if prefix is None else np.asarray(prefix, np.int32)
    if num < 0:
        raise ValueError(f"num must be 0 or more, got {num}.")
    if temperature != 0 and not LEAST_TEMPERATURE <= temperature <= MOST_TEMPERATURE:
        limits = f"between {LEAST_TEMPERATURE} and {MOST_TEMPERATURE}"
        raise ValueError(f"temperature must be 0 or {limits}, got {temperature}.")
    if prefix.ndim != 1 or len(prefix) > length:
        raise ValueError(f"prefix must have shape [P] with P between 0 and {length} (length), got {prefix.shape}.")
    temperature = None if temperature == 0 else tf.constant(temperature, tf.float32)
    padded = tf.constant(np.pad(prefix, [0, length - len(prefix)]))
    arguments = generator, length, as_seed(seed), temperature, padded, tf.constant(len(prefix))
    firsts = range(0, -(-num // CHUNK_ROWS), num_replicas())
    return (_sample_chunks(tf.constant(num), tf.constant(first), *arguments) for first in firsts)


@on_replicas
def _sample_chunks(num, first, generator, length, seed, temperature, prefix, prefix_length):
    """Returns chunk `first` of num sequences and, with R replicas, the R - 1 chunks after it: [M, T]."""
    chunk = first + replica_index()
    rows = tf.clip_by_value(num - chunk * CHUNK_ROWS, 0, CHUNK_ROWS)
    seed = tf.random.experimental.stateless_fold_in(seed, chunk)
    return gathered(sample_chunk(generator, rows, length, seed, temperature, prefix, prefix_length))


def sample_chunk(generator, rows, length, seed, temperature, prefix, prefix_length):
    """Returns one chunk of sequences. In a graph, all arguments but generator and length may be tensors.

    Args:
      generator: as for `sample_sequences`.
      rows: number of sequences in the chunk.
      length: T.
      seed: [2] int32.
      temperature: divides the logits; None always takes the most probable token.
      prefix: [T] int32, of which only the first prefix_length tokens are used.
      prefix_length: P.

    Returns:
      [rows, T] int32: sequences.
    """
    inputs = generator.inputs_of(tf.pad(prefix[None], [[0, 0], [0, 1]]))  # [1, T + 1]: starts with the start token
    read = generator.stepper()
    # All rows have the same prefix, so it is read once. Its last token is left for `sample`.
    _, state = tf.while_loop(
        lambda t, _: t < prefix_length,
        lambda t, state: (t + 1, read(inputs[:, t], state, t)[1]),
        (0, generator.initial_state(1, length)),
    )
    state = tf.nest.map_structure(lambda part: tf.repeat(part, rows, axis=0), state)

    def greedy(*arguments):  # the most probable token alone; the first one in a tie
        logits, state = read(*arguments)
        return tf.one_hot(tf.argmax(logits, -1), logits.shape[-1], 0.0, -1e9), state

    step = greedy if temperature is None else generator.stepper(temperature)
    inputs, starts = tf.repeat(inputs, rows, axis=0), tf.fill([rows], prefix_length)
    return sample(step, state, inputs, length, seed, starts, end_token=generator.end_token)


def as_seed(seed):
    """Returns a seed, int or [2] ints, as the [2] int32 that TensorFlow's stateless operations take."""
    return tf.constant([0, seed], tf.int32) if np.ndim(seed) == 0 else tf.convert_to_tensor(seed, tf.int32)
