"""COMMANDS: the help, flags and function of every command, from commands.json.

Nothing here imports TensorFlow before the flags have been checked, so mistakes are reported at once.
"""

import dataclasses
import gc
import json
import pathlib
import pkgutil
import sys

from seqgan_tf.cli.flags import Flag
from seqgan_tf.config import PRESETS, Config
from seqgan_tf.config.limits import near_miss
from seqgan_tf.runs.folder import find
from seqgan_tf.studies.experiments import EXPERIMENTS

MAKE_STRATEGY = "seqgan_tf.distributed.devices:make_strategy"
SETTINGS = tuple(field for field in dataclasses.fields(Config) if Config.is_flag(field.name))
# An experiment has no flags for these settings: its data and methods decide them.
DECIDED = {
    *("corpus", "train_file", "valid_file", "test_file"),
    *("pretrained", "teacher", "judge", "reward", "scheduled_sampling", "g_dropout", "mle_patience", "profile"),
}


@dataclasses.dataclass(frozen=True)
class Command:
    """A command and its flags."""

    help: str
    function: str  # "module:function"; takes the flags by name; returns an exit code, text to print, or None
    flags: list[Flag]
    settings: tuple[dataclasses.Field, ...] = ()  # also flags; those given are passed as a dict `settings`
    argument: str = ""  # name of the positional argument, passed by this name


def load(name):
    """Returns the function of "module:function", without garbage collection while it imports TensorFlow.

    The import makes 350,000 objects, which all stay; looking for garbage among them takes a third of the time.
    """
    if "tensorflow" in sys.modules:
        return pkgutil.resolve_name(name)
    gc.disable()
    try:
        return pkgutil.resolve_name(name)
    finally:
        gc.freeze()
        gc.enable()


def train(settings, preset, run, strategy, **devices):
    """Trains a run and returns the exit code."""
    preset = preset or "quick"
    config = _config(preset, settings)
    strategy = load(MAKE_STRATEGY)(strategy, **devices)
    return load("seqgan_tf.cli.train:train")(config, run or f"runs/{preset}", strategy)


def benchmark(settings, preset, run, strategy, **devices):
    """Returns how long training takes on this machine, as text. `run` is ignored."""
    config = _config(preset or "paper", settings)
    strategy = load(MAKE_STRATEGY)(strategy, **devices)
    return load("seqgan_tf.studies.benchmark:benchmark")(config, strategy)


def _config(preset, settings):
    config = dataclasses.replace(PRESETS[preset], **settings)
    widest = max(settings.get("d_filter_widths", [0]))
    if widest > config.max_length:  # a preset's wider filters are left out silently
        raise ValueError(f"--d_filter_widths must be {config.max_length} (--max_length) or less, got {widest}.")
    return config


def experiment(name, **values):
    """Checks the name before it imports TensorFlow, then runs the experiment."""
    if name not in EXPERIMENTS:
        near = near_miss(name, EXPERIMENTS) or "."
        raise ValueError(f"experiment must be one of {', '.join(EXPERIMENTS)}, got {name!r}{near}")
    return load("seqgan_tf.studies.run:experiment")(name=name, **values)


def sample(temperature, **values):
    """Checks the temperature before it imports TensorFlow, then samples."""
    if temperature not in (None, 0) and not 0.01 <= temperature <= 100:
        raise ValueError(f"--temperature must be 0 or between 0.01 and 100, got {temperature}.")
    return load("seqgan_tf.serving.commands:sample")(temperature=temperature, **values)


def report(runs, output):
    """Reports on all runs in the folders."""
    return load("seqgan_tf.studies.report:report")(find(runs), output)


def _commands():
    content = json.loads(pathlib.Path(__file__).with_name("commands.json").read_text("utf-8"))
    settings = {"none": (), "all": SETTINGS, "free": tuple(field for field in SETTINGS if field.name not in DECIDED)}
    found = {}
    for name, about in content["commands"].items():
        flags = [Flag(**flag) for group in about.pop("flags") for flag in content["flags"][group]]
        found[name] = Command(flags=flags, settings=settings[about.pop("settings", "none")], **about)
    return found


COMMANDS = _commands()
