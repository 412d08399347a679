"""Command line: python -m seqgan_tf.main [COMMAND] [FLAGS]; --help lists both."""

import dataclasses
import os
import re
import signal
import sys
import typing

from absl import flags

from seqgan_tf.cli import usage
from seqgan_tf.config import PRESETS, Config

# Read by TensorFlow when it is imported, which happens only after the flags are known to be good.
QUIET_AND_FAST = {
    "TF_CPP_MIN_LOG_LEVEL": "2",  # errors only
    "TF_CPU_ALLOCATOR_USE_BFC": "true",  # keeps large buffers instead of asking the system for them at every step
    # Off, as it is by default on most processors: so more machines compute the same numbers, and where it is on it
    # prints lines that no log level hides. With 1, training D takes a third less time on processors with AVX-512.
    "TF_ENABLE_ONEDNN_OPTS": "0",
}
PRESET_OF = {"train": "quick", "benchmark": "paper"}  # each command, and the preset it takes when none is named
COMMANDS = (*PRESET_OF, "experiment", *usage.AFTER_TRAINING)
NOT_EMPTY = ("corpus", "train_file", "valid_file", "test_file", "oracle_file")  # empty by an unset variable, perhaps


class UsageError(Exception):
    """What the user typed cannot be done; the message says what is allowed."""


def main(argv):
    """Runs one command.

    Args:
      argv: list of str, the program's name first.

    Returns:
      int, the exit code: 0 done, 1 training diverged, 2 bad input, 128 + the signal's number when stopped.
    """
    first = next((word for word in argv[1:] if word in COMMANDS), "train")
    command = None if first in PRESET_OF else first
    values = _define_flags_of(command) if command in usage.AFTER_TRAINING else _define_flags(command)
    try:
        words = _parse(values, argv)
        if command is not None:
            return _beside_training(command, values, words)
        if values.help:
            print(_usage(values), flush=True)
            return 0
        command, config, run = _interpret(values, words)
        os.environ |= {key: os.environ.get(key, value) for key, value in QUIET_AND_FAST.items()}
        devices = {name: values[name].value for name in usage.DEVICES}
        for name, (_, _, limit) in usage.DEVICES.items():
            _check_flag(name, devices[name], limit)
        from seqgan_tf.distributed.devices import make_strategy

        try:
            strategy = make_strategy(*devices.values())
        except ValueError as error:
            return usage.complain(error)
        if command == "benchmark":
            from seqgan_tf.studies.benchmark import benchmark

            try:
                print(benchmark(config, strategy))
            except ValueError as error:
                return usage.complain(error)
            return 0
        from seqgan_tf.cli.train import train

        return train(config, run, strategy, argv)
    except UsageError as error:
        return usage.complain(error)
    except BrokenPipeError:  # the reader of our output, a pager perhaps, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except KeyboardInterrupt:
        print(
            "\nStopped." if command in usage.AFTER_TRAINING else "\nStopped; a run goes on from its last checkpoint.",
            file=sys.stderr,
        )
        return 128 + signal.SIGINT


def _beside_training(command, values, words):
    """Runs an experiment or one of usage.AFTER_TRAINING, and says in one line what was wrong with its input."""
    try:
        if command == "experiment":
            return _experiment(values, words)
        return _after_training(command, values, words)
    except ValueError as error:
        return usage.complain(error)
    except BrokenPipeError:
        raise
    except OSError as error:
        return usage.complain(
            f"a file cannot be read or written ({error}); allowed is a whole run folder, and a disk with room."
        )


