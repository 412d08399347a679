"""Rewards: what the policy gradient maximises. A reward maps tokens [M, T] to [M].

To add one, write a factory that takes the discriminator and name it in REWARDS, and in WITHOUT_DISCRIMINATOR if it
ignores the discriminator, which is then neither made nor trained.
"""

import tensorflow as tf


def discriminator_reward(discriminator):
    """D(Y), the probability that Y is real (paper, Eq. 4), with dropout off."""
    return lambda tokens: _probability(discriminator, tokens)


# Batches of any size share one trace.
@tf.function(autograph=False, reduce_retracing=True)
def _probability(discriminator, tokens):
    return tf.nn.softmax(discriminator(tokens, training=False))[:, 1]


def constant_reward(discriminator):
    """1 for everything: the control that shows what the policy gradient does without any signal."""
    del discriminator
    return lambda tokens: tf.ones([tf.shape(tokens)[0]])


REWARDS = {"discriminator": discriminator_reward, "constant": constant_reward}
WITHOUT_DISCRIMINATOR = {"constant"}
