"""Rewards: what the policy gradient maximises. A reward maps tokens [M, T] to [M].

With several replicas it is called in a tf.function, where what is not TensorFlow needs tf.numpy_function.

To add one, write a factory that takes the discriminator and the task, and name it in REWARDS, and in
WITHOUT_DISCRIMINATOR if it ignores the discriminator, which is then neither made nor trained.
"""

import numpy as np
import tensorflow as tf

from seqgan_tf.metrics.bleu import sentence_bleu_against

MOST_REFERENCES = 10_000  # sequences of the training data that BLEU rewards likeness to


def discriminator_reward(discriminator, task=None):
    """D(Y), the probability that Y is real (paper, Eq. 4), with dropout off."""
    del task

    def reward(tokens):
        # One trace for batches of any size, whatever sizes came before: so a resumed run computes the same numbers.
        any_size = tf.TensorSpec([None, tokens.shape[1]], tf.int32)
        return _probability.get_concrete_function(discriminator, any_size)(discriminator, tokens)

    return reward


@tf.function(autograph=False)
def _probability(discriminator, tokens):
    return tf.nn.softmax(discriminator(tokens, training=False))[:, 1]


def constant_reward(discriminator, task):
    """1 for everything: the control that shows what the policy gradient does without any signal."""
    del discriminator, task
    return lambda tokens: tf.ones([tf.shape(tokens)[0]])


def random_reward(discriminator, task):
    """A number in [0, 1) that says nothing of Y: the control for a discriminator at chance level.

    It is a hash of Y, so that it does not depend on when, where and beside what Y is rewarded.
    """
    del discriminator, task

    def reward(tokens):
        text = tf.strings.reduce_join(tf.strings.as_string(tokens), axis=1, separator=" ")
        return tf.cast(tf.strings.to_hash_bucket_fast(text, 2**24), tf.float32) / 2**24

    return reward


def bleu_reward(discriminator, task):
    """BLEU-4 of Y against training data, smoothing method1: the paper's PG-BLEU (Table 1)."""
    del discriminator
    score = sentence_bleu_against(task.references(task.train[:MOST_REFERENCES]), max_order=4)

    def scores(tokens):
        return np.array([score(sentence)[-1] for sentence in task.sentences(tokens)], np.float32)

    return lambda tokens: tf.numpy_function(scores, [tokens], tf.float32)


REWARDS = {
    **{"discriminator": discriminator_reward, "bleu": bleu_reward},
    **{"constant": constant_reward, "random": random_reward},
}
WITHOUT_DISCRIMINATOR = {"bleu", "constant", "random"}
