"""Rewards, which the policy gradient maximises.

A reward is made by a factory. The factory takes the discriminator and the task, and returns a function of tokens
[M, T] int32 that returns either

    [M]         the reward of each whole sequence; action values are then means over roll-outs (Eq. 4),
    [M, T]      the action value of each token; no roll-outs are drawn, or
    [M, T, V]   the action value of every token that could come next; the expectation over these is then exact.

To add a reward, decorate its factory with `@reward("name")`, or pass `--reward=my_module:my_reward` on the command
line. A reward that needs no discriminator is registered with `discriminator=False`; its factory gets None, and no
discriminator is trained. With `discriminator="language_model"` it gets a models.LanguageModelDiscriminator, made of
the runs in --judge. With several replicas the function is called inside a tf.function, so code other than TensorFlow
needs tf.numpy_function.

Examples:
  >>> @reward("share_of_3", discriminator=False)
  ... def share_of_3(discriminator, task):
  ...     return lambda tokens: tf.reduce_mean(tf.cast(tokens == 3, tf.float32), axis=1)
  >>> find("share_of_3") is share_of_3
  True
  >>> share_of_3(None, None)(tf.constant([[3, 3, 1, 2], [0, 0, 0, 0]])).numpy()
  array([0.5, 0. ], dtype=float32)
"""

import numpy as np
import tensorflow as tf

from seqgan_tf import extensions
from seqgan_tf.metrics.bleu import sentence_bleu_against

MOST_REFERENCES = 10_000  # training sequences that BLEU compares with

REWARDS, reward, find = extensions.kind("reward", discriminator=True)


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

    def probability(tokens):
        # One trace for all batch sizes, so that a resumed run computes the same numbers.
        any_size = tf.TensorSpec([None, tokens.shape[1]], tf.int32)
        return _probability.get_concrete_function(discriminator, any_size)(discriminator, tokens)

    return probability


@tf.function(autograph=False)
def _probability(discriminator, tokens):
    return tf.nn.softmax(discriminator(tokens, training=False))[:, 1]


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

    Examples:
      >>> constant_reward(None, None)(tf.constant([[1, 2, 3], [4, 4, 4]])).numpy()
      array([1., 1.], dtype=float32)
    """
    return lambda tokens: tf.ones([tf.shape(tokens)[0]])


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


def make(name, discriminator, task, num):
    """Returns the reward function of a name; tries a user's own on training data first.

    Args:
      name: a key of REWARDS, or "module:function".
      discriminator: models.Discriminator, or None.
      task: with `train` [S, T] and `vocabulary`.
      num: number of training sequences to try a user's reward on.

    Raises:
      ValueError: if the name is unknown, or the user's reward fails or does not return finite numbers of shape [num],
        [num, T] or [num, T, V].

    Examples:
      >>> from types import SimpleNamespace
      >>> task = SimpleNamespace(train=np.array([[1, 2, 3], [4, 4, 4]]), vocabulary=range(5))
      >>> make("constant", None, task, num=2)(task.train).numpy()
      array([1., 1.], dtype=float32)
      >>> make("constnat", None, task, num=2)
      Traceback (most recent call last):
      ValueError: --reward constnat must take (discriminator, task) (ValueError: --reward must be one of ...
    """
    wrong, tokens = "must take (discriminator, task)", task.train[:num]
    try:
        function = find(name)(discriminator, task)
        if name in REWARDS:
            return function
        wrong = f"failed on tokens of shape {tokens.shape}"
        values = np.asarray(function(tf.constant(tokens)))
    except Exception as error:  # a user's reward can raise anything
        raise ValueError(f"--reward {name} {wrong} ({extensions.in_one_line(error)}).") from error
    shapes = tokens.shape[:1], tokens.shape, (*tokens.shape, len(task.vocabulary))
    if values.shape not in shapes:
        known = f"{shapes[0]}, {shapes[1]} or {shapes[2]}"
        raise ValueError(f"--reward {name} must return shape {known}, got {values.shape}.")
    if not np.issubdtype(values.dtype, np.number):
        raise ValueError(f"--reward {name} must return finite numbers, got {values.dtype}; convert them to float32.")
    if not np.isfinite(values).all():
        raise ValueError(f"--reward {name} must return finite numbers, got {values.ravel()[:3]} ...")
    return function
