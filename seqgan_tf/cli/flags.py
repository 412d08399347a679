"""Flags: finds the command and the values of its flags in a command line."""

import dataclasses
import os
import re
import sys
import typing

from absl import flags

from seqgan_tf.config import PRESETS, settings

# An empty value of these most likely comes from a shell variable that is not set.
NOT_EMPTY = ("corpus", "train_file", "valid_file", "test_file", "oracle_file", "input", "output", "run", "runs")
PATHS = (*NOT_EMPTY[1:], "data_dir", "pretrained")
DEFINE = {
    int: flags.DEFINE_integer,
    float: flags.DEFINE_float,
    str: flags.DEFINE_string,
    bool: flags.DEFINE_boolean,
    tuple: flags.DEFINE_list,
}


@dataclasses.dataclass(frozen=True)
class Flag:
    """A flag that is no setting of a run; like a field of Config it has a name, default, type and metadata."""

    name: str
    default: object  # the value without the flag, whose type it has; None: a number
    help: str
    minimum: float | None = None  # an integer with a minimum must also fit into TensorFlow's int32
    below: float | None = None
    choices: typing.Sequence[str] = ()  # "presets" stands for the names of all presets
    required: bool = False

    @property
    def type(self):
        """A key of DEFINE."""
        return float if self.default is None else type(self.default)

    @property
    def metadata(self):
        """Help and limits, as in the metadata of a field of Config."""
        below = 2**31 if self.type is int and self.minimum is not None else None
        choices = tuple(PRESETS) if self.choices == "presets" else self.choices
        return vars(self) | {"below": self.below or below, "choices": choices}


def find_command(words, commands, definitions):
    """The first of the words that is neither a flag nor the value of a flag, if it is a command's name; else None.

    The definitions are the Flags and fields of Config of all commands.

    >>> run = Flag("run", "", "Run folder.")
    >>> find_command(["--run", "report", "sample", "--num=3"], {"report", "sample"}, [run])
    'sample'
    """
    rest, _ = _read(definitions, words, known_only=True)
    first = next((word for word in rest if not word.startswith("-")), None)
    return first if first in commands else None


def parse(definitions, words):
    """Parses words by definitions, Flags and fields of Config; ValueError if one is unknown or its value not allowed.

    Returns (dict of the values that are given, by name; the words that belong to no flag; whether --help is given).
    """
    rest, values = _read(definitions, words)
    given = {}
    for flag in definitions:
        value = values[flag.name].value
        if value is not None:
            if flag.name in PATHS:  # --run=~/x: a shell leaves that as it is
                parts = value.split(",") if flag.name == "runs" else [value]
                value = ",".join(map(os.path.expanduser, parts))
            given[flag.name] = _integers(flag.name, value) if isinstance(value, list) else value
            settings.check(flag, given[flag.name])
        if value == "" and flag.name in NOT_EMPTY:
            raise ValueError(f"--{flag.name} must be a name, got ''; leave the flag out for its default.")
    return given, rest, values.help


def _read(definitions, words, known_only=False):
    """The words that belong to no flag, and absl's FlagValues; known_only: other flags belong to the words."""
    values = flags.FlagValues()
    flags.DEFINE_boolean("help", False, "", short_name="h", flag_values=values)
    for name, kind in {flag.name: flag.type for flag in definitions}.items():
        DEFINE[typing.get_origin(kind) or kind](name, None, "", flag_values=values)
    try:
        return values(["", *words], known_only)[1:], values
    except flags.Error as error:
        text = f"{error} (--help lists the flags)".replace("\n", " ")
        if illegal := re.match(r"flag --(\w+)=(.*?): ", str(error), re.DOTALL):
            text = f"--{illegal[1]} must be {values[illegal[1]].parser.syntactic_help}, got {illegal[2]!r}."
        raise ValueError(text) from error


def started():
    """Words that start this program again from the current folder, in the way in which it was started."""
    if os.path.basename(sys.argv[0]) == "seqgan-tf":
        return [shorter(sys.argv[0])]
    return [shorter(sys.executable), "-m", "seqgan_tf.main"]


def shorter(path):
    """The path, or the same from the current folder if that is shorter."""
    return min(path, os.path.relpath(path), key=len)


def _integers(name, words):
    try:
        return tuple(int(word) for word in words)
    except ValueError as error:
        raise ValueError(f"--{name} must be whole numbers separated by commas, got {','.join(words)}.") from error
