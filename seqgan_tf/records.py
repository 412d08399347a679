"""A run folder's records: config.json, environment.json, metrics.jsonl, samples/ and tensorboard/."""

import dataclasses
import fcntl
import json
import os
import pathlib
import platform
import shutil
import sys

import keras
import numpy as np
import tensorflow as tf
from tensorboard.plugins.hparams import api as hparams

import seqgan_tf

FREE = {"checkpoint_seconds", "data_dir"}  # settings that change no number, so a run may go on with another value


class Records:
    """What a run writes for people to read.

    Args:
      path: the run folder; made if it is not there.
      config: Config of the run.

    Raises:
      ValueError: if the folder holds a run of another configuration, naming the fields, is no run folder, or is
        in use.
      OSError: if it cannot be written.
    """

    def __init__(self, path, config):
        self.path = pathlib.Path(path)
        settings = json.loads(json.dumps(dataclasses.asdict(config)))
        self._check_same(settings)
        self._is_new = not (self.path / "config.json").exists()
        self._made = [folder for folder in (self.path, *self.path.parents) if not folder.exists()]
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = self._take_lock()
        write_json(self.path / "config.json", settings)  # before the rest: it makes the folder a run folder
        (self.path / "samples").mkdir(exist_ok=True)
        self._metrics_path = self.path / "metrics.jsonl"
        self._metrics_path.touch()
        write_json(self.path / "environment.json", environment())
        self._writer = tf.summary.create_file_writer(str(self.path / "tensorboard"))
        with self._writer.as_default(step=0):
            shown = {key: str(value) if isinstance(value, list) else value for key, value in settings.items()}
            hparams.hparams(shown, trial_id=self.path.name)

    def _check_same(self, settings):
        config_path = self.path / "config.json"
        if not config_path.exists():
            # What a kill can leave behind before config.json stands does not count.
            if self.path.exists() and {path.name for path in self.path.iterdir()} - {"lock", "config.json.new"}:
                raise ValueError(f"--run is {self.path}; allowed is a run folder, a new or an empty folder.")
            return
        try:
            old = json.loads(config_path.read_text())
        except ValueError as error:
            raise ValueError(f"--run is {self.path}, whose config.json is damaged ({error}).") from error
        fields = [key for key in {**old, **settings} if old.get(key) != settings.get(key) and key not in FREE]
        if fields:
            differences = ", ".join(f"{key} (there {old.get(key)}, here {settings.get(key)})" for key in fields)
            raise ValueError(
                f"--run is {self.path}, made with another configuration: {differences}; allowed is the same "
                "configuration, or another folder."
            )

    def _take_lock(self):
        lock = open(self.path / "lock", "w")  # noqa: SIM115 - held until close
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise ValueError(
                f"--run is {self.path}, where another process is training now; allowed is another folder."
            ) from error
        return lock

    def discard(self):
        """Closes, and removes a folder in which nothing has been recorded yet, as if it had never been made."""
        self.close()
        if self._is_new:
            shutil.rmtree(self.path)
            for parent in self._made[1:]:
                parent.rmdir()

    def close(self):
        """Ends the writing; another process may go on with the run."""
        self._writer.close()
        self._lock.close()

    def truncate(self, num_records):
        """Keeps the first num_records lines of metrics.jsonl: those that the checkpoint knows of."""
        lines = self._metrics_path.read_bytes().split(b"\n")[:-1]  # behind the last newline: nothing, or half a line
        if len(lines) < num_records:
            raise ValueError(
                f"--run is {self.path}, whose metrics.jsonl has {len(lines)} lines; its checkpoint knows of "
                f"{num_records}. Put the lines back or start in another folder."
            )
        replace_file(self._metrics_path, b"".join(line + b"\n" for line in lines[:num_records]))

    def add(self, record, step, samples=None, action_values=None):
        """Writes one record.

        Args:
          record: phase, iteration, wall_seconds and metrics by name.
          step: int, TensorBoard's step: counts epochs, rounds and iterations through all phases.
          samples: None or files of samples: a dict of how the name ends -> bytes; ".txt" is shown as text.
          action_values: None or Q [B, T], shown as one histogram for each position.
        """
        with open(self._metrics_path, "a") as file:
            file.write(json.dumps(record) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with self._writer.as_default(step=step):
            for name, value in record.items():
                if isinstance(value, float):
                    tf.summary.scalar(name, value)
            if samples is not None:
                tf.summary.text("samples", samples[".txt"].decode().replace("\n", "\n\n"))
                for ending, content in samples.items():
                    name = f"{record['phase']}-{record['iteration']:05}{ending}"
                    (self.path / "samples" / name).write_bytes(content)
            if action_values is not None:
                for position, values in enumerate(np.asarray(action_values).T, 1):
                    tf.summary.histogram(f"reward_by_position/{position:02}", values)
        self._writer.flush()


def read_metrics(path):
    """The records of a run folder's metrics.jsonl: a list of dicts."""
    with open(pathlib.Path(path) / "metrics.jsonl") as file:
        return [json.loads(line) for line in file]


def environment():
    """Versions and machine, without which a figure cannot be repeated."""
    return {
        "seqgan_tf": seqgan_tf.__version__,
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "platform": f"{sys.platform} {platform.machine()}",
        "cores": os.cpu_count(),
        "gpus": len(tf.config.list_physical_devices("GPU")),
    }


def write_json(path, content):
    """Writes a JSON file whole or not at all."""
    replace_file(path, (json.dumps(content, indent=2) + "\n").encode())


def replace_file(path, content):
    """Writes a file whole or not at all."""
    temporary = path.with_name(path.name + ".new")
    temporary.write_bytes(content)
    os.replace(temporary, path)
