"""A discriminator that is made of language models."""

import tensorflow as tf

from seqgan_tf.models.compiled import for_any_batch
from seqgan_tf.models.generator import Generator


class LanguageModelDiscriminator(tf.Module):
    """D = p_M / (p_M + G): the best discriminator of G if the judge M were the real distribution (Goodfellow, 2014).

    What it knows comes from the judges: M predicts the mean of their probabilities.

    Args:
      judges: models.Generators with the token ids of the generator.
      generator: models.Generator, which D judges as it is at each call.
      sharpness: b of the reward `language_model`.

    Examples:
      >>> from seqgan_tf.models import Generator
      >>> judge, generator = (Generator(vocab_size=8, embedding_dim=4, hidden_dim=4, seed=seed) for seed in (1, 2))
      >>> discriminator = LanguageModelDiscriminator([judge], generator)
      >>> tokens = tf.constant([[1, 2, 3], [4, 4, 4]])
      >>> discriminator.logit(tokens).numpy().round(2)
      array([-0.05, -0.27], dtype=float32)
      >>> of_judge, of_generator = discriminator.log_probs(tokens)
      >>> of_judge.shape
      TensorShape([2, 3, 8])
    """

    def __init__(self, judges, generator, sharpness=1.5):
        super().__init__()
        self._judges, self._generator, self.sharpness = list(judges), generator, sharpness

    def log_probs(self, tokens):
        """Returns log p_M(y | Y_1:t-1) and log G(y | Y_1:t-1) of every token y: two [B, T, V] float32, in nats.

        Args:
          tokens: [B, T] int32.
        """
        judges = [tf.nn.log_softmax(judge(tokens)) for judge in self._judges]
        mean = tf.reduce_logsumexp(tf.stack(judges), 0) - tf.math.log(float(len(judges))) if judges[1:] else judges[0]
        return mean, tf.nn.log_softmax(self._generator(tokens))

    @for_any_batch
    def probability(self, tokens):
        """Returns D(Y), the probability that tokens [B, T] are real: [B] float32."""
        return tf.sigmoid(self.logit(tokens))

    def logit(self, tokens):
        """Returns log D(Y) - log(1 - D(Y)) = log p_M(Y) - log G(Y) of tokens [B, T]: [B] float32, in nats."""
        of_judge, of_generator = self.log_probs(tokens)
        ratios = tf.gather(of_judge - of_generator, tokens, batch_dims=2)  # [B, T]
        return tf.reduce_sum(ratios * self._generator.mask(tokens), 1)


def of_mediator(discriminator, generator):
    """Returns a trained discriminator as one: a mediator, which is a language model M, as M / (M + G).

    D = p / (p + G) and M = (p + G) / 2 put sequences in the same order.

    Args:
      discriminator: models.Discriminator, models.TokenDiscriminator, a mediator, or None.
      generator: models.Generator.

    Examples:
      >>> mediator, generator = (Generator(vocab_size=8, embedding_dim=4, hidden_dim=4, seed=seed) for seed in (1, 2))
      >>> of_mediator(mediator, generator).logit(tf.constant([[1, 2, 3]])).numpy().round(2)
      array([-0.05], dtype=float32)
      >>> of_mediator(None, generator) is None
      True
    """
    if isinstance(discriminator, Generator):
        return LanguageModelDiscriminator([discriminator], generator, sharpness=1.0)
    return discriminator
