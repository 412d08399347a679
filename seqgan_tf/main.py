"""Command line: seqgan-tf or python -m seqgan_tf.main, [COMMAND] [FLAGS]; --help lists both."""

import os
import pkgutil
import shlex
import signal
import sys

from seqgan_tf.cli import flags, help, terminal
from seqgan_tf.cli.commands import COMMANDS

# Read by TensorFlow when it is imported, which happens only after the flags are known to be good.
QUIET_AND_FAST = {
    "TF_CPP_MIN_LOG_LEVEL": "2",  # errors only
    "TF_CPU_ALLOCATOR_USE_BFC": "true",  # keeps large buffers instead of asking the system for them at every step
    # Off, as it is by default on most processors: so more machines compute the same numbers, and where it is on it
    # prints lines that no log level hides. With 1, training D takes a third less time on processors with AVX-512.
    "TF_ENABLE_ONEDNN_OPTS": "0",
    # Takes memory of a GPU as it is needed, so that sample, serve and evaluate run beside training on one GPU.
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
}


def main(argv):
    """Runs the command of argv, a list of str with the program's name first, and returns the exit code.

    It is 0 when done, 1 if training diverged or memory ran out, 2 for bad input, 128 + the signal's number when
    stopped.
    """
    name, every = "train", [flag for command in COMMANDS.values() for flag in (*command.flags, *command.settings)]
    try:
        name = flags.find_command(argv[1:], COMMANDS, every) or name
        result = _execute(name, argv[1:])
        if isinstance(result, str):
            terminal.result(result)
        return result if isinstance(result, int) else 0
    except BrokenPipeError:  # the reader of our output, a pager perhaps, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except ValueError as error:
        terminal.error(error)
        return 2
    except OSError as error:
        needed = "the run folder must be whole, and its disk have room"
        terminal.error(f"a file cannot be read or written ({error}); {needed}.")
        return 2
    except Exception as error:
        if not isinstance(error, MemoryError) and type(error).__name__ != "ResourceExhaustedError":  # TensorFlow's
            raise
        advice = "a smaller --batch_size, --rollout_chunk or --num needs less, and CUDA_VISIBLE_DEVICES= uses no GPU"
        terminal.error(f"out of memory ({' '.join(str(error).split())[:150]}); {advice}.")
        return 1
    except KeyboardInterrupt:
        resumes = "; a run resumes from its last checkpoint" if name in ("train", "experiment") else ""
        print(f"\nStopped{resumes}.", file=sys.stderr)
        return 128 + signal.SIGINT


def run():
    """The console command seqgan-tf."""
    sys.exit(main(sys.argv))


def _execute(name, words):
    """Runs a command; returns its exit code, or what is to be printed, or None."""
    command = COMMANDS[name]
    given, rest, wants_help = flags.parse([*command.flags, *command.settings], words)
    if wants_help:
        return help.text(name)
    values = {flag.name: given.get(flag.name, flag.default) for flag in command.flags}
    if command.settings:
        values["settings"] = {field.name: given[field.name] for field in command.settings if field.name in given}
    if command.argument:
        values[command.argument] = " ".join(rest[1:])
    elif rest not in ([], [name]):
        raise terminal.not_a_command(rest, COMMANDS)
    for flag in command.flags:
        if flag.required and flag.name not in given:
            example = shlex.join([*flags.started(), name, f"--{flag.name}=runs/quick"])
            raise ValueError(f"--{flag.name} must be a run folder, got none; for example: {example}")
    os.environ |= QUIET_AND_FAST | os.environ
    return pkgutil.resolve_name(command.function)(**values)


if __name__ == "__main__":
    run()
