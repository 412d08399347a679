"""Command line: python -m seqgan_tf.main [train | benchmark] [flags]."""

import dataclasses
import os
import shlex
import signal
import sys
import typing

from absl import flags

from seqgan_tf.config import ABOUT, PRESETS, Config

# Read by TensorFlow when it is imported, which happens only after the flags are known to be good.
QUIET_AND_FAST = {
    "TF_CPP_MIN_LOG_LEVEL": "2",  # errors only
    "TF_CPU_ALLOCATOR_USE_BFC": "true",  # keeps large buffers instead of asking the system for them at every step
    # Off, as it is by default on most processors: so more machines compute the same numbers, and where it is on it
    # prints lines that no log level hides. With 1, training D takes a third less time on processors with AVX-512.
    "TF_ENABLE_ONEDNN_OPTS": "0",
}
PRESET_OF = {"train": "quick", "benchmark": "paper"}  # each command, and the preset it takes when none is named
NOT_EMPTY = ("corpus", "train_file", "valid_file", "test_file", "oracle_file")  # empty by an unset variable, perhaps
USAGE = """python -m seqgan_tf.main [COMMAND] [FLAGS]

Commands:
  train      (default) trains a preset, or goes on with a run that was stopped
  benchmark  times this machine and estimates how long the presets on oracle data take on it

Presets (--preset):
{presets}

Flags (without one, the preset's value holds; at the end, in brackets, the value of --preset=paper. Where a setting
comes from: [P] the paper, [C] its authors' code, [here] chosen for this project):
{flags}"""


class UsageError(Exception):
    """What the user typed cannot be done; the message says what is allowed."""


def main(argv):
    """Runs one command.

    Args:
      argv: list of str, the program's name first.

    Returns:
      int, the exit code: 0 done, 1 training diverged, 2 bad input, 128 + the signal's number when stopped.
    """
    values = _define_flags()
    try:
        words = _parse(values, argv)
        if values.help:
            print(_usage(values), flush=True)
            return 0
        command, config, run = _interpret(values, words)
        os.environ |= {key: os.environ.get(key, value) for key, value in QUIET_AND_FAST.items()}
        if command == "benchmark":
            from seqgan_tf.benchmark import benchmark

            print(benchmark(config))
            return 0
        return _train(config, run, argv)
    except UsageError as error:
        return _complain(error)
    except BrokenPipeError:  # the reader of our output, a pager perhaps, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except KeyboardInterrupt:
        print("\nStopped; a run goes on from its last checkpoint.", file=sys.stderr)
        return 128 + signal.SIGINT


def _train(config, run, argv):
    # Imported here: TensorFlow takes seconds to import, which no message about flags should wait for.
    from seqgan_tf import report
    from seqgan_tf.checkpoints import Diverged, Stopped
    from seqgan_tf.trainer import Trainer

    python = min(sys.executable, os.path.relpath(sys.executable), key=len)
    again = shlex.join([python, "-m", "seqgan_tf.main", *argv[1:]])
    try:
        trainer = Trainer(config, run)
    except ValueError as error:
        return _complain(error)
    except OSError as error:
        return _complain(_unwritable(run, error))
    if trainer.resumes:
        print(f"Going on with {run}, {trainer.where()}", file=sys.stderr)
    watch = shlex.join([python, "-m", "tensorboard.main", "--logdir", run])
    print(f"Training in {run}; to watch it: {watch}", file=sys.stderr)
    try:
        trainer.train()
    except Stopped as stop:
        (number,) = stop.args
        stopped = f"Stopped by {signal.Signals(number).name} {trainer.where()}"
        print(f"\n{stopped}; all of it is saved in {run}. To go on: {again}", file=sys.stderr)
        return 128 + number
    except Diverged as error:
        print(
            f"\nTraining diverged {trainer.where()}: {error}. The last good checkpoint is kept in "
            f"{run}/checkpoints; try a lower learning rate in another folder (--run).",
            file=sys.stderr,
        )
        return 1
    except OSError as error:
        return _complain(_unwritable(run, error))
    print(report.table(run))
    print(f"\nLearning curves: {report.plot(run)}")
    return 0


def _define_flags():
    """Flags from the fields of Config, and the few that are no setting of a run."""
    values = flags.FlagValues()
    flags.DEFINE_string(
        "preset", None, "Settings to start from; without it quick, or paper to benchmark.", flag_values=values
    )
    flags.DEFINE_string(
        "run", None, "Run folder, made where there is none; without it runs/PRESET.", flag_values=values
    )
    flags.DEFINE_boolean("help", False, "Shows this text.", short_name="h", flag_values=values)
    define = {
        **{int: flags.DEFINE_integer, float: flags.DEFINE_float},
        **{str: flags.DEFINE_string, bool: flags.DEFINE_boolean},
    }
    for field in dataclasses.fields(Config):
        text = field.metadata["help"]
        if typing.get_origin(field.type) is tuple:
            flags.DEFINE_list(field.name, None, text, flag_values=values)
        else:
            define[field.type](field.name, None, text, flag_values=values)
    return values


def _parse(values, argv):
    try:
        return values(argv)[1:]
    except flags.Error as error:
        raise UsageError(f"{error} (--help lists the flags)".replace("\n", " ")) from error


def _interpret(values, words):
    """The command, the Config and the run folder that were asked for."""
    if len(words) > 1 or words and words[0] not in PRESET_OF:
        raise UsageError(f"command is {' '.join(words)!r}; allowed is one of {', '.join(PRESET_OF)}.")
    command = words[0] if words else "train"
    preset = values.preset or PRESET_OF[command]
    if preset not in PRESETS:
        raise UsageError(f"--preset is {preset!r}; allowed is one of {', '.join(PRESETS)}.")
    given = {}
    for field in dataclasses.fields(Config):
        value = values[field.name].value
        if value == "" and field.name in NOT_EMPTY:
            raise UsageError(f"--{field.name} is empty; allowed is a name, or to leave the flag out.")
        if value is not None:
            given[field.name] = _integers(field.name, value) if isinstance(value, list) else value
    try:
        config = dataclasses.replace(PRESETS[preset], **given)
    except ValueError as error:
        raise UsageError(error) from error
    return command, config, values.run or os.path.join("runs", preset)


def _integers(name, words):
    try:
        return tuple(int(word) for word in words)
    except ValueError as error:
        raise UsageError(f"--{name} is {','.join(words)}; allowed are whole numbers with commas.") from error


def _usage(values):
    lines = [f"  --{name}: {values[name].help}" for name in ("preset", "run", "help")]
    for field in dataclasses.fields(Config):
        default = ",".join(map(str, field.default)) if isinstance(field.default, tuple) else field.default
        choices = ", ".join(filter(None, field.metadata["choices"] or ()))
        lines.append(
            f"  --{field.name}: {field.metadata['help']} {f'One of {choices}. ' if choices else ''}[{default}]"
        )
    presets = [f"  {name}: {text}" for name, text in ABOUT.items()]
    return USAGE.format(presets="\n".join(presets), flags="\n".join(lines))


def _unwritable(run, error):
    return f"--run is {run}, which cannot be written ({error}); allowed is a folder that can, with room on its disk."


def _complain(error):
    print(f"error: {error}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv))
