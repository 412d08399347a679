"""Objectives, which a policy-gradient step minimises.

An objective is a pure function. It is called with these keyword arguments, tensors of one batch:

    log_probs [B, T]       log G(y_t | Y_1:t-1) of the sampled tokens, nats; gradients flow through it
    old_log_probs [B, T]   the same under the generator that sampled the tokens
    action_values [B, T]   Q(a = y_t; s = Y_1:t-1)
    entropy [B, T]         entropy of G( . | Y_1:t-1), nats; None unless registered with entropy=True
    statistics             Statistics of the action values

It returns the loss of each token, [B, T]; the step sums the losses of the batch.

To add an objective, decorate it with `@objective("name")`, or pass `--objective=my_module:my_objective` on the
command line.

Examples:
  >>> @objective("squared_advantage")
  ... def squared_advantage(*, log_probs, action_values, statistics, **_):
  ...     return -log_probs * tf.stop_gradient(action_values - statistics.mean) ** 2
  >>> find("squared_advantage").entropy
  False
"""

from typing import NamedTuple

import tensorflow as tf

from seqgan_tf import extensions

CLIP = 0.2  # PPO's bound on the change of a probability (Schulman et al., 2017)
ENTROPY_WEIGHT = 0.01

OBJECTIVES, objective, find = extensions.kind("objective", entropy=False)


class Statistics(NamedTuple):
    """Statistics of the action values of all tokens in a batch, each [] float32.

    Examples:
      >>> action_values = tf.constant([[0.25, 0.75]])
      >>> statistics = Statistics(
      ...     mean=tf.reduce_mean(action_values),
      ...     deviation=tf.math.reduce_std(action_values),
      ...     moving_mean=tf.constant(0.0),
      ... )
      >>> float(statistics.mean), float(statistics.deviation)
      (0.5, 0.25)
    """

    mean: tf.Tensor
    deviation: tf.Tensor
    moving_mean: tf.Tensor  # exponential moving average of the means of earlier batches; 0 for the first batch


@objective("reinforce")
def reinforce(*, log_probs, action_values, **_):
    """Returns -log G(y_t | Y_1:t-1) Q_t, without a baseline. The gradient of its sum is the negative of Eq. 7.

    Examples:
      >>> log_probs, action_values = tf.constant([[-1.0, -2.0]]), tf.constant([[0.25, 0.75]])
      >>> reinforce(log_probs=log_probs, action_values=action_values).numpy()
      array([[0.25, 1.5 ]], dtype=float32)
    """
    return -log_probs * tf.stop_gradient(action_values)


@objective("reinforce_batch_baseline")
def reinforce_batch_baseline(*, action_values, statistics, **tensors):
    """REINFORCE with the mean Q of the batch subtracted from Q_t.

    Examples:
      >>> log_probs, action_values = tf.constant([[-1.0, -2.0]]), tf.constant([[0.25, 0.75]])
      >>> statistics = Statistics(mean=0.5, deviation=0.25, moving_mean=0.0)
      >>> reinforce_batch_baseline(
      ...     log_probs=log_probs, action_values=action_values, statistics=statistics
      ... ).numpy()
      array([[-0.25,  0.5 ]], dtype=float32)
    """
    return reinforce(action_values=action_values - statistics.mean, **tensors)


@objective("reinforce_moving_baseline")
def reinforce_moving_baseline(*, action_values, statistics, **tensors):
    """REINFORCE with the moving average of earlier batches' mean Q subtracted from Q_t.

    Examples:
      >>> log_probs, action_values = tf.constant([[-1.0, -2.0]]), tf.constant([[0.25, 0.75]])
      >>> statistics = Statistics(mean=0.5, deviation=0.25, moving_mean=0.1)
      >>> reinforce_moving_baseline(
      ...     log_probs=log_probs, action_values=action_values, statistics=statistics
      ... ).numpy()
      array([[0.15, 1.3 ]], dtype=float32)
    """
    return reinforce(action_values=action_values - statistics.moving_mean, **tensors)


