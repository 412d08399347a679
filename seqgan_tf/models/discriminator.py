"""The discriminator D_phi: a convolutional text classifier."""

import itertools

import keras
import tensorflow as tf

from seqgan_tf.models.kernels import drop


@keras.saving.register_keras_serializable("seqgan_tf")
class Discriminator(keras.Model):
    """CNN with max-over-time pooling and a highway layer (paper, Eq. 11-15; Kim 2014; Srivastava 2015).

    There are filter_counts of filters that span filter_widths tokens, F in all. A share `dropout` of their features
    is dropped in training (the complement of the paper's keep probability), and `losses` have l2 times ||w||^2 / 2 of
    the output layer's kernel and bias. dtype "mixed_bfloat16" keeps weights and logits in float32.
    """

    __new__ = keras.layers.Layer.__new__  # makes get_config of the arguments, which keras.Model.__new__ drops

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
        """tokens [B, T] int32 -> logits [B, 2]; class 1 is "real".

        In training, features whose noise [B, F] is below the dropout rate are dropped; None draws it anew.
        """
        embedded = self.embedding(tokens)  # [B, T, E]
        # The maximum comes before ReLU, which gives the same numbers (ReLU is monotone) from a smaller array.
        pooled = [tf.reduce_max(convolution(embedded), axis=1) for convolution in self.convolutions]
        features = tf.nn.relu(tf.concat(pooled, axis=-1))  # [B, F]
        gate = self.transform_gate(features)
        highway = gate * self.transform(features) + (1.0 - gate) * features
        if training:
            noise = tf.random.uniform(tf.shape(highway)) if noise is None else noise
            highway = drop(highway, self._dropout, noise)
        return tf.cast(self.output_layer(highway), tf.float32)

    def noise(self, batch_size, seed):
        """What decides the dropout of a batch, a function of seed [2] int32 alone: [B, F], uniform in [0, 1)."""
        seed = tf.math.floormod(tf.cast(seed, tf.int64), 2**31 - 2)  # as Keras's Dropout does with its state
        return tf.random.stateless_uniform([batch_size, self.transform.units], tf.cast(seed, tf.int32))
