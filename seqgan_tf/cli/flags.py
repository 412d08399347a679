"""Parses a command line: finds the command and the values of its flags."""

import dataclasses
import os
import re
import sys
import typing

from absl import flags

from seqgan_tf.config import PRESETS
from seqgan_tf.config.limits import check

# An empty value of these flags is most likely an unset shell variable.
NOT_EMPTY = ("corpus", "train_file", "valid_file", "test_file", "oracle_file", "input", "output", "run", "runs")
PATHS = (*NOT_EMPTY[1:], "data_dir", "pretrained", "teacher", "judge")
SEVERAL = ("runs", "teacher", "judge")  # paths, separated by commas
DEFINE = {
    int: flags.DEFINE_integer,
    float: flags.DEFINE_float,
    str: flags.DEFINE_string,
    bool: flags.DEFINE_boolean,
    tuple: flags.DEFINE_list,
}


@dataclasses.dataclass(frozen=True)
class Flag:
    """A flag that is not a setting. It has a name, default, type and metadata, like a field of Config."""

    name: str
    default: object  # also gives the type; None: no default, and the type is float
    help: str
    minimum: float | None = None  # an int with a minimum must also fit into int32, for TensorFlow
    below: float | None = None
    choices: typing.Sequence[str] = ()  # "presets": the names of all presets
    required: bool = False

    @property
    def type(self):
        """Returns the type of the value, a key of DEFINE."""
        return float if self.default is None else type(self.default)

    @property
    def metadata(self):
        """Returns help and limits, as in the metadata of a field of Config."""
        below = 2**31 if self.type is int and self.minimum is not None else None
        choices = tuple(PRESETS) if self.choices == "presets" else self.choices
        return vars(self) | {"below": self.below or below, "choices": choices}


def find_command(words, commands, definitions):
    """Returns the first word that is neither a flag nor a flag's value, or None if it is not a command.

    Args:
      words: list of str, the command line without the program.
      commands: names of commands.
      definitions: the Flags and fields of Config of all commands.

    Examples:
      >>> run = Flag("run", "", "Run folder.")
      >>> find_command(["--run", "report", "sample", "--num=3"], {"report", "sample"}, [run])
      'sample'
    """
    rest, _ = _read(definitions, words, known_only=True)
    first = next((word for word in rest if not word.startswith("-")), None)
    return first if first in commands else None


def parse(definitions, words):
    """Parses a command line.

    Args:
      definitions: Flags and fields of Config.
      words: list of str.

    Returns:
      The values of the given flags, a dict by name; the words that belong to no flag; whether --help is given.

    Raises:
      ValueError: if a flag is unknown or its value is not allowed.
    """
    rest, values = _read(definitions, words)
    given = {}
    for flag in definitions:
        value = values[flag.name].value
        if value is not None:
            if flag.name in PATHS:  # the shell does not expand --run=~/x
                parts = value.split(",") if flag.name in SEVERAL else [value]
                value = ",".join(map(os.path.expanduser, parts))
            given[flag.name] = _integers(flag.name, value) if isinstance(value, list) else value
            check(flag, given[flag.name])
        if value == "" and flag.name in NOT_EMPTY:
            raise ValueError(f"--{flag.name} must be a name, got ''; leave the flag out to use its default.")
    return given, rest, values.help


def _read(definitions, words, known_only=False):
    """Returns the words that belong to no flag, and absl's FlagValues. known_only: unknown flags are such words."""
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
    """Returns the words that start this program again, from the current folder, the way it was started."""
    if os.path.basename(sys.argv[0]) == "seqgan-tf":
        return [shorter(sys.argv[0])]
    return [shorter(sys.executable), "-m", "seqgan_tf.main"]


def shorter(path):
    """Returns the path, or the relative path if that is shorter."""
    return min(path, os.path.relpath(path), key=len)


def _integers(name, words):
    try:
        return tuple(int(word) for word in words)
    except ValueError as error:
        raise ValueError(f"--{name} must be whole numbers separated by commas, got {','.join(words)}.") from error