@objective("reinforce_standardised")
def reinforce_standardised(*, action_values, statistics, **tensors):
    """REINFORCE with Q_t standardised to mean 0 and standard deviation 1 in the batch.

    Examples:
      >>> log_probs, action_values = tf.constant([[-1.0, -2.0]]), tf.constant([[0.25, 0.75]])
      >>> statistics = Statistics(mean=0.5, deviation=0.25, moving_mean=0.0)
      >>> reinforce_standardised(
      ...     log_probs=log_probs, action_values=action_values, statistics=statistics
      ... ).numpy()
      array([[-1.,  2.]], dtype=float32)
    """
    return reinforce(action_values=_standardised(action_values, statistics), **tensors)


@objective("maligan")
def maligan(*, action_values, statistics, **tensors):
    """REINFORCE with Q_t divided by its mean in the batch, and 1 subtracted (MaliGAN; Che et al., 2017).

    Examples:
      >>> log_probs, action_values = tf.constant([[-1.0, -2.0]]), tf.constant([[0.25, 0.75]])
      >>> statistics = Statistics(mean=0.5, deviation=0.25, moving_mean=0.0)
      >>> maligan(log_probs=log_probs, action_values=action_values, statistics=statistics).numpy()
      array([[-0.5,  1. ]], dtype=float32)
    """
    return reinforce(action_values=action_values / statistics.mean - 1.0, **tensors)


@objective("reinforce_entropy", entropy=True)
def reinforce_entropy(*, entropy, **tensors):
    """REINFORCE with an entropy bonus: ENTROPY_WEIGHT times the entropy of G( . | Y_1:t-1) is subtracted.

    Examples:
      >>> log_probs, action_values = tf.constant([[-1.0, -2.0]]), tf.constant([[0.25, 0.75]])
      >>> entropy = tf.constant([[1.0, 2.0]])
      >>> reinforce_entropy(log_probs=log_probs, action_values=action_values, entropy=entropy).numpy()
      array([[0.24, 1.48]], dtype=float32)
    """
    return reinforce(**tensors) - ENTROPY_WEIGHT * entropy


@objective("ppo")
def ppo(*, log_probs, old_log_probs, action_values, statistics, **_):
    """PPO's clipped surrogate, -min(r A, clip(r, 1 - CLIP, 1 + CLIP) A), with standardised advantages A.

    The ratio r = exp(log_probs - old_log_probs) is 1 in the first update on a batch. Clipping has an effect only from
    the second on, so set --g_updates above 1.

    Examples:
      >>> old_log_probs = tf.math.log([[0.5, 0.5]])
      >>> log_probs = tf.math.log([[0.5, 0.9]])  # ratios 1 and 1.8; the second is clipped to 1.2
      >>> losses = ppo(
      ...     log_probs=log_probs,
      ...     old_log_probs=old_log_probs,
      ...     action_values=tf.constant([[0.25, 0.75]]),
      ...     statistics=Statistics(mean=0.5, deviation=0.25, moving_mean=0.0),
      ... )
      >>> losses.numpy().round(4)
      array([[ 1. , -1.2]], dtype=float32)
    """
    advantages = tf.stop_gradient(_standardised(action_values, statistics))
    ratio = tf.exp(log_probs - tf.stop_gradient(old_log_probs))
    return -tf.minimum(ratio * advantages, tf.clip_by_value(ratio, 1 - CLIP, 1 + CLIP) * advantages)


def of_sampled(action_values, tokens):
    """Returns the action values [B, T] of sampled tokens [B, T], from those of all actions [B, T, V] or of these.

    Examples:
      >>> of_sampled(tf.constant([[[1.0, 2.0], [3.0, 4.0]]]), tf.constant([[1, 0]])).numpy()
      array([[2., 3.]], dtype=float32)
    """
    if action_values.shape.rank == 2:
        return action_values
    return tf.gather(action_values, tokens, batch_dims=2)


def _standardised(action_values, statistics):
    return (action_values - statistics.mean) / (statistics.deviation + 1e-8)
