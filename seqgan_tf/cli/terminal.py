"""Output of the command line. Control characters in results and errors never reach a terminal."""

import sys

from seqgan_tf.config.limits import near_miss
from seqgan_tf.runs.tables import visible


def result(text):
    """Prints the result of a command: escaped on a terminal, unchanged to a file or another program."""
    print(visible(text) if sys.stdout.isatty() else text, flush=True)


def error(text):
    """Prints an error to stderr in one line."""
    print(f"error: {visible(str(text))}", file=sys.stderr)


def not_a_command(words, commands):
    """Returns the ValueError for words that are not a command followed by flags."""
    near = "" if words[0] in commands else near_miss(words[0], commands)
    allowed = f"one of {', '.join(commands)}, followed by flags only"
    return ValueError(f"command must be {allowed}, got {' '.join(words)!r}{near or '.'}")