def _experiment(values, words):
    """Runs an experiment."""
    if values.help:
        names = "\n".join(f"  {name:9}  {about}" for name, about in usage.EXPERIMENTS.items())
        print(usage.EXPERIMENT_USAGE.format(names=names, flags=_usage_of(usage.EXPERIMENT)), flush=True)
        return 0
    given = {name: values[name].value for name in usage.EXPERIMENT}
    for name, (_, _, *limit) in usage.EXPERIMENT.items():
        _check_flag(name, given[name], *limit)
    name = " ".join(words[1:] if words[:1] == ["experiment"] else words)
    if name not in usage.EXPERIMENTS:
        raise UsageError(f"experiment is {name!r}; allowed is one of {', '.join(usage.EXPERIMENTS)}.")
    settings = _given(values)
    os.environ |= {key: os.environ.get(key, value) for key, value in QUIET_AND_FAST.items()}
    from seqgan_tf.studies import run

    return run.experiment(name, settings, **given)


def _usage_of(definitions):
    """Lines of help for the flags of a command."""
    return "\n".join(
        f"  --{name}: {text}" + (f" [{default}]" if default or default == 0 else "")
        for name, (default, text, *_) in definitions.items()
    )


def _after_training(command, values, words):
    """Runs one of usage.AFTER_TRAINING."""
    about, definitions = usage.AFTER_TRAINING[command]
    if values.help:
        print(f"python -m seqgan_tf.main {command} [FLAGS]: {about}\n\n{_usage_of(definitions)}", flush=True)
        return 0
    if words != [command]:
        raise UsageError(f"arguments are {' '.join(words)!r}; allowed is one command, and flags.")
    given = {name: values[name].value for name in definitions}
    for name, (_, _, *limit) in definitions.items():
        _check_flag(name, given[name], *limit)
    for name in ("input", "output"):
        if name in given and values[name].present and not given[name]:
            raise UsageError(f"--{name} is empty; allowed is a name, or to leave the flag out.")
    if "run" in given and not given["run"]:
        raise UsageError(f"--run is missing; allowed is a run folder, as in: {command} --run=runs/quick")
    os.environ |= {key: os.environ.get(key, value) for key, value in QUIET_AND_FAST.items()}
    from seqgan_tf.serving import commands
    from seqgan_tf.studies import listing

    if command == "sample":
        commands.sample(*(given[name] for name in definitions))
    elif command == "evaluate":
        metrics = [name for name in given["metrics"].split(",") if name]
        run, file = (given["run"], given["checkpoint"]), [given["input"]] if given["input"] else []
        score = commands.evaluate_file if file else commands.evaluate_run
        print(score(*run, *file, metrics, given["output"]))
    elif command == "list":
        print(listing.list_runs(given["runs"]))
    elif command == "frontier":
        from seqgan_tf.studies import run

        print(run.frontier(given["runs"], given["samples"], given["threads"]))
    elif command == "report":
        from seqgan_tf.studies import report, results

        print(report.report(results.folders(given["runs"]), given["output"]))
    elif command == "export":
        from seqgan_tf.serving.export import export

        print(export(*given.values()))
    else:
        from seqgan_tf.serving.server import serve

        serve(given["run"], given["checkpoint"], given["host"], given["port"])
    return 0


def _check_flag(name, value, limit=None):
    if isinstance(limit, tuple) and value not in limit:
        raise UsageError(f"--{name} is {value!r}; allowed is one of {', '.join(limit)}.")
    if isinstance(limit, int | float) and value is not None and not limit <= value < 2**31:
        raise UsageError(f"--{name} is {value}; allowed is {limit} or more, and less than 2^31.")
    if name == "temperature" and value is not None and value != 0 and not 0.01 <= value <= 100:
        raise UsageError(f"--temperature is {value}; allowed is 0, or from 0.01 to 100.")


def _define_flags_of(command):
    """The flags of one of usage.AFTER_TRAINING."""
    values = flags.FlagValues()
    _define(values, usage.AFTER_TRAINING[command][1])
    flags.DEFINE_boolean("help", False, "Shows this text.", short_name="h", flag_values=values)
    return values


def _define(values, definitions):
    define = {
        **{int: flags.DEFINE_integer, str: flags.DEFINE_string},
        **{float: flags.DEFINE_float, type(None): flags.DEFINE_float},
    }
    for name, (default, text, *_) in definitions.items():
        define[type(default)](name, default, text, flag_values=values)


