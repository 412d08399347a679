"""Rewards, which the policy gradient maximises.

A reward is made by a factory. The factory takes the discriminator and the task, and returns a function of tokens
[M, T] int32 that returns either

    [M]         the reward of each whole sequence; action values are then means over roll-outs (Eq. 4),
    [M, T]      the action value of each token; no roll-outs are drawn, or
    [M, T, V]   the action value of every token that could come next; the expectation over these is then exact.

To add a reward, decorate its factory with `@reward("name")`, or pass `--reward=my_module:my_reward` on the command
line. A reward that needs no discriminator is registered with `discriminator=False`; its factory gets None, and no
discriminator is trained. The other values of `discriminator` choose its kind:

    True               models.Discriminator, the paper's CNN
    "token"            models.TokenDiscriminator, an LSTM that judges every prefix
    "mediator"         models.LanguageModelDiscriminator of a model that is trained on real and generated text
    "language_model"   models.LanguageModelDiscriminator of the runs in --judge; nothing is trained

With several replicas the function is called inside a tf.function, so code other than TensorFlow
needs tf.numpy_function.

Examples:
  >>> import tensorflow as tf
  >>> @reward("share_of_3", discriminator=False)
  ... def share_of_3(discriminator, task):
  ...     return lambda tokens: tf.reduce_mean(tf.cast(tokens == 3, tf.float32), axis=1)
  >>> find("share_of_3") is share_of_3
  True
  >>> share_of_3(None, None)(tf.constant([[3, 3, 1, 2], [0, 0, 0, 0]])).numpy()
  array([0.5, 0. ], dtype=float32)
"""

from seqgan_tf.rewards.paper import bleu_reward, constant_reward, discriminator_reward, random_reward

# isort: split
# The paper's rewards are registered first, so lists of names begin with them.
from seqgan_tf.rewards.language_models import cot_reward, language_model_reward
from seqgan_tf.rewards.other_gans import (
    log_discriminator_reward,
    maligan_reward,
    rankgan_reward,
    scratchgan_reward,
    stepgan_reward,
)
from seqgan_tf.rewards.registry import REWARDS, find, make_reward, reward

__all__ = [
    "REWARDS",
    "bleu_reward",
    "constant_reward",
    "cot_reward",
    "discriminator_reward",
    "find",
    "language_model_reward",
    "log_discriminator_reward",
    "make_reward",
    "maligan_reward",
    "random_reward",
    "rankgan_reward",
    "reward",
    "scratchgan_reward",
    "stepgan_reward",
]
