"""Rewards of text GANs that came after SeqGAN. Each is the reward alone: D and the loops are those of Algorithm 1."""

import tensorflow as tf

from seqgan_tf.models.kernels import until_end
from seqgan_tf.rewards.registry import reward

DISCOUNT = 0.23  # of ScratchGAN
COMPARED = 16  # references of RankGAN, and as many sequences to compare with


def _of_any_size(function):
    """Compiles a function of tokens [M, T] once for all M, so that a resumed run computes the same numbers."""
    return tf.function(function, autograph=False, input_signature=[tf.TensorSpec([None, None], tf.int32)])


@reward("log_discriminator")
def log_discriminator_reward(discriminator, task=None):
    """Rewards Y with log D(Y), whose gradient does not vanish where D is sure (Goodfellow et al., 2014).

    These rewards are negative; use an objective with a baseline.

    Examples:
      >>> from types import SimpleNamespace
      >>> discriminator = SimpleNamespace(logit=lambda tokens: tf.math.log([3.0, 1.0]))  # D = 3/4 and 1/2
      >>> log_discriminator_reward(discriminator)(tf.constant([[1, 2, 3], [4, 4, 4]])).numpy().round(4)
      array([-0.2877, -0.6931], dtype=float32)
    """
    return _of_any_size(lambda tokens: tf.math.log_sigmoid(discriminator.logit(tokens)))


@reward("maligan")
def maligan_reward(discriminator, task=None):
    """Rewards Y with D(Y) / (1 - D(Y)), the importance weight p_data / G if D is optimal (MaliGAN; Che et al., 2017).

    Use it with --objective=maligan, which divides by the mean of the batch.

    Examples:
      >>> from types import SimpleNamespace
      >>> discriminator = SimpleNamespace(logit=lambda tokens: tf.math.log([3.0, 1.0]))  # D = 3/4 and 1/2
      >>> maligan_reward(discriminator)(tf.constant([[1, 2, 3], [4, 4, 4]])).numpy().round(4)
      array([3., 1.], dtype=float32)
    """
    return _of_any_size(lambda tokens: tf.exp(discriminator.logit(tokens)))


@reward("rankgan")
def rankgan_reward(discriminator, task):
    """Rewards Y with the chance to be ranked first among real sequences (RankGAN; Lin et al., 2017).

    A reference u ranks Y and COMPARED real sequences by a softmax of the cosines between D's features of each and of
    u. The reward is the mean chance over COMPARED references. Both sets are the first training sequences. Unlike in
    the paper, D is trained to classify, by Eq. 5 of SeqGAN, not to rank.

    Examples:
      >>> from types import SimpleNamespace
      >>> import numpy as np
      >>> features = tf.constant([[1.0, 0.0], [0.0, 1.0]])  # of sequences of token 0, and of token 1
      >>> discriminator = SimpleNamespace(features=lambda tokens: tf.gather(features, tokens[:, 0]))
      >>> task = SimpleNamespace(train=np.zeros([32, 3], np.int32))  # cosines: 1 with token 0, 0 with token 1
      >>> score = rankgan_reward(discriminator, task)
      >>> score(tf.constant([[0, 0, 0], [1, 1, 1]])).numpy().round(4)  # 1 / 17 and 1 / (1 + 16 e)
      array([0.0588, 0.0225], dtype=float32)
    """
    references, compared = (tf.constant(task.train[start : start + COMPARED]) for start in (0, COMPARED))

    def directions(tokens):
        return tf.math.l2_normalize(discriminator.features(tokens), axis=1)  # [M, F]

    def chance_to_be_first(tokens):
        of_references = directions(references)
        own = directions(tokens) @ tf.transpose(of_references)  # [M, U] cosines
        others = tf.reduce_logsumexp(directions(compared) @ tf.transpose(of_references), axis=0)  # [U]
        return tf.reduce_mean(tf.sigmoid(own - others), axis=1)

    return _of_any_size(chance_to_be_first)


@reward("stepgan", discriminator="token")
def stepgan_reward(discriminator, task=None):
    """Values the token y_t with D(Y_1:t) of a D that judges every prefix (StepGAN; Tuan and Lee, 2019).

    Examples:
      >>> from seqgan_tf.models import TokenDiscriminator
      >>> discriminator = TokenDiscriminator(vocab_size=8, embedding_dim=4, hidden_dim=4)
      >>> stepgan_reward(discriminator)(tf.constant([[1, 2, 3], [1, 2, 4]])).numpy().round(2)
      array([[0.54, 0.48, 0.45],
             [0.54, 0.48, 0.46]], dtype=float32)
    """
    return _of_any_size(discriminator.prefix_probability)


@reward("scratchgan", discriminator="token")
def scratchgan_reward(discriminator, task):
    """Values the token y_t with the discounted sum of 2 D(Y_1:s) - 1 over s >= t (de Masson d'Autume et al., 2019).

    Examples:
      >>> from types import SimpleNamespace
      >>> discriminator = SimpleNamespace(prefix_probability=lambda tokens: tf.constant([[0.5, 1.0, 0.75, 0.75]]))
      >>> task = SimpleNamespace(vocabulary=SimpleNamespace(end_token=2))
      >>> values = scratchgan_reward(discriminator, task)
      >>> values(tf.constant([[4, 5, 2, 0]])).numpy().round(5)  # rewards 0, 1, 0.5; 1.115 = 1 + 0.23 * 0.5
      array([[0.25645, 1.115  , 0.5    , 0.     ]], dtype=float32)
    """

    def returns(tokens):
        rewards = (2 * discriminator.prefix_probability(tokens) - 1) * until_end(tokens, task.vocabulary.end_token)
        later_first = tf.transpose(rewards)[::-1]  # [T, M]
        summed = tf.scan(lambda later, now: now + DISCOUNT * later, later_first)
        return tf.transpose(summed[::-1])

    return _of_any_size(returns)
