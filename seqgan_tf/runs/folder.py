"""RunFolder: one run on disk, from its settings to its models."""

import dataclasses
import fcntl
import functools
import json
import os
import pathlib
import shutil
import sys

from seqgan_tf.config import Config
from seqgan_tf.config.settings import near_miss
from seqgan_tf.files import new_folder, write_file, write_json
from seqgan_tf.runs import history


class RunFolder:
    """The folder of one run, which need not exist yet; the attributes are paths of what is in it.

    Examples:
      >>> import tempfile
      >>> with tempfile.TemporaryDirectory() as path:
      ...     folder = RunFolder(path)
      ...     existed = folder.exists()
      ...     folder.take(Config(max_length=10))
      ...     folder.release()
      ...     existed, folder.exists(), RunFolder(path).config.max_length, folder.progress()
      (False, True, 10, 'no evaluation yet')
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.name = self.path.name
        self.corpus = self.path / "corpus"
        self.checkpoints = self.path / "checkpoints"
        self.tensorboard = self.path / "tensorboard"
        self.samples = self.path / "samples"
        self.models = self.path / "models"
        self.export = self.path / "export"
        self.frontier = self.path / "frontier.json"
        self.environment = self.path / "environment.json"
        self._metrics = self.path / "metrics.jsonl"

    def __str__(self):
        return str(self.path)

    def exists(self):
        """Whether there is a run, in whatever state."""
        return (self.path / "config.json").exists()

    @functools.cached_property
    def config(self):
        """The Config of the run; ValueError if the folder is no run folder, or its config.json is damaged."""
        try:
            content = json.loads((self.path / "config.json").read_text())
            known = Config.__dataclass_fields__  # another version may have written others
            if "uses_discriminator" not in content:  # as before it was a setting
                content["uses_discriminator"] = content.get("reward", "discriminator") == "discriminator"
            return Config(**{name: value for name, value in content.items() if name in known})
        except OSError as error:
            inside = [str(path.parent) for path in sorted(self.path.glob("*/config.json"))]
            beside = [path.name for path in self.path.parent.glob("*") if (path / "config.json").exists()]
            advice = f"; the runs in it are {', '.join(inside[:5])}" if inside else near_miss(self.name, beside)
            raise ValueError(f"--run must be a run folder, made by train, got {self}{advice or '.'}") from error
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise ValueError(f"--run is {self}, whose config.json is damaged ({error}).") from error

    def records(self):
        """The lines of metrics.jsonl, dicts, but for half a line at the end; ValueError if another is damaged."""
        if not self._metrics.exists():
            return []
        try:
            return [json.loads(line) for line in self._metrics.read_bytes().split(b"\n")[:-1]]
        except ValueError as error:
            raise ValueError(f"--run is {self}, whose metrics.jsonl is damaged ({error}).") from error

    def is_running(self):
        """Whether a process holds the lock."""
        try:
            with open(self.path / "lock") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:  # another one: no lock, or one that may not be read
            return isinstance(error, BlockingIOError)
        return False

    def progress(self):
        """How far the run has come, in words."""
        return history.progress(self.records(), self.config) + (", running" if self.is_running() else "")

    def take(self, config):
        """Makes the folder where it is not there, locks it and writes config.json; ends with `release` or `discard`.

        ValueError if it holds another run, is no run folder, or a process is training in it.
        """
        self._is_new = not self.exists()
        # What a kill can leave behind before config.json is there does not count.
        if self._is_new and {path.name for path in self.path.glob("*")} - {"lock", "config.json.new"}:
            raise ValueError(f"--run is {self}; allowed is a run folder, a new or an empty folder.")
        other = config if self._is_new else RunFolder(self.path).config
        if changed := [name for name in config.differences(other) if not config.has_both(other, name)]:
            shown = (f"{name} (there {getattr(other, name)}, here {getattr(config, name)})" for name in changed)
            raise ValueError(
                f"--run is {self}, made with another configuration: {', '.join(shown)}; allowed is the same "
                "configuration, or another folder."
            )
        self._made = [folder for folder in self.path.parents if not folder.exists()]
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = open(self.path / "lock", "w")  # noqa: SIM115 - held until `release`
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.release()
            what = "where another process is training now; allowed is another folder"
            raise ValueError(f"--run is {self}, {what}.") from error
        except OSError as error:  # Lustre, some NFS
            why = f"Files in {self} cannot be locked ({error.strerror})"
            print(f"{why}; make sure that only one process trains there.", file=sys.stderr)
        write_json(self.path / "config.json", dataclasses.asdict(config))  # first: it makes the folder a run folder
        self.samples.mkdir(exist_ok=True)
        self._metrics.touch()

    def release(self):
        """Releases the lock: another process may train the run."""
        self._lock.close()

    def discard(self):
        """Releases the lock, and removes a new folder in which nothing has been recorded, as if never made."""
        self.release()
        if self._is_new and not self._metrics.stat().st_size:
            shutil.rmtree(self.path)
            for folder in self._made:
                folder.rmdir()

    def add_record(self, record, samples):
        """Appends a line to metrics.jsonl and writes samples, a dict of how the file's name ends -> bytes."""
        with open(self._metrics, "a") as file:
            file.write(json.dumps(record) + "\n")
            file.flush()
            os.fsync(file.fileno())
        for ending, content in samples.items():
            (self.samples / f"{_stem(record)}{ending}").write_bytes(content)

    def read_samples(self, record):
        """The files of samples of a record, a dict of how the name ends -> bytes."""
        stem = _stem(record)
        return {path.name.removeprefix(stem): path.read_bytes() for path in self.samples.glob(f"{stem}*")}

    def truncate(self, num_records):
        """Keeps as many lines of metrics.jsonl and their models as the checkpoint knows of; ValueError if fewer."""
        lines = self._metrics.read_bytes().split(b"\n")[:-1]  # after the last newline: nothing, or half a line
        if len(lines) < num_records:
            raise ValueError(
                f"--run is {self}, whose metrics.jsonl has {len(lines)} lines; its checkpoint knows of "
                f"{num_records}. Put the lines back or start in another folder."
            )
        write_file(self._metrics, b"".join(line + b"\n" for line in lines[:num_records]))
        for step in self.model_steps() - {record.get("step") for record in self.records()}:
            shutil.rmtree(self.models_of(step))

    def models_of(self, step):
        """Folder of the models of a step."""
        return self.models / f"{step:05}"

    def model_steps(self):
        """Steps of which there are models, a set of int."""
        return {int(path.name) for path in self.models.glob("*") if path.name.isdecimal()}

    def save_models(self, step, models):
        """Writes a dict of name -> keras.Model or None as models/STEP/NAME.keras, all of them or none."""
        with new_folder(self.models_of(step)) as folder:
            for name, model in models.items():
                if model is not None:
                    model.save(folder / f"{name}.keras")


def _stem(record):
    return f"{record['phase']}-{record['iteration']:05}"


def find(names):
    """A list of RunFolder from run folders and folders of them, with commas; ValueError if a name has none."""
    allowed = "allowed are run folders, or folders of run folders"
    found = {}  # by path, in order
    for name in filter(None, names.split(",")):
        path = pathlib.Path(name)
        inside = [*path.glob("config.json")] or sorted(path.glob("*/config.json"))
        if not inside:
            raise ValueError(f"--runs is {name}, with no run in it; {allowed}.")
        found |= {config.parent: RunFolder(config.parent) for config in inside}
    if not found:
        raise ValueError(f"--runs is missing; {allowed}, with commas.")
    return list(found.values())
