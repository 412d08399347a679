"""Checkpoints: training saved at a rhythm and on a signal, and taken up again."""

import contextlib
import signal
import time

import numpy as np
import tensorflow as tf


class Stopped(Exception):
    """Training was stopped by a signal, with everything saved. args: (signal number,)."""


class Diverged(Exception):
    """A loss or a weight is no longer a finite number."""


class Checkpoints:
    """The last two states of a run; making it restores the latest.

    Args:
      path: folder of the checkpoints.
      seconds: time between checkpoints.
      weights: variables; no state in which one of them is not finite is saved.
      objects: dict by name of what a state consists of.
    """

    def __init__(self, path, seconds, weights, objects):
        self._seconds, self._weights = seconds, weights
        self._trained_for = tf.Variable(0.0, dtype=tf.float64)
        state = tf.train.Checkpoint(**objects, trained_for=self._trained_for)
        self._manager = tf.train.CheckpointManager(state, str(path), max_to_keep=2)
        if self._manager.latest_checkpoint:
            state.restore(self._manager.latest_checkpoint).assert_existing_objects_matched()
        self._started = self._saved_at = time.monotonic()
        self._signal = None

    def elapsed(self):
        """Seconds of training so far, those before a stop included, those after the last checkpoint not."""
        return float(self._trained_for.numpy()) + time.monotonic() - self._started

    def save(self):
        """Saves the state as it is now.

        Raises:
          Diverged: if a weight is not finite; nothing is saved then.
          OSError: if it cannot be written.
        """
        if not all(np.isfinite(weight.numpy()).all() for weight in self._weights):
            raise Diverged("a weight is no longer a finite number")
        self._trained_for.assign(self.elapsed())
        self._started = time.monotonic()
        try:
            self._manager.save()
        except tf.errors.OpError as error:  # TensorFlow's own classes for a full disk and its like
            raise OSError(str(error).splitlines()[0]) from error
        self._saved_at = time.monotonic()

    def save_when_due(self):
        """To be called whenever the state is complete.

        Raises:
          Stopped: if a signal has asked for it; the state is saved.
          Diverged: as for `save`.
        """
        if self._signal or time.monotonic() - self._saved_at >= self._seconds:
            self.save()
        if self._signal:
            raise Stopped(self._signal)

    @contextlib.contextmanager
    def signals_caught(self):
        """Lets the first SIGINT or SIGTERM stop at the next complete state; a second has its ordinary effect."""

        def note(number, _):
            self._signal = number
            for caught, handler in before.items():
                signal.signal(caught, handler)

        before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
