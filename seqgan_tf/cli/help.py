"""Help: what --help shows."""

from seqgan_tf.cli.commands import COMMANDS, EXPERIMENTS
from seqgan_tf.config.presets import ABOUT

TRAINING = """python -m seqgan_tf.main [COMMAND] [FLAGS]

Commands:
{commands}
  (COMMAND --help shows the flags of the others than train and benchmark)

Presets (--preset):
{presets}

Flags of train and benchmark (without one, the preset's value holds; at the end, in brackets, the value of
--preset=paper. Where a setting comes from: [P] the paper, [C] its authors' code, [here] chosen for this project):
{flags}
{settings}"""
EXPERIMENT = """python -m seqgan_tf.main experiment NAME [FLAGS]: {help}
Finished runs are used as they are; a stopped experiment resumes when it is started again.

Names:
{names}

Flags:
{flags}
  and the settings of train, for example --oracle_file=FILE, for all runs alike (main --help)"""
OTHER = """python -m seqgan_tf.main {name} [FLAGS]: {help}

{flags}"""
TEMPLATES = {"train": TRAINING, "benchmark": TRAINING, "experiment": EXPERIMENT}


def text(name):
    """The help of a command.

    Args:
      name: a key of COMMANDS.
    """
    command = COMMANDS[name]
    template = TEMPLATES.get(name, OTHER)
    return template.format(
        name=name,
        help=command.help,
        commands="\n".join(
            f"  {f'{key} {other.argument.upper()}':17}{other.help}" for key, other in COMMANDS.items()
        ),
        presets="\n".join(map(_preset, ABOUT)),
        names="\n".join(f"  {key:9}  {about}" for key, about in EXPERIMENTS.items()),
        flags="\n".join(["  --help: Shows this text.", *map(_line, command.flags)]),
        settings="\n".join(map(_line, command.settings)),
    )


def _preset(name):
    lines = [f"  {name}: python -m seqgan_tf.main --preset={name}", *ABOUT[name].splitlines()]
    return "\n    ".join(lines)


def _line(flag):
    """The line of a flag: a Flag or a field of Config."""
    choices = ", ".join(filter(None, flag.metadata["choices"] or ()))
    default = ",".join(map(str, flag.default)) if isinstance(flag.default, tuple) else flag.default
    parts = [
        f"  --{flag.name}: {flag.metadata['help']}",
        f"One of {choices}." if choices else "",
        "" if default in (None, "") else f"[{default}]",
    ]
    return " ".join(filter(None, parts))
