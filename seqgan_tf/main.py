"""The command line: seqgan-tf [COMMAND] [FLAGS], or python -m seqgan_tf.main [COMMAND] [FLAGS]."""

import os
import shlex
import signal
import sys

from seqgan_tf.cli import flags, help, terminal
from seqgan_tf.cli.commands import COMMANDS, load

# TensorFlow reads these when it is imported, which happens only after the flags have been checked.
QUIET_AND_FAST = {
    "TF_CPP_MIN_LOG_LEVEL": "2",  # errors only
    "TF_CPU_ALLOCATOR_USE_BFC": "true",  # reuses large buffers instead of allocating them at every step
    # Off, so that more machines compute the same numbers; it also prints lines that no log level hides. Setting it to
    # 1 saves a third of D's training time on processors with AVX-512.
    "TF_ENABLE_ONEDNN_OPTS": "0",
    # Allocates GPU memory as needed, so that sample, serve and evaluate can share one GPU with training.
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
}


def main(argv):
    """Runs a command and returns the exit code.

    Args:
      argv: list of str, the program's name first.

    Returns:
      0 if the command is done, 1 if training diverged or memory ran out, 2 if the input is bad, 128 + the signal's
      number if a signal stopped it.
    """
    name, every = "train", [flag for command in COMMANDS.values() for flag in (*command.flags, *command.settings)]
    try:
        name = flags.find_command(argv[1:], COMMANDS, every) or name
        result = _execute(name, argv[1:])
        if isinstance(result, str):
            terminal.result(result)
        return result if isinstance(result, int) else 0
    except BrokenPipeError:  # the reader of our output, such as a pager, was closed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except ValueError as error:
        terminal.error(error)
        return 2
    except OSError as error:
        needed = "the run folder must be complete and its disk must have room"
        terminal.error(f"a file cannot be read or written ({error}); {needed}.")
        return 2
    except Exception as error:
        if not isinstance(error, MemoryError) and type(error).__name__ != "ResourceExhaustedError":  # of TensorFlow
            raise
        advice = "use a smaller --batch_size, --rollout_chunk or --num, or the CPU with CUDA_VISIBLE_DEVICES="
        terminal.error(f"out of memory ({' '.join(str(error).split())[:150]}); {advice}.")
        return 1
    except KeyboardInterrupt:
        resumes = "; the same command resumes from the last checkpoint" if name in ("train", "experiment") else ""
        print(f"\nStopped{resumes}.", file=sys.stderr)
        return 128 + signal.SIGINT


def run():
    """Entry point of the console command seqgan-tf."""
    sys.exit(main(sys.argv))


def _execute(name, words):
    """Runs a command and returns its exit code, text to print, or None."""
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
    return load(command.function)(**values)


if __name__ == "__main__":
    run()
