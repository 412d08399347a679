"""Commands: what each does, its flags, and the function that gets their values by name; from commands.json.

Nothing here imports TensorFlow before the flags are known to be good.
"""

import dataclasses
import json
import os
import pathlib

from seqgan_tf.cli.flags import Flag
from seqgan_tf.config import PRESETS, Config
from seqgan_tf.studies.experiments import EXPERIMENTS

SETTINGS = tuple(field for field in dataclasses.fields(Config) if Config.is_flag(field.name))
# Settings that an experiment decides, by its data or by its methods, so it has no flags for them.
DECIDED = {
    *("corpus", "train_file", "valid_file", "test_file"),
    *("pretrained", "reward", "scheduled_sampling", "g_dropout", "mle_patience", "profile"),
}


@dataclasses.dataclass(frozen=True)
class Command:
    """One command."""

    help: str
    function: str  # "module:function", takes flags' values by name; returns an exit code, or what to print, or None
    flags: list[Flag]
    settings: tuple[dataclasses.Field, ...] = ()  # flags too; the function gets those given as a dict `settings`
    argument: str = ""  # what must stand behind the command; the function gets it by this name


def train(settings, preset, run, **devices):
    """Trains a run."""
    preset = preset or "quick"
    config = dataclasses.replace(PRESETS[preset], **settings)
    strategy = _strategy(**devices)
    from seqgan_tf.cli.train import train

    return train(config, run or os.path.join("runs", preset), strategy)


def benchmark(settings, preset, run, **devices):
    """Measures this machine; there is no run folder."""
    config = dataclasses.replace(PRESETS[preset or "paper"], **settings)
    strategy = _strategy(**devices)
    from seqgan_tf.studies.benchmark import benchmark

    return benchmark(config=config, strategy=strategy)


def _strategy(strategy, **devices):
    from seqgan_tf.distributed.devices import make_strategy

    return make_strategy(name=strategy, **devices)


def experiment(name, **values):
    """Checks the name before TensorFlow is imported."""
    if name not in EXPERIMENTS:
        raise ValueError(f"experiment must be one of {', '.join(EXPERIMENTS)}, got {name!r}.")
    from seqgan_tf.studies.run import experiment

    return experiment(name=name, **values)


def sample(temperature, **values):
    """Checks the temperature before TensorFlow is imported."""
    if temperature not in (None, 0) and not 0.01 <= temperature <= 100:
        raise ValueError(f"--temperature must be 0, or from 0.01 to 100, got {temperature}.")
    from seqgan_tf.serving.commands import sample

    return sample(temperature=temperature, **values)


def report(runs, output):
    """Reports all runs in the folders."""
    from seqgan_tf.runs.folder import find
    from seqgan_tf.studies.report import report

    return report(folders=find(runs), to=output)


def _commands():
    content = json.loads(pathlib.Path(__file__).with_name("commands.json").read_text("utf-8"))
    settings = {"none": (), "all": SETTINGS, "free": tuple(field for field in SETTINGS if field.name not in DECIDED)}
    found = {}
    for name, about in content["commands"].items():
        flags = [Flag(**flag) for group in about.pop("flags") for flag in content["flags"][group]]
        found[name] = Command(flags=flags, settings=settings[about.pop("settings", "none")], **about)
    return found


COMMANDS = _commands()
