"""What the command line writes: results and errors, of which none can command a terminal."""

import sys

from seqgan_tf.config.settings import near_miss
from seqgan_tf.runs.tables import visible


def result(text):
    """Prints the result of a command; to a file or another program as it is."""
    print(visible(text) if sys.stdout.isatty() else text, flush=True)


def error(text):
    """Prints an error on stderr, in one line."""
    print(f"error: {visible(str(text))}", file=sys.stderr)


def not_a_command(words, commands):
    """The ValueError of words that are no command."""
    near = "" if words[0] in commands else near_miss(words[0], commands)
    allowed = f"one of {', '.join(commands)}, and flags the only other words"
    return ValueError(f"command must be {allowed}, got {' '.join(words)!r}{near or '.'}")
