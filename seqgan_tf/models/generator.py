"""The generator G_theta: a recurrent language model."""

import itertools

import keras
import numpy as np
import tensorflow as tf

from seqgan_tf.models import cells
from seqgan_tf.models.kernels import drop

PAD = 0  # the id that fills a sequence up after its end token


@keras.saving.register_keras_serializable("seqgan_tf")
class Generator(keras.Model):
    """Language model over V ids: the policy G_theta(y_t | Y_1:t-1) (paper, Eq. 9-10), by default an LSTM.

    Every parameter, biases included, is drawn from N(0, stddev), as in the authors' code. dtype "mixed_bfloat16"
    keeps weights and logits in float32.

    Args:
      start_token: id read before the first token; without an end token it is an ordinary token as well.
      end_token: None, or the id after which a sequence is over and PAD fills it up. Then PAD and the start token are
        never predicted.
      cell: as cells.find takes it.
      unknown_token: None, or the id of all words without one, which is never predicted, counts in no likelihood, and
        can only be read.

    Example:
      >>> generator = Generator(vocab_size=50, embedding_dim=8, hidden_dim=8)
      >>> tuple(generator(np.zeros([2, 6], np.int32)).shape)
      (2, 6, 50)
    """

    __new__ = keras.layers.Layer.__new__  # makes get_config of the arguments, which keras.Model.__new__ drops

    def __init__(
        self,
        vocab_size,
        embedding_dim=32,
        hidden_dim=32,
        start_token=0,
        end_token=None,
        stddev=0.1,
        seed=0,
        cell="lstm",
        unknown_token=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        seeds = itertools.count(6 * seed)  # one seed would give equal numbers to parameters of one size

        def normal():
            return keras.initializers.RandomNormal(0.0, stddev, seed=next(seeds))

        self.vocab_size = vocab_size
        self.start_token, self.end_token, self.unknown_token = start_token, end_token, unknown_token
        self._never = np.zeros([vocab_size], np.float32)  # added to the logits
        if end_token is not None:
            self._never[[PAD, start_token]] = -1e9
        if unknown_token is not None:
            self._never[unknown_token] = -1e9
        self.embedding = keras.layers.Embedding(vocab_size, embedding_dim, normal(), dtype=self.dtype_policy)
        self.cell = cells.find(cell)(hidden_dim, normal, dtype=self.dtype_policy)
        self.output_layer = keras.layers.Dense(vocab_size, kernel_initializer=normal(), bias_initializer=normal())
        self.embedding.build()
        self.cell.build([None, None, embedding_dim])
        self.output_layer.build([None, hidden_dim])
        self.built = True

    def call(self, tokens, dropout=0.0, noise=None):
        """tokens [B, T] int32 -> logits [B, T, V]; logits[:, t] predicts tokens[:, t] from tokens[:, :t].

        With a dropout rate, noise [B, T, E + H] decides what is dropped of the embeddings and of the cell's outputs.
        """
        embedded = self.embedding(self.inputs_of(tokens))  # [B, T, E]
        if dropout:
            of_embeddings, of_outputs = tf.split(noise, [embedded.shape[-1], self.cell.units], -1)
            hidden = drop(self.cell(drop(embedded, dropout, of_embeddings)), dropout, of_outputs)
        else:
            hidden = self.cell(embedded)  # [B, T, H]
        # A product of flat matrices: with a rank-3 array TensorFlow's gradient takes several times as long.
        logits = self._projection()(tf.reshape(hidden, [-1, self.cell.units]))
        return tf.reshape(logits, [*tf.unstack(tf.shape(tokens)), self.vocab_size])

    def noise(self, batch_size, length, seed):
        """What decides the dropout of a batch, a function of seed [2] int32 alone: [B, T, E + H], in [0, 1)."""
        width = self.embedding.output_dim + self.cell.units
        return tf.random.stateless_uniform([batch_size, length, width], seed)

    def inputs_of(self, tokens):
        """What the cell reads: tokens [B, T] -> [B, T], the start token first, the last token left out."""
        start = tf.fill([tf.shape(tokens)[0], 1], self.start_token)
        return tf.concat([start, tf.cast(tokens[:, :-1], tf.int32)], axis=1)

    def mask(self, tokens):
        """1 for each of tokens [B, T] up to and including the first end token, 0 behind it: [B, T] float32.

        0 for the unknown token as well, where it is never predicted.
        """
        if self.end_token is None:
            return tf.ones(tf.shape(tokens))
        ended = tf.cumsum(tf.cast(tf.equal(tokens, self.end_token), tf.int32), axis=1, exclusive=True)
        counts = tf.equal(ended, 0)
        if self.unknown_token is not None:
            counts &= tf.not_equal(tokens, self.unknown_token)
        return tf.cast(counts, tf.float32)

    def initial_state(self, batch_size, length):
        """State before anything is read, a nest of [B, ...], for sequences of at most `length` tokens."""
        return self.cell.initial_state(batch_size, length)

    def stepper(self, temperature=1.0):
        """The model one token at a time: a function (tokens [M], state, position []) -> (logits [M, V], new state).

        It reads a token a row, at position 0 the start token; the logits are divided by temperature > 0.
        """
        project = self._projection(temperature)

        def step(tokens, state, position):
            hidden, state = self.cell.step(self.embedding(tokens), state, position)
            return project(hidden), state

        return step

    @tf.function(autograph=False)
    def states(self, tokens):
        """The states before each of tokens [B, T] is predicted: a nest of [T, B, ...], index 0 the initial state."""
        inputs = tf.transpose(self.embedding(self.inputs_of(tokens)), [1, 0, 2])  # [T, B, E]
        first = self.initial_state(tf.shape(tokens)[0], tokens.shape[1])

        def read(state, input_and_position):
            return self.cell.step(input_and_position[0], state, input_and_position[1])[1]

        later = tf.scan(read, (inputs[:-1], tf.range(tokens.shape[1] - 1)), first)
        return tf.nest.map_structure(lambda start, rest: tf.concat([start[None], rest], 0), first, later)

    def _projection(self, temperature=1.0):
        """The output layer, a function hidden [M, H] -> logits [M, V]; the temperature divides its weights, once.

        They are one matrix [H + 1, V]: adding a bias to [M, V] logits, and summing its gradient, are passes over
        memory that take longer than their arithmetic.
        """
        # Inside `call` Keras hands weights out in the dtype of matrix products.
        kernel, bias = (tf.cast(weight, tf.float32) for weight in self.output_layer.weights)
        weights = tf.concat([kernel, (bias + self._never)[None]], 0) / temperature
        weights = tf.cast(weights, self.compute_dtype)
        return lambda hidden: tf.cast(tf.concat([hidden, tf.ones_like(hidden[:, :1])], 1) @ weights, tf.float32)
