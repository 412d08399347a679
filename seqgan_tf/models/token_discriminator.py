"""A discriminator that judges every prefix."""

import itertools

import keras
import tensorflow as tf

from seqgan_tf.models.compiled import for_any_batch
from seqgan_tf.models.kernels import drop


@keras.saving.register_keras_serializable("seqgan_tf")
class TokenDiscriminator(keras.Model):
    """LSTM that returns the probability of being real of every prefix Y_1:t, as in ScratchGAN and StepGAN.

    Dropout drops the same features at all positions. With dtype "mixed_bfloat16", weights and logits stay in float32.

    Args:
      vocab_size: V, number of token ids.
      embedding_dim: E, size of a token's embedding.
      hidden_dim: H, size of the LSTM's state.
      dropout: share of the embeddings and of the LSTM's outputs that is dropped in training.
      l2: weight of ||w||^2 / 2 of the output layer's kernel and bias, which `losses` contains.
      seed: int, decides the initial weights.

    Examples:
      >>> discriminator = TokenDiscriminator(vocab_size=8, embedding_dim=4, hidden_dim=4)
      >>> tokens = tf.constant([[1, 2, 3], [1, 2, 4]])
      >>> discriminator(tokens).shape
      TensorShape([2, 3, 2])
      >>> discriminator.prefix_probability(tokens).numpy().round(2)  # the first two tokens are the same
      array([[0.54, 0.48, 0.45],
             [0.54, 0.48, 0.46]], dtype=float32)
    """

    __new__ = keras.layers.Layer.__new__  # keeps the arguments for get_config; keras.Model.__new__ drops them

    def __init__(self, vocab_size, embedding_dim, hidden_dim, dropout=0.25, l2=0.2, seed=0, **kwargs):
        super().__init__(**kwargs)
        seeds = itertools.count(1000 * seed)
        self._dropout, dtype, glorot = dropout, self.dtype_policy, keras.initializers.GlorotUniform
        uniform = keras.initializers.RandomUniform(-1.0, 1.0, seed=next(seeds))
        self.embedding = keras.layers.Embedding(vocab_size, embedding_dim, uniform, dtype=dtype)
        self.lstm = keras.layers.LSTM(
            hidden_dim,
            return_sequences=True,
            kernel_initializer=glorot(next(seeds)),
            recurrent_initializer=keras.initializers.Orthogonal(seed=next(seeds)),
            dtype=dtype,
        )
        penalty = keras.regularizers.L2(l2 / 2)
        self.output_layer = keras.layers.Dense(
            2,
            kernel_initializer=glorot(next(seeds)),
            kernel_regularizer=penalty,
            bias_regularizer=penalty,
            dtype=dtype,
        )
        self(tf.zeros([1, 1], tf.int32))  # creates the weights

    def call(self, tokens, training=False, noise=None):
        """Returns the logits of fake (class 0) and real (class 1) of every prefix.

        Args:
          tokens: [B, T] int32.
          training: whether to drop features.
          noise: [B, E + H], uniform in [0, 1). A feature is dropped where its noise is below the dropout rate. If
            None, it is drawn here.

        Returns:
          [B, T, 2] float32: logits; those at t depend on tokens[:, :t + 1].
        """
        features = self.embedding(tokens)  # [B, T, E]
        if not training:
            return tf.cast(self.output_layer(self.lstm(features)), tf.float32)
        sizes = self.embedding.output_dim, self.lstm.units
        noise = tf.random.uniform([tf.shape(tokens)[0], sum(sizes)]) if noise is None else noise
        of_embeddings, of_outputs = tf.split(noise[:, None], sizes, axis=-1)
        outputs = self.lstm(drop(features, self._dropout, of_embeddings))  # [B, T, H]
        return tf.cast(self.output_layer(drop(outputs, self._dropout, of_outputs)), tf.float32)

    def noise(self, batch_size, seed):
        """Returns the dropout noise of a batch: [B, E + H], uniform in [0, 1), a function of seed [2] int32."""
        return tf.random.stateless_uniform([batch_size, self.embedding.output_dim + self.lstm.units], seed)

    def prefix_probability(self, tokens):
        """Returns D(Y_1:t), the probability that each prefix of tokens [B, T] is real: [B, T] float32."""
        return tf.nn.softmax(self(tokens, training=False))[..., 1]

    @for_any_batch
    def probability(self, tokens):
        """Returns D(Y), the probability that tokens [B, T] are real: [B] float32."""
        return self.prefix_probability(tokens)[:, -1]

    def logit(self, tokens):
        """Returns log D(Y) - log(1 - D(Y)) of tokens [B, T]: [B] float32, in nats."""
        logits = self(tokens, training=False)[:, -1]
        return logits[:, 1] - logits[:, 0]
