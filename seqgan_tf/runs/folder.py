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
from seqgan_tf.config.limits import near_miss
from seqgan_tf.files import new_folder, write_file, write_json
from seqgan_tf.runs import history


class RunFolder:
    """The folder of one run, which need not exist yet. The attributes are the paths of its contents.

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
        self.others = self.path / "others"  # generators of other runs, which this one learns from
        self.frontier = self.path / "frontier.json"
        self.environment = self.path / "environment.json"
        self._metrics = self.path / "metrics.jsonl"

    def __str__(self):
        return str(self.path)

    def exists(self):
        """Whether the folder is a run folder, in whatever state."""
        return (self.path / "config.json").exists()

    @functools.cached_property
    def config(self):
        """The Config of the run; ValueError if this is not a run folder, or its config.json is corrupt."""
        try:
            content = json.loads((self.path / "config.json").read_text())
            known = Config.__dataclass_fields__  # ignores settings of other versions
            if "uses_discriminator" not in content:  # written before this was a setting
                content["uses_discriminator"] = content.get("reward", "discriminator") == "discriminator"
            return Config(**{name: value for name, value in content.items() if name in known})
        except OSError as error:
            inside = [str(path.parent) for path in sorted(self.path.glob("*/config.json"))]
            beside = [path.name for path in self.path.parent.glob("*") if (path / "config.json").exists()]
            advice = f"; the runs in it are {', '.join(inside[:5])}." if inside else near_miss(self.name, beside)
            if beside and not advice:
                advice = f"; the runs beside it are {', '.join(sorted(beside)[:5])}."
            raise ValueError(f"--run must be a run folder, made by train, got {self}{advice or '.'}") from error
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise ValueError(f"--run={self} has a corrupt config.json ({error}).") from error

    def records(self):
        """Returns the lines of metrics.jsonl, dicts, except an incomplete last one; ValueError if one is corrupt."""
        if not self._metrics.exists():
            return []
        try:
            return [json.loads(line) for line in self._metrics.read_bytes().split(b"\n")[:-1]]
        except ValueError as error:
            raise ValueError(f"--run={self} has a corrupt metrics.jsonl ({error}).") from error

    def is_running(self):
        """Whether a process is training the run, which means that it holds the lock."""
        try:
            with open(self.path / "lock") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:  # other errors: there is no lock, or it cannot be read
            return isinstance(error, BlockingIOError)
        return False

    def progress(self):
        """Returns how far the run has come, as "mle 3/20, running"."""
        return history.progress(self.records(), self.config) + (", running" if self.is_running() else "")

    def take(self, config):
        """Creates the folder if needed, locks it and writes config.json; call `release` or `discard` at the end.

        Raises:
          ValueError: if the folder has a run with other settings or other files, or a process is training in it.
        """
        self._is_new = not self.exists()
        # A process killed before it wrote config.json may leave these two files.
        if self._is_new and {path.name for path in self.path.glob("*")} - {"lock", "config.json.new"}:
            raise ValueError(f"--run must be a run folder, a new folder or an empty one, got {self}.")
        other = config if self._is_new else RunFolder(self.path).config
        if changed := [name for name in config.differences(other) if not config.has_both(other, name)]:
            shown = (f"{name} (there {getattr(other, name)}, here {getattr(config, name)})" for name in changed)
            raise ValueError(
                f"--run must be a run with the same settings, got {self}, which differs in {', '.join(shown)}; "
                "use the same settings or choose another folder."
            )
        self._made = [folder for folder in self.path.parents if not folder.exists()]
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = open(self.path / "lock", "w")  # noqa: SIM115 - held until `release`
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.release()
            raise ValueError(
                f"--run must be a folder that no other process is training in, got {self}; choose another folder."
            ) from error
        except OSError as error:  # Lustre, some NFS
            why = f"Files in {self} cannot be locked ({error.strerror})"
            print(f"{why}; make sure that only one process trains this run.", file=sys.stderr)
        write_json(self.path / "config.json", dataclasses.asdict(config))  # first: it makes the folder a run folder
        self.samples.mkdir(exist_ok=True)
        self._metrics.touch()

    def release(self):
        """Releases the lock, so that another process can train the run."""
        self._lock.close()

    def discard(self):
        """Releases the lock, and removes the folder if `take` created it and nothing has been recorded."""
        self.release()
        if self._is_new and not self._metrics.stat().st_size:
            shutil.rmtree(self.path)
            for folder in self._made:
                folder.rmdir()

    def add_record(self, record, samples):
        """Appends a record to metrics.jsonl and writes its samples, a dict of file name ending -> bytes."""
        with open(self._metrics, "a") as file:
            file.write(json.dumps(record) + "\n")
            file.flush()
            os.fsync(file.fileno())
        for ending, content in samples.items():
            (self.samples / f"{_stem(record)}{ending}").write_bytes(content)

    def read_samples(self, record):
        """Returns the samples of a record, a dict of file name ending -> bytes."""
        stem = _stem(record)
        return {path.name.removeprefix(stem): path.read_bytes() for path in self.samples.glob(f"{stem}*")}

    def truncate(self, num_records):
        """Keeps the first lines of metrics.jsonl, as many as the checkpoint has seen, and the models of these.

        Raises:
          ValueError: if there are fewer lines.
        """
        lines = self._metrics.read_bytes().split(b"\n")[:-1]  # the last part is empty or an incomplete line
        if len(lines) < num_records:
            raise ValueError(
                f"--run must have {num_records} lines in metrics.jsonl to match its checkpoint, got {len(lines)} in "
                f"{self}; put the lines back or choose another folder."
            )
        write_file(self._metrics, b"".join(line + b"\n" for line in lines[:num_records]))
        for step in self.model_steps() - {record.get("step") for record in self.records()}:
            shutil.rmtree(self.models_of(step))

    def models_of(self, step):
        """Returns the folder of the models of a step."""
        return self.models / f"{step:05}"

    def model_steps(self):
        """Returns the steps with saved models, a set of int."""
        return {int(path.name) for path in self.models.glob("*") if path.name.isdecimal()}

    def save_models(self, step, models):
        """Saves models as models/STEP/NAME.keras, either all or none: a dict of name -> keras.Model or None."""
        with new_folder(self.models_of(step)) as folder:
            for name, model in models.items():
                if model is not None:
                    model.save(folder / f"{name}.keras")


def _stem(record):
    return f"{record['phase']}-{record['iteration']:05}"


def find(names):
    """Returns the list of RunFolder in `names`, the run folders or folders of run folders, separated by commas.

    Raises:
      ValueError: if there is no name, or a name has no run.
    """
    expected = "--runs must be run folders or folders of run folders, separated by commas"
    found = {}  # by path, in order
    for name in filter(None, names.split(",")):
        path = pathlib.Path(name)
        inside = [*path.glob("config.json")] or sorted(path.glob("*/config.json"))
        if not inside:
            raise ValueError(f"{expected}, got {name}, which has no run.")
        found |= {config.parent: RunFolder(config.parent) for config in inside}
    if not found:
        raise ValueError(f"{expected}, got none.")
    return list(found.values())
