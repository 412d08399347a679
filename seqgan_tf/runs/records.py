"""A run folder's records: config.json, environment.json, metrics.jsonl, samples/ and tensorboard/."""

import collections
import contextlib
import dataclasses
import datetime
import fcntl
import itertools
import json
import os
import pathlib
import platform
import shutil
import sys
import zlib

import keras
import numpy as np
import tensorflow as tf
from tensorboard.plugins.hparams import api as hparams
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

import seqgan_tf
from seqgan_tf.metrics.catalogue import tag

# Settings that change no number, so a run may go on with another value.
FREE = {"checkpoint_seconds", "data_dir", "pretrained", "profile"}
PROFILED_STEPS = 5  # of each phase

# TensorBoard's table of runs: settings that it shows without being asked, and figures of the last evaluation beside
# them. It takes both from one run for all, so they are the same for oracle data and for text.
SHOWN_FIRST = {"corpus", "num_rollouts", "reward", "seed", "temperature"}
FINAL = ("nll_oracle", "nll_test", "entropy", "bleu_2", "self_bleu_2", "bleu_4", "self_bleu_4", "d_auc_heldout")


class Records:
    """What a run writes for people to read.

    Args:
      path: the run folder; made if it is not there.
      config: Config of the run.
      replicas: how many train it.

    Raises:
      ValueError: if the folder holds a run of another configuration, naming the fields, is no run folder, or is
        in use.
      OSError: if it cannot be written.
    """

    def __init__(self, path, config, replicas=1):
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
        write_json(self.path / "environment.json", environment() | {"replicas": replicas})
        self._writer = tf.summary.create_file_writer(str(self.path / "tensorboard"))
        self._profile, self._num_steps = config.profile, collections.Counter()
        with self._writer.as_default(step=0):
            self._write_hparams(config, settings)

    def _write_hparams(self, config, settings):
        fields = [field for field in dataclasses.fields(config) if field.name not in FREE]
        # hparams.hparams_config does the same, but for `differs`: TensorBoard puts those settings first.
        experiment = api_pb2.Experiment(
            hparam_infos=[
                api_pb2.HParamInfo(
                    name=field.name, description=field.metadata["help"], differs=field.name in SHOWN_FIRST
                )
                for field in fields
            ],
            metric_infos=[
                api_pb2.MetricInfo(
                    name=api_pb2.MetricName(tag=tag(name)[0]), display_name=name, description=tag(name)[1]
                )
                for name in FINAL
            ],
        )
        content = plugin_data_pb2.HParamsPluginData(experiment=experiment)
        tf.summary.write(metadata.EXPERIMENT_TAG, 0.0, metadata=metadata.create_summary_metadata(content))
        values = {field.name: settings[field.name] for field in fields}
        values = {name: str(value) if isinstance(value, list) else value for name, value in values.items()}
        hparams.hparams(values, trial_id=str(self.path))

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

    def profiled(self, phase, steps):
        """Passes on the steps of a loop, each an optimisation step; with --profile it profiles a few of the phase.

        It leaves out the first step that it sees of a phase, in which TensorFlow traces its functions; and it ends
        with the loop at the latest, so that no evaluation is in it.

        Args:
          phase: str, how the profile is called.
          steps: an iterator.
        """
        for step in steps:
            self._num_steps[phase] += 1
            if self._profile and self._num_steps[phase] == 2:
                few = itertools.chain([step], itertools.islice(steps, PROFILED_STEPS - 1))
                with self._profile_into(phase):
                    for number, profiled in enumerate(few):
                        # The marks of a step, by which the profiler tells them apart: this name and _r.
                        with tf.profiler.experimental.Trace("train", step_num=number, _r=1):
                            yield profiled
            else:
                yield step

    @contextlib.contextmanager
    def _profile_into(self, phase):
        folder = self.path / "tensorboard" / "plugins" / "profile"
        before = set(folder.glob("*"))
        try:
            with tf.profiler.experimental.Profile(str(self.path / "tensorboard")):
                yield
        finally:
            shutil.rmtree(folder / phase, ignore_errors=True)  # of the run before it was stopped
            for written in set(folder.glob("*")) - before:
                os.replace(written, folder / phase)  # TensorFlow names it by the second, which says nothing

    def add(self, record, step, samples=None, action_values=None, images=None):
        """Writes one record.

        Args:
          record: phase, iteration, wall_seconds and metrics by name.
          step: int, TensorBoard's step: counts epochs, rounds and iterations through all phases.
          samples: None or files of samples: a dict of how the name ends -> bytes; ".txt" is shown as text.
          action_values: None or Q [B, T], shown as one histogram for each position.
          images: None or a dict of tag -> pixels [height, width, 3] uint8.
        """
        with open(self._metrics_path, "a") as file:
            file.write(json.dumps(record) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with self._writer.as_default(step=step):
            for name, value in record.items():
                if isinstance(value, float):
                    shown, description = tag(name)
                    tf.summary.scalar(shown, value, description=description)
            for name, pixels in (images or {}).items():
                tf.summary.image(name, pixels[None])
            if samples is not None:
                # Indented, which Markdown takes as it is: in text, <unk> and * would be HTML and emphasis.
                tf.summary.text("samples", "".join(f"    {line}\n" for line in samples[".txt"].decode().splitlines()))
                for ending, content in samples.items():
                    name = f"{record['phase']}-{record['iteration']:05}{ending}"
                    (self.path / "samples" / name).write_bytes(content)
            if action_values is not None:
                for position, values in enumerate(np.asarray(action_values).T, 1):
                    tf.summary.histogram(f"reward_by_position/{position:02}", values)
        self._writer.flush()


def environment():
    """Versions and machine, without which a figure cannot be repeated, and the day."""
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "seqgan_tf": seqgan_tf.__version__,
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "platform": f"{sys.platform} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": tf.config.threading.get_intra_op_parallelism_threads() or os.cpu_count(),
        "gpus": len(tf.config.list_physical_devices("GPU")),
    }


def _processor():
    """Its name, as Linux and macOS call it."""
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


def settings_hash(config):
    """A number, int32, that is another one where a setting that changes numbers is."""
    settings = {name: value for name, value in dataclasses.asdict(config).items() if name not in FREE}
    return zlib.crc32(json.dumps(settings).encode()) - 2**31


def write_json(path, content):
    """Writes a JSON file whole or not at all."""
    replace_file(path, (json.dumps(content, indent=2) + "\n").encode())


def replace_file(path, content):
    """Writes a file whole or not at all."""
    temporary = path.with_name(path.name + ".new")
    temporary.write_bytes(content)
    os.replace(temporary, path)
