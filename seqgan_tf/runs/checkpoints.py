"""Checkpoints: training saved at a rhythm and on a signal, and taken up again; the models of each evaluation."""

import contextlib
import os
import pathlib
import shutil
import signal
import sys
import time
import zipfile

import keras
import numpy as np
import tensorflow as tf

import seqgan_tf.models  # noqa: F401 - Keras looks its classes up when it reads a model
from seqgan_tf.distributed.replicas import agreed


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
      writes: whether this process saves; of several workers only the chief does, and all stop at the same state.

    Raises:
      ValueError: if no state that is there can be read.
    """

    def __init__(self, path, seconds, weights, objects, writes=True):
        self._seconds, self._weights, self._writes = seconds, weights, writes
        self._trained_for = tf.Variable(0.0, dtype=tf.float64)
        state = tf.train.Checkpoint(**objects, trained_for=self._trained_for)
        state.save_counter  # noqa: B018 - made now: made by the chief's first save it would have to be made by all
        self._manager = tf.train.CheckpointManager(state, str(path), max_to_keep=2)
        saved = self._manager.checkpoints
        if saved and not any(_restored(state, checkpoint) for checkpoint in reversed(saved)):
            raise ValueError(f"{path} has damaged checkpoints only; allowed is another folder (--run).")
        self._started = self._saved_at = time.monotonic()
        self._signal = None

    def elapsed(self):
        """Seconds of training so far, those before a stop included, those after the last checkpoint not."""
        return float(self._trained_for.numpy()) + time.monotonic() - self._started

    def count(self, seconds):
        """Adds training that was done elsewhere."""
        self._started -= seconds

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
            if self._writes:
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
        number, is_due = agreed(self._signal or 0, int(time.monotonic() - self._saved_at >= self._seconds))
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

        before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _restored(state, checkpoint):
    try:
        state.restore(checkpoint).assert_existing_objects_matched()
    except tf.errors.OpError:  # what TensorFlow raises for a file that is missing, cut or changed
        print(f"{checkpoint} is damaged; the checkpoint before it is used.", file=sys.stderr)
        return False
    return True


def save_models(run, step, models):
    """Writes models as Keras's files RUN/models/STEP/NAME.keras, all of them or none.

    Args:
      run: the run folder.
      step: int.
      models: dict of name -> keras.Model, or None for one that is not there.

    Raises:
      OSError: if they cannot be written.
    """
    folder = _models_folder(run) / f"{step:05}"
    temporary = folder.with_name(folder.name + ".new")
    for old in (temporary, folder):
        shutil.rmtree(old, ignore_errors=True)
    temporary.mkdir(parents=True)
    for name, model in models.items():
        if model is not None:
            model.save(temporary / f"{name}.keras")
    os.replace(temporary, folder)


def load_models(run, step, names):
    """Models that `save_models` has written: a dict of name -> keras.Model.

    Raises:
      ValueError: if a file is damaged or missing, naming it.
    """
    models = {}
    for name in sorted(names):
        path = _models_folder(run) / f"{step:05}" / f"{name}.keras"
        if not path.exists():
            raise ValueError(f"{path} is missing")
        if not zipfile.is_zipfile(path):  # of which Keras says that the file is not there
            raise ValueError(f"{path} is damaged (cut off, or no Keras file)")
        try:
            models[name] = keras.models.load_model(path)
        except Exception as error:  # zipfile, HDF5, JSON and Keras each have errors of their own for a broken file
            raise ValueError(f"{path} is damaged ({' '.join(str(error).split())[:100]})") from error
    return models


def model_steps(run):
    """Steps of which there are models, a set of int."""
    return {int(path.name) for path in _models_folder(run).glob("*") if path.name.isdecimal()}


def keep_models(run, steps):
    """Removes the models of all steps but these: of those that a stopped run is about to do again."""
    for step in model_steps(run) - steps:
        shutil.rmtree(_models_folder(run) / f"{step:05}")


def _models_folder(run):
    return pathlib.Path(run) / "models"
