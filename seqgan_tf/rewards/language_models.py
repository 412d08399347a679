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
