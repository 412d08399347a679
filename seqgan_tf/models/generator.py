"""The generator G_theta, a recurrent language model."""

import itertools

import keras
import numpy as np
import tensorflow as tf

from seqgan_tf.models import cells
from seqgan_tf.models.kernels import drop, until_end

PAD = 0  # the id after the end of a sequence


@keras.saving.register_keras_serializable("seqgan_tf")
class Generator(keras.Model):
    """Recurrent language model, the policy G_theta(y_t | Y_1:t-1) (paper, Eq. 9-10).

    All parameters, including biases, are drawn from a normal distribution, as in the authors' code. With dtype
    "mixed_bfloat16", weights and logits stay in float32.

    Args:
      vocab_size: V, number of token ids.
      embedding_dim: E, size of a token's embedding.
      hidden_dim: H, size of the cell's output.
      start_token: id read before the first token. Without an end token, it is also an ordinary token.
      end_token: id that ends a sequence, or None if all sequences have length T. PAD follows the end token. PAD and
        the start token are then never predicted.
      stddev: standard deviation of the initial parameters; their mean is 0.
      seed: int, decides the initial parameters.
      cell: "lstm", "gru" or "module:class"; see `models.cells`.
      unknown_token: id of all words outside the vocabulary, or None. It is read, but never predicted, and does not
        count in likelihoods.

    Examples:
      >>> generator = Generator(vocab_size=5, embedding_dim=4, hidden_dim=4)
      >>> tokens = tf.constant([[1, 2, 3], [4, 4, 0]])
      >>> generator(tokens).shape
      TensorShape([2, 3, 5])
    """

    __new__ = keras.layers.Layer.__new__  # keeps the arguments for get_config; keras.Model.__new__ drops them

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
        seeds = itertools.count(6 * seed)  # with one seed, parameters of the same size would be equal

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
        """Returns logits [B, T, V]; logits[:, t] predicts tokens[:, t] from tokens[:, :t].

        Args:
          tokens: [B, T] int32, without the start token: the model puts it in front.
          dropout: share of the embeddings and of the cell's outputs that is dropped.
          noise: [B, T, E + H], as `noise` returns it; needed if dropout is not 0.
        """
        embedded = self.embedding(self.inputs_of(tokens))  # [B, T, E]
        if dropout:
            embedding_noise, output_noise = tf.split(noise, [embedded.shape[-1], self.cell.units], -1)
            hidden = drop(self.cell(drop(embedded, dropout, embedding_noise)), dropout, output_noise)
        else:
            hidden = self.cell(embedded)  # [B, T, H]
        # Flattened to a matrix: the gradient of a rank-3 product takes TensorFlow several times as long.
        logits = self._projection()(tf.reshape(hidden, [-1, self.cell.units]))
        return tf.reshape(logits, [*tf.unstack(tf.shape(tokens)), self.vocab_size])

    def noise(self, batch_size, length, seed):
        """Returns the dropout noise of a batch: [B, T, E + H], uniform in [0, 1), a function of seed [2] int32."""
        width = self.embedding.output_dim + self.cell.units
        return tf.random.stateless_uniform([batch_size, length, width], seed)

    def inputs_of(self, tokens):
        """Returns what the cell reads, [B, T]: the start token, then tokens [B, T] without the last.

        Examples:
          >>> generator = Generator(vocab_size=5, start_token=1)
          >>> generator.inputs_of(tf.constant([[4, 3, 2]])).numpy()
          array([[1, 4, 3]], dtype=int32)
        """
        start = tf.fill([tf.shape(tokens)[0], 1], self.start_token)
        return tf.concat([start, tf.cast(tokens[:, :-1], tf.int32)], axis=1)

    def mask(self, tokens):
        """Returns which of tokens [B, T] count in likelihoods and losses.

        Returns:
          [B, T] float32: 1 up to and including the first end token, 0 after it. Also 0 for `unknown_token`.

        Examples:
          >>> generator = Generator(vocab_size=5, start_token=1, end_token=2)
          >>> generator.mask(tf.constant([[4, 3, 2, 0]])).numpy()
          array([[1., 1., 1., 0.]], dtype=float32)
        """
        counts = until_end(tokens, self.end_token)
        if self.unknown_token is not None:
            counts *= tf.cast(tf.not_equal(tokens, self.unknown_token), tf.float32)
        return counts

    def initial_state(self, batch_size, length):
        """Returns the state before the first token, a nest of [B, ...], for sequences of at most `length` tokens."""
        return self.cell.initial_state(batch_size, length)

    def stepper(self, temperature=1.0):
        """Returns a function that runs the model one token at a time.

        Args:
          temperature: divides the logits; greater than 0.

        Returns:
          function (tokens [M], state, position []) -> (logits [M, V], new state): It reads one token in each row, the
          start token at position 0.

        Examples:
          >>> generator = Generator(vocab_size=5)
          >>> step = generator.stepper()
          >>> start = tf.fill([2], generator.start_token)
          >>> logits, state = step(start, generator.initial_state(2, length=3), 0)
          >>> logits.shape
          TensorShape([2, 5])
        """
        project = self._projection(temperature)

        def step(tokens, state, position):
            hidden, state = self.cell.step(self.embedding(tokens), state, position)
            return project(hidden), state

        return step

    def sharpen(self, factor):
        """Multiplies all logits by a factor: the generator at temperature 1 / factor.

        Examples:
          >>> generator = Generator(vocab_size=5)
          >>> before = generator(tf.constant([[1, 2]]))
          >>> generator.sharpen(2.0)
          >>> bool(tf.reduce_all(tf.abs(generator(tf.constant([[1, 2]])) - 2 * before) < 1e-6))
          True
        """
        for weight in self.output_layer.weights:
            weight.assign(factor * weight)

    @tf.function(autograph=False)
    def states(self, tokens):
        """Returns the state before each of tokens [B, T], a nest of [T, B, ...]; index 0 is the initial state."""
        inputs = tf.transpose(self.embedding(self.inputs_of(tokens)), [1, 0, 2])  # [T, B, E]
        first = self.initial_state(tf.shape(tokens)[0], tokens.shape[1])

        def read(state, input_and_position):
            return self.cell.step(input_and_position[0], state, input_and_position[1])[1]

        later = tf.scan(read, (inputs[:-1], tf.range(tokens.shape[1] - 1)), first)
        return tf.nest.map_structure(lambda start, rest: tf.concat([start[None], rest], 0), first, later)

    def _projection(self, temperature=1.0):
        """Returns the output layer as a function hidden [M, H] -> logits [M, V], its weights divided by temperature.

        The bias is a row of the matrix [H + 1, V]. Adding it to the logits [M, V], and summing its gradient, would be
        two more passes over memory.
        """
        # Inside `call`, Keras casts weights to the compute dtype.
        kernel, bias = (tf.cast(weight, tf.float32) for weight in self.output_layer.weights)
        weights = tf.concat([kernel, (bias + self._never)[None]], 0) / temperature
        weights = tf.cast(weights, self.compute_dtype)
        return lambda hidden: tf.cast(tf.concat([hidden, tf.ones_like(hidden[:, :1])], 1) @ weights, tf.float32)
