"""The discriminator D_phi, a convolutional text classifier."""

import itertools

import keras
import tensorflow as tf

from seqgan_tf.models.compiled import for_any_batch
from seqgan_tf.models.kernels import drop


@keras.saving.register_keras_serializable("seqgan_tf")
class Discriminator(keras.Model):
    """CNN with max-over-time pooling and a highway layer (paper, Eq. 11-15; Kim 2014; Srivastava 2015).

    With dtype "mixed_bfloat16", weights and logits stay in float32.

    Args:
      vocab_size: V, number of token ids.
      embedding_dim: E, size of a token's embedding.
      filter_widths: number of tokens that the filters of each kind span. Sequences must not be shorter than any.
      filter_counts: number of filters of each width; F is their sum.
      dropout: share of the F features dropped in training; 1 minus the paper's keep probability.
      l2: weight of ||w||^2 / 2 of the output layer's kernel and bias, which `losses` contains.
      seed: int, decides the initial weights.

    Examples:
      >>> discriminator = Discriminator(vocab_size=8, embedding_dim=4, filter_widths=(1, 2), filter_counts=(3, 3))
      >>> logits = discriminator(tf.constant([[1, 2, 3], [4, 4, 4]]))
      >>> logits.shape
      TensorShape([2, 2])
      >>> discriminator.probability(tf.constant([[1, 2, 3], [4, 4, 4]])).numpy().round(2)  # of being real
      array([0.52, 0.52], dtype=float32)
    """

    __new__ = keras.layers.Layer.__new__  # keeps the arguments for get_config; keras.Model.__new__ drops them

    def __init__(
        self, vocab_size, embedding_dim, filter_widths, filter_counts, dropout=0.25, l2=0.2, seed=0, **kwargs
    ):
        super().__init__(**kwargs)
        seeds = itertools.count(1000 * seed)

        def initial():
            kernel = keras.initializers.TruncatedNormal(0.0, 0.1, seed=next(seeds))
            bias = keras.initializers.Constant(0.1)
            return {"kernel_initializer": kernel, "bias_initializer": bias, "dtype": dtype}

        def highway(activation):
            kernel, bias = (keras.initializers.GlorotUniform(seed=next(seeds)) for _ in range(2))
            return keras.layers.Dense(
                sum(filter_counts), activation, kernel_initializer=kernel, bias_initializer=bias, dtype=dtype
            )

        self._dropout, dtype = dropout, self.dtype_policy
        uniform = keras.initializers.RandomUniform(-1.0, 1.0, seed=next(seeds))
        self.embedding = keras.layers.Embedding(vocab_size, embedding_dim, uniform, dtype=dtype)
        self.convolutions = [
            keras.layers.Conv1D(count, width, **initial())
            for width, count in zip(filter_widths, filter_counts, strict=True)
        ]
        self.transform_gate, self.transform = highway("sigmoid"), highway("relu")
        penalty = keras.regularizers.L2(l2 / 2)
        self.output_layer = keras.layers.Dense(2, kernel_regularizer=penalty, bias_regularizer=penalty, **initial())
        self(tf.zeros([1, max(filter_widths)], tf.int32))  # creates the weights

    def call(self, tokens, training=False, noise=None):
        """Returns the logits of fake (class 0) and real (class 1).

        Args:
          tokens: [B, T] int32.
          training: whether to drop features.
          noise: [B, F], uniform in [0, 1). A feature is dropped where its noise is below the dropout rate. If None,
            it is drawn here.

        Returns:
          [B, 2] float32: logits.
        """
        features = self.features(tokens)
        if training:
            noise = tf.random.uniform(tf.shape(features)) if noise is None else noise
            features = drop(features, self._dropout, noise)
        return tf.cast(self.output_layer(features), tf.float32)

    def features(self, tokens):
        """Returns the features of tokens [B, T], the highway layer's output: [B, F]."""
        embedded = self.embedding(tokens)  # [B, T, E]
        # ReLU is monotone, so it can follow the maximum: same numbers, smaller array.
        pooled = [tf.reduce_max(convolution(embedded), axis=1) for convolution in self.convolutions]
        pooled = tf.nn.relu(tf.concat(pooled, axis=-1))  # [B, F]
        gate = self.transform_gate(pooled)
        return gate * self.transform(pooled) + (1.0 - gate) * pooled

    @for_any_batch
    def probability(self, tokens):
        """Returns D(Y), the probability that tokens [B, T] are real, without dropout: [B] float32."""
        return tf.nn.softmax(self(tokens, training=False))[:, 1]

    def logit(self, tokens):
        """Returns log D(Y) - log(1 - D(Y)) of tokens [B, T], without dropout: [B] float32, in nats."""
        logits = self(tokens, training=False)
        return logits[:, 1] - logits[:, 0]

    def noise(self, batch_size, seed):
        """Returns the dropout noise of a batch: [B, F], uniform in [0, 1), a function of seed [2] int32."""
        seed = tf.math.floormod(tf.cast(seed, tf.int64), 2**31 - 2)  # as Keras's Dropout does with its state
        return tf.random.stateless_uniform([batch_size, self.transform.units], tf.cast(seed, tf.int32))
