"""Sampling of tokens and sequences; `sample` knows no model, but samples from whatever predicts the next token."""

import functools

import numpy as np
import tensorflow as tf

from seqgan_tf.distributed.replicas import gathered, num_replicas, on_replicas, replica_index
from seqgan_tf.models.kernels import draw, is_in_range, shifted_exp

CHUNK_ROWS = 512  # sequences sampled at once by sample_sequences: bounds the [rows, V] logits
# Above 0. Far below the first, logits leave float32's range; far above the second, no token is impossible.
LEAST_TEMPERATURE, MOST_TEMPERATURE = 0.01, 100.0


def sample_categorical(logits, uniform):
    """Draws from softmax(logits) of each row of finite logits [M, V], by uniform numbers [M, 2]: [M] int32."""
    return draw(shifted_exp(logits), uniform)[0]


def sample(step_fn, state, inputs, length, seed, prefix_lengths, first=0, end_token=None):
    """Completes sequences to [M, T] int32, token by token; prefixes of several lengths go through one loop.

    A row of prefix length p joins the loop at position p, so that no prefix is read again.

    Args:
      step_fn: (tokens [m], state, position []) -> (logits [m, V], state): reads a token, predicts the next.
      state: nest of [M, ...]: for each row the state before the last token of its prefix is read.
      inputs: [M, P + 1] int32, P >= max(prefix_lengths): the start token, then the prefixes.
      length: T, more than `first`.
      prefix_lengths: [M] int32, ascending.
      first: int, no more than the smallest prefix length.
      end_token: None, or the id behind which a sequence is filled with 0 (PAD).
    """
    joined = tf.searchsorted(prefix_lengths, tf.range(length), side="right")  # [T]: rows past their prefix
    uniform = tf.random.stateless_uniform([tf.shape(inputs)[0], length - first, 2], seed)
    fixed = tf.pad(inputs, [[0, 0], [0, length + 1 - inputs.shape[1]]])  # [M, T + 1]

    def overwrite(old, new):  # the first rows of old by new
        return tf.ensure_shape(tf.concat([new, old[tf.shape(new)[0] :]], 0), old.shape)

    def extend(weigh, t, previous, state, columns, in_range):
        active = joined[t]
        previous = previous[:active]
        logits, new_state = step_fn(previous, tf.nest.map_structure(lambda part: part[:active], state), t)
        drawn, total = draw(weigh(logits), uniform[:active, t - first])
        if end_token is not None:
            drawn = tf.where(tf.equal(previous, end_token) | tf.equal(previous, 0), 0, drawn)
        tokens = overwrite(fixed[:, t + 1], drawn)  # [M]
        state = tf.nest.map_structure(overwrite, state, new_state)
        return t + 1, tokens, state, columns.write(t - first, tokens), in_range & is_in_range(total)

    def complete(weigh):
        columns = tf.TensorArray(tf.int32, length - first, element_shape=[None])
        start = first, fixed[:, first], state, columns, tf.constant(True)
        *_, columns, in_range = tf.while_loop(lambda t, *_: t < length, functools.partial(extend, weigh), start)
        return tf.concat([fixed[:, 1 : first + 1], tf.transpose(columns.stack())], 1), in_range

    # Subtracting the largest logit, as softmax does, costs two passes over [M, V] at each token. It is needed only
    # where a plain sum of exponentials leaves float32's range, so it is done only there.
    tokens, in_range = complete(tf.exp)
    return tf.cond(in_range, lambda: tokens, lambda: complete(shifted_exp)[0])


