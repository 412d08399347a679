"""Rewards: what the policy gradient maximises. A reward maps tokens [M, T] to [M].

To add one, write a factory that takes the discriminator and name it in REWARDS, and in WITHOUT_DISCRIMINATOR if it
ignores the discriminator, which is then neither made nor trained.
"""

import tensorflow as tf


def discriminator_reward(discriminator):
    """D(Y), the probability that Y is real (paper, Eq. 4), with dropout off."""

    def reward(tokens):
        # One trace for batches of any size, whatever sizes came before: so a resumed run computes the same numbers.
        any_size = tf.TensorSpec([None, tokens.shape[1]], tf.int32)
        return _probability.get_concrete_function(discriminator, any_size)(discriminator, tokens)

    return reward


@tf.function(autograph=False)
def _probability(discriminator, tokens):
    return tf.nn.softmax(discriminator(tokens, training=False))[:, 1]


def constant_reward(discriminator):
    """1 for everything: the control that shows what the policy gradient does without any signal."""
    del discriminator
    return lambda tokens: tf.ones([tf.shape(tokens)[0]])


REWARDS = {"discriminator": discriminator_reward, "constant": constant_reward}
WITHOUT_DISCRIMINATOR = {"constant"}
