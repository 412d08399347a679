"""Rewards of a discriminator that is made of language models."""

import tensorflow as tf

from seqgan_tf.rewards.registry import reward


@reward("language_model", discriminator="language_model")
def language_model_reward(discriminator, task):
    """Values every token y at every prefix s with log p_M(y|s) - (1/b) log G(y|s), without looking ahead.

    For b = 1 it is log D - log(1 - D) of D = p_M / (p_M + G). In expectation it is largest for G proportional to
    p_M^b, token by token; b > 1 makes G sharper than the judge, and temperature can undo that.

    Examples:
      >>> from seqgan_tf.models import Generator, LanguageModelDiscriminator
      >>> judge, generator = (Generator(vocab_size=8, embedding_dim=4, hidden_dim=4, seed=seed) for seed in (1, 2))
      >>> values = language_model_reward(LanguageModelDiscriminator([judge], generator), task=None)
      >>> values(tf.constant([[1, 2, 3], [4, 4, 4]])).shape
      TensorShape([2, 3, 8])
    """

    @tf.function(autograph=False)
    def values(tokens):
        of_judge, of_generator = discriminator.log_probs(tokens)
        return of_judge - of_generator / discriminator.sharpness

    return values


@reward("cot", discriminator="mediator")
def cot_reward(discriminator, task):
    """Values every token y at every prefix s with log M(y|s) - log G(y|s) (CoT; Lu et al., 2019).

    The mediator M is a language model of real and generated sequences in equal parts; in expectation, G then descends
    its Jensen-Shannon divergence from the data. It is trained with dropout, which the paper does not do.

    Examples:
      >>> from seqgan_tf.models import Generator, LanguageModelDiscriminator
      >>> mediator, generator = (Generator(vocab_size=8, embedding_dim=4, hidden_dim=4, seed=seed) for seed in (1, 2))
      >>> tokens = tf.constant([[1, 2, 3], [4, 4, 4]])
      >>> cot_reward(LanguageModelDiscriminator([mediator], generator, sharpness=1.0), task=None)(tokens).shape
      TensorShape([2, 3, 8])
      >>> same = cot_reward(LanguageModelDiscriminator([mediator], mediator, sharpness=1.0), task=None)
      >>> float(tf.reduce_max(abs(same(tokens))))  # nothing is left to learn
      0.0
    """
    return language_model_reward(discriminator, task)
