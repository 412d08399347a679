"""The rewards by name, and the trial of a user's own."""

import numpy as np
import tensorflow as tf

from seqgan_tf import extensions

REWARDS, reward, find = extensions.kind("reward", discriminator=True)


def make_reward(name, discriminator, task, num):
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
      >>> make_reward("constant", None, task, num=2)(task.train).numpy()
      array([[1., 1., 1.],
             [1., 1., 1.]], dtype=float32)
      >>> make_reward("constnat", None, task, num=2)
      Traceback (most recent call last):
      ValueError: --reward constnat must take (discriminator, task) (ValueError: --reward must be one of ...
    """
    wrong = "must take (discriminator, task)"
    try:
        function = find(name)(discriminator, task)
        if name in REWARDS:
            return function
        tokens = task.train[:num]
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
