"""Checkpoints: save training regularly and on a signal, and resume it."""

import contextlib
import pathlib
import signal
import sys
import tempfile
import time

import keras
import numpy as np
import tensorflow as tf

from seqgan_tf.distributed.replicas import agreed
from seqgan_tf.files import handled_signals


class Stopped(Exception):
    """Training was stopped by a signal and everything was saved. args: (signal number,)."""


class Diverged(Exception):
    """Training diverged: a loss or a weight is no longer finite."""


class Checkpoints:
    """Saves the state of a run regularly and keeps the last two checkpoints. Creating it restores the state.

    It falls back to the previous checkpoint if the latest is corrupt. With several workers only the chief writes, and
    all workers stop at the same state.

    Args:
      path: Path of the folder of the checkpoints.
      seconds: seconds between two checkpoints.
      counters: runs.counters.LoopCounters, which also hold the training time.
      objects: dict of name -> trackable object; a model among them is saved only if its weights are finite.
      writes: whether this process writes checkpoints.

    Raises:
      ValueError: if all checkpoints are corrupt, or if another version of the program wrote them.
    """

    def __init__(self, path, seconds, counters, objects, writes=True):
        self._seconds, self._counters, self._writes = seconds, counters, writes
        self._models = [model for model in objects.values() if isinstance(model, keras.Model)]
        state = tf.train.Checkpoint(position=counters, **objects)  # the key of earlier checkpoints
        state.save_counter  # noqa: B018 - created now, because later only the chief saves and would create it alone
        # TensorFlow reads brackets in a path as patterns, so it gets a link to the folder.
        self._links = tempfile.TemporaryDirectory()
        link = pathlib.Path(self._links.name, "checkpoints")
        path.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path.absolute())
        self._manager = tf.train.CheckpointManager(state, str(link), max_to_keep=2)
        for checkpoint in reversed(self._manager.checkpoints):
            name = path / pathlib.Path(checkpoint).name
            try:
                state.restore(checkpoint).assert_existing_objects_matched()
                break
            except AssertionError as error:
                raise ValueError(
                    f"{name} was written by another version of this program; choose another folder (--run)."
                ) from error
            except tf.errors.OpError:  # raised for a file that is missing, cut off or changed
                print(f"{name} is corrupt; falling back to the previous checkpoint.", file=sys.stderr)
        else:
            if self._manager.checkpoints:
                raise ValueError(f"All checkpoints in {path} are corrupt; choose another folder (--run).")
        self._saved_at = time.monotonic()
        self._signal = 0

    def elapsed(self):
        """Returns the seconds of training so far. Training that was lost after the last checkpoint does not count."""
        return self._counters.seconds + time.monotonic() - self._saved_at

    def save(self):
        """Saves the current state.

        Raises:
          Diverged: if a weight is not finite; nothing is saved then.
          OSError: if the checkpoint cannot be written.
        """
        if not all(np.isfinite(weight).all() for model in self._models for weight in model.get_weights()):
            raise Diverged("a weight is no longer a finite number")
        self._counters.seconds = self.elapsed()
        self._saved_at = time.monotonic()
        try:
            if self._writes:
                self._manager.save()
        except tf.errors.OpError as error:  # TensorFlow has its own classes for a full disk and the like
            raise OSError(str(error).splitlines()[0]) from error

    def save_when_due(self):
        """Saves the state if it is time. Call it whenever the state is complete.

        Raises:
          Stopped: after a signal, once the state has been saved.
        """
        number, is_due = agreed(self._signal, int(time.monotonic() - self._saved_at >= self._seconds))
        if number or is_due:
            self.save()
        if number:
            raise Stopped(number)

    @contextlib.contextmanager
    def signals_caught(self):
        """Makes the first SIGINT or SIGTERM stop training at the next complete state; the second ends the process."""

        def note(number, _):
            self._signal = number
            for caught, handler in before.items():
                signal.signal(caught, handler)

        with handled_signals(note) as before:
            yield