def _define_flags(command):
    """Flags from the fields of Config, and the few that are no setting of a run; command: experiment, or None."""
    values = flags.FlagValues()
    flags.DEFINE_boolean("help", False, "Shows this text.", short_name="h", flag_values=values)
    if command == "experiment":
        _define(values, usage.EXPERIMENT)
    else:
        flags.DEFINE_string(
            "preset", None, "Settings to start from; without it quick, or paper to benchmark.", flag_values=values
        )
        flags.DEFINE_string(
            "run", None, "Run folder, made where there is none; without it runs/PRESET.", flag_values=values
        )
        _define(values, usage.DEVICES)
    define = {
        **{int: flags.DEFINE_integer, float: flags.DEFINE_float},
        **{str: flags.DEFINE_string, bool: flags.DEFINE_boolean},
    }
    for field in dataclasses.fields(Config):
        if command == "experiment" and field.name in usage.DECIDED:
            continue
        text = field.metadata["help"]
        if typing.get_origin(field.type) is tuple:
            flags.DEFINE_list(field.name, None, text, flag_values=values)
        else:
            define[field.type](field.name, None, text, flag_values=values)
    return values


def _parse(values, argv):
    try:
        return values(argv)[1:]
    except flags.IllegalFlagValueError as error:
        match = re.match(r"flag --(\w+)=(.*?): ", str(error), re.DOTALL)
        if not match:
            raise UsageError(f"{error} (--help lists the flags)".replace("\n", " ")) from error
        name, value = match.groups()
        raise UsageError(f"--{name} is {value!r}; allowed is {values[name].parser.syntactic_help}.") from error
    except flags.Error as error:
        raise UsageError(f"{error} (--help lists the flags)".replace("\n", " ")) from error


def _interpret(values, words):
    """The command, the Config and the run folder that were asked for."""
    if len(words) > 1 or words and words[0] not in PRESET_OF:
        raise UsageError(f"command is {' '.join(words)!r}; allowed is one of {', '.join(COMMANDS)}.")
    command = words[0] if words else "train"
    preset = values.preset or PRESET_OF[command]
    if preset not in PRESETS:
        raise UsageError(f"--preset is {preset!r}; allowed is one of {', '.join(PRESETS)}.")
    try:
        config = dataclasses.replace(PRESETS[preset], **_given(values))
    except ValueError as error:
        raise UsageError(error) from error
    return command, config, values.run or os.path.join("runs", preset)


def _given(values):
    """The settings of Config that were given, by name."""
    given = {}
    for field in dataclasses.fields(Config):
        value = values[field.name].value if field.name in values else None
        if value == "" and field.name in NOT_EMPTY:
            raise UsageError(f"--{field.name} is empty; allowed is a name, or to leave the flag out.")
        if value is not None:
            given[field.name] = _integers(field.name, value) if isinstance(value, list) else value
    return given


def _integers(name, words):
    try:
        return tuple(int(word) for word in words)
    except ValueError as error:
        raise UsageError(f"--{name} is {','.join(words)}; allowed are whole numbers with commas.") from error


def _usage(values):
    lines = [f"  --{name}: {values[name].help}" for name in ("preset", "run", "help")]
    lines += [f"  --{name}: {text} [{default}]" for name, (default, text, _) in usage.DEVICES.items()]
    for field in dataclasses.fields(Config):
        default = ",".join(map(str, field.default)) if isinstance(field.default, tuple) else field.default
        choices = ", ".join(filter(None, field.metadata["choices"] or ()))
        lines.append(
            f"  --{field.name}: {field.metadata['help']} {f'One of {choices}. ' if choices else ''}[{default}]"
        )
    presets = [f"  {name}: {text}" for name, text in usage.ABOUT.items()]
    commands = [f"  {name:9}  {about}" for name, (about, _) in usage.AFTER_TRAINING.items()]
    return usage.USAGE.format(commands="\n".join(commands), presets="\n".join(presets), flags="\n".join(lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv))
