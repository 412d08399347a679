"""Checkpoints: training saved at a rhythm and on a signal, and resumed."""

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
    """Training was stopped by a signal, with everything saved. args: (signal number,)."""


class Diverged(Exception):
    """A loss or a weight is no longer a finite number."""


class Checkpoints:
    """The last two states of a run, saved every so many seconds; making it restores the latest that can be read.

    The state is runs.counters.LoopCounters, which keep the training time too, and trackable objects by name; models
    among them must be finite to be saved. Of several workers only the chief writes, and all stop at the same state.
    """

    def __init__(self, path, seconds, counters, objects, writes=True):
        self._seconds, self._counters, self._writes = seconds, counters, writes
        self._models = [model for model in objects.values() if isinstance(model, keras.Model)]
        state = tf.train.Checkpoint(position=counters, **objects)  # the key of earlier checkpoints
        state.save_counter  # noqa: B018 - made now: made by the chief's first save it would have to be made by all
        # TensorFlow takes brackets and the like in a path for patterns, so it gets another name of the folder.
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
                why = f"{name} is of another version of this program; allowed is another folder."
                raise ValueError(why) from error
            except tf.errors.OpError:  # what TensorFlow raises for a file that is missing, cut or changed
                print(f"{name} is damaged; the checkpoint before it is used.", file=sys.stderr)
        else:
            if self._manager.checkpoints:
                raise ValueError(f"{path} has damaged checkpoints only; allowed is another folder (--run).")
        self._saved_at = time.monotonic()
        self._signal = 0

    def elapsed(self):
        """Seconds of training so far, including those before a stop, but not those after the last checkpoint."""
        return self._counters.seconds + time.monotonic() - self._saved_at

    def save(self):
        """Saves the state as it is now; raises Diverged, and saves nothing, if a weight is not finite."""
        if not all(np.isfinite(weight).all() for model in self._models for weight in model.get_weights()):
            raise Diverged("a weight is no longer a finite number")
        self._counters.seconds = self.elapsed()
        self._saved_at = time.monotonic()
        try:
            if self._writes:
                self._manager.save()
        except tf.errors.OpError as error:  # TensorFlow's own classes for a full disk and its like
            raise OSError(str(error).splitlines()[0]) from error

    def save_when_due(self):
        """To be called whenever the state is complete; raises Stopped, with the state saved, after a signal."""
        number, is_due = agreed(self._signal, int(time.monotonic() - self._saved_at >= self._seconds))
        if number or is_due:
            self.save()
        if number:
            raise Stopped(number)

    @contextlib.contextmanager
    def signals_caught(self):
        """Lets the first SIGINT or SIGTERM stop at the next complete state; a second has its ordinary effect."""

        def note(number, _):
            self._signal = number
            for caught, handler in before.items():
                signal.signal(caught, handler)

        with handled_signals(note) as before:
            yield
