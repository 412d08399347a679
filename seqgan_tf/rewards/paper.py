"""The paper's rewards, D and BLEU, and two controls."""

import numpy as np
import tensorflow as tf

from seqgan_tf.metrics.bleu import sentence_bleu_against
from seqgan_tf.rewards.registry import reward

MOST_REFERENCES = 10_000  # training sequences that BLEU compares with


@reward("discriminator")
def discriminator_reward(discriminator, task=None):
    """Rewards Y with D(Y), the probability that it is real (paper, Eq. 4), without dropout.

    Examples:
      >>> from seqgan_tf.models import Discriminator
      >>> discriminator = Discriminator(vocab_size=8, embedding_dim=4, filter_widths=(1, 2), filter_counts=(3, 3))
      >>> probability = discriminator_reward(discriminator)
      >>> probability(tf.constant([[1, 2, 3], [4, 4, 4]])).numpy().round(2)
      array([0.52, 0.52], dtype=float32)
    """
    # Not the method itself, which loses its object as an argument of a tf.function.
    return lambda tokens: discriminator.probability(tokens)


@reward("bleu", discriminator=False)
def bleu_reward(discriminator, task):
    """Rewards Y with its BLEU-4 against training data, smoothing method1: the paper's PG-BLEU (Table 1).

    Examples:
      >>> from types import SimpleNamespace
      >>> from seqgan_tf.data.vocabulary import NumberVocabulary
      >>> task = SimpleNamespace(vocabulary=NumberVocabulary(8), train=np.array([[1, 2, 3, 4, 5], [1, 2, 3, 3, 3]]))
      >>> bleu4 = bleu_reward(None, task)
      >>> bleu4(tf.constant([[1, 2, 3, 4, 5], [1, 2, 3, 4, 6], [6, 7, 6, 7, 6]])).numpy().round(2)
      array([1.  , 0.67, 0.  ], dtype=float32)
    """
    references = [task.vocabulary.references(row) for row in task.train[:MOST_REFERENCES]]
    score = sentence_bleu_against(references, max_order=4)

    def scores(tokens):
        return np.array([score(task.vocabulary.decode(row))[-1] for row in tokens], np.float32)

    return lambda tokens: tf.numpy_function(scores, [tokens], tf.float32)


@reward("constant", discriminator=False)
def constant_reward(discriminator, task):
    """Rewards every Y with 1: a control that shows the effect of the policy gradient without a signal.

    It returns [M, T], because the mean over roll-outs is 1 too: none need to be drawn.

    Examples:
      >>> constant_reward(None, None)(tf.constant([[1, 2, 3], [4, 4, 4]])).numpy()
      array([[1., 1., 1.],
             [1., 1., 1.]], dtype=float32)
    """
    return lambda tokens: tf.ones(tf.shape(tokens))


@reward("random", discriminator=False)
def random_reward(discriminator, task):
    """Rewards Y with a hash of it in [0, 1): a control for a discriminator at chance level.

    Examples:
      >>> random_reward(None, None)(tf.constant([[1, 2, 3], [4, 4, 4], [1, 2, 3]])).numpy().round(2)
      array([0.29, 0.87, 0.29], dtype=float32)
    """

    def hashed(tokens):
        text = tf.strings.reduce_join(tf.strings.as_string(tokens), axis=1, separator=" ")
        return tf.cast(tf.strings.to_hash_bucket_fast(text, 2**24), tf.float32) / 2**24

    return hashed