def mixed_with_samples(generator, tokens, noise, truth):
    """What scheduled sampling reads (Bengio et al., 2015): tokens [B, T] int32, some of them replaced by samples.

    Each stays with probability truth; noise [B, T, 3], uniform in [0, 1), is the coin and what draws another.
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
    """Draws sequences [num, T] int32 from a generator; 0 (PAD) after its end token, where it has one.

    Args:
      generator: models.Generator, or any model with its inputs_of, initial_state, stepper and end_token.
      seed: int or [2] int32; the first n of num sequences do not depend on num.
      temperature: divides the logits: below 1 sharper, above 1 flatter; 0: always the most probable token.
      prefix: None or [P] int32 with P <= length, tokens that every sequence begins with.
    """
    chunks = sample_chunks(generator, num, length, seed, temperature, prefix)
    return tf.concat([tf.zeros([0, length], tf.int32), *chunks], 0)


def sample_chunks(generator, num, length, seed, temperature=1.0, prefix=None):
    """Like `sample_sequences`, but returns an iterator over chunks of at most CHUNK_ROWS sequences a replica.

    ValueError at once if num is negative, temperature out of its limits, or prefix longer than length.
    """
    prefix = np.zeros([0], np.int32) if prefix is None else np.asarray(prefix, np.int32)
    if num < 0:
        raise ValueError(f"num is {num}; it must be 0 or more.")
    if temperature != 0 and not LEAST_TEMPERATURE <= temperature <= MOST_TEMPERATURE:
        raise ValueError(f"temperature must be 0 or {LEAST_TEMPERATURE} to {MOST_TEMPERATURE}, got {temperature}.")
    if prefix.ndim != 1 or len(prefix) > length:
        raise ValueError(f"prefix has shape {prefix.shape}; allowed is [P] with P up to length {length}.")
    temperature = None if temperature == 0 else tf.constant(temperature, tf.float32)
    padded = tf.constant(np.pad(prefix, [0, length - len(prefix)]))
    arguments = generator, length, as_seed(seed), temperature, padded, tf.constant(len(prefix))
    firsts = range(0, -(-num // CHUNK_ROWS), num_replicas())
    return (_sample_chunks(tf.constant(num), tf.constant(first), *arguments) for first in firsts)


@on_replicas
def _sample_chunks(num, first, generator, length, seed, temperature, prefix, prefix_length):
    """Of num sequences the chunk `first` and, with more replicas, those behind it: [M, T]."""
    chunk = first + replica_index()
    rows = tf.clip_by_value(num - chunk * CHUNK_ROWS, 0, CHUNK_ROWS)
    seed = tf.random.experimental.stateless_fold_in(seed, chunk)
    return gathered(sample_chunk(generator, rows, length, seed, temperature, prefix, prefix_length))


def sample_chunk(generator, rows, length, seed, temperature, prefix, prefix_length):
    """One chunk [rows, T], as a part of a graph in which all but `generator` and `length` may be tensors.

    Temperature None: always the most probable token. Of prefix [T] the first prefix_length tokens count.
    """
    inputs = generator.inputs_of(tf.pad(prefix[None], [[0, 0], [0, 1]]))  # [1, T + 1]: the start token in front
    read = generator.stepper()
    # The prefix is the same in all rows, so it is read once, up to its last token.
    _, state = tf.while_loop(
        lambda t, _: t < prefix_length,
        lambda t, state: (t + 1, read(inputs[:, t], state, t)[1]),
        (0, generator.initial_state(1, length)),
    )
    state = tf.nest.map_structure(lambda part: tf.repeat(part, rows, axis=0), state)

    def greedy(*arguments):  # all on the most probable token, the first of equals
        logits, state = read(*arguments)
        return tf.one_hot(tf.argmax(logits, -1), logits.shape[-1], 0.0, -1e9), state

    step = greedy if temperature is None else generator.stepper(temperature)
    inputs, starts = tf.repeat(inputs, rows, axis=0), tf.fill([rows], prefix_length)
    return sample(step, state, inputs, length, seed, starts, end_token=generator.end_token)


def as_seed(seed):
    """int or [2] ints -> [2] int32, as TensorFlow's stateless operations take it."""
    return tf.constant([0, seed], tf.int32) if np.ndim(seed) == 0 else tf.convert_to_tensor(seed, tf.int32)
