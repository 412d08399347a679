"""Help: what --help shows."""

import textwrap

from seqgan_tf.cli.commands import COMMANDS
from seqgan_tf.config.presets import ABOUT
from seqgan_tf.studies.experiments import EXPERIMENTS

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
    """The help of a command by its name."""
    command = COMMANDS[name]
    presets = [
        f"  {preset}: python -m seqgan_tf.main --preset={preset}\n{textwrap.indent(about, '    ')}"
        for preset, about in ABOUT.items()
    ]
    return TEMPLATES.get(name, OTHER).format(
        name=name,
        help=command.help,
        commands="\n".join(
            f"  {f'{key} {other.argument.upper()}':17}{other.help}" for key, other in COMMANDS.items()
        ),
        presets="\n".join(presets),
        names="\n".join(f"  {key:9}  {about['help']}" for key, about in EXPERIMENTS.items()),
        flags="\n".join(["  --help: Shows this text.", *map(_line, command.flags)]),
        settings="\n".join(map(_line, command.settings)),
    )


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
