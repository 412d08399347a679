"""Rewards: what the policy gradient maximises.

A reward is a factory in REWARDS: it takes the discriminator (None for one registered with discriminator=False) and
the task, and returns a function of tokens [M, T] int32 that returns

    [M]      the reward of each whole sequence; action values are means over roll-outs (Eq. 4), or
    [M, T]   the action value of each token; no roll-outs are drawn then.

To add one, decorate a factory, or name your own on the command line: --reward=my_module:my_reward. With several
replicas the function is called in a tf.function, where what is not TensorFlow needs tf.numpy_function.
"""

import numpy as np
import tensorflow as tf

from seqgan_tf import extensions
from seqgan_tf.metrics.bleu import sentence_bleu_against

MOST_REFERENCES = 10_000  # sequences of the training data that BLEU rewards likeness to

REWARDS, reward, find = extensions.kind("reward", discriminator=True)


@reward("discriminator")
def discriminator_reward(discriminator, task=None):
    """D(Y), the probability that Y is real (paper, Eq. 4), with dropout off."""

    def probability(tokens):
        # One trace for batches of any size, whatever sizes came before: so a resumed run computes the same numbers.
        any_size = tf.TensorSpec([None, tokens.shape[1]], tf.int32)
        return _probability.get_concrete_function(discriminator, any_size)(discriminator, tokens)

    return probability


@tf.function(autograph=False)
def _probability(discriminator, tokens):
    return tf.nn.softmax(discriminator(tokens, training=False))[:, 1]


@reward("bleu", discriminator=False)
def bleu_reward(discriminator, task):
    """BLEU-4 of Y against training data, smoothing method1: the paper's PG-BLEU (Table 1)."""
    references = [task.vocabulary.references(row) for row in task.train[:MOST_REFERENCES]]
    score = sentence_bleu_against(references, max_order=4)

    def scores(tokens):
        return np.array([score(task.vocabulary.decode(row))[-1] for row in tokens], np.float32)

    return lambda tokens: tf.numpy_function(scores, [tokens], tf.float32)


@reward("constant", discriminator=False)
def constant_reward(discriminator, task):
    """1 for everything: the control that shows what the policy gradient does without any signal."""
    return lambda tokens: tf.ones([tf.shape(tokens)[0]])


@reward("random", discriminator=False)
def random_reward(discriminator, task):
    """A hash of Y in [0, 1), which says nothing about Y: the control for a discriminator at chance level."""

    def hashed(tokens):
        text = tf.strings.reduce_join(tf.strings.as_string(tokens), axis=1, separator=" ")
        return tf.cast(tf.strings.to_hash_bucket_fast(text, 2**24), tf.float32) / 2**24

    return hashed


def make(name, discriminator, task, num):
    """What the factory of a name returns; one of the user's is tried on the first `num` sequences to train on.

    ValueError if it fails or returns no finite numbers [num] or [num, T].
    """
    wrong, tokens = "must take (discriminator, task)", task.train[:num]
    try:
        function = find(name)(discriminator, task)
        if name in REWARDS:
            return function
        wrong = f"failed on tokens of shape {tokens.shape}"
        values = np.asarray(function(tf.constant(tokens)))
    except Exception as error:  # a reward of the user's can raise anything
        raise ValueError(f"--reward is {name}, which {wrong} ({extensions.in_one_line(error)}).") from error
    shapes = tokens.shape[:1], tokens.shape
    if values.shape not in shapes:
        raise ValueError(
            f"--reward is {name}, which must return shape {shapes[0]} or {shapes[1]} here, got {values.shape}."
        )
    if not np.issubdtype(values.dtype, np.number) or not np.isfinite(values).all():
        raise ValueError(f"--reward is {name}, which must return finite numbers, got {values.ravel()[:3]} ...")
    return function
