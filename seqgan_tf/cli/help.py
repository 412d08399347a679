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
    lines = {
        "commands": [f"  {f'{key} {c.argument.upper()}':17}{c.help}" for key, c in COMMANDS.items()],
        "presets": [
            f"  {preset}: python -m seqgan_tf.main --preset={preset}\n{textwrap.indent(about, '    ')}"
            for preset, about in ABOUT.items()
        ],
        "names": [f"  {key:9}  {about['help']}" for key, about in EXPERIMENTS.items()],
        "flags": ["  --help: Shows this text.", *map(_line, command.flags)],
        "settings": map(_line, command.settings),
    }
    shown = {part: "\n".join(of_part) for part, of_part in lines.items()}
    return TEMPLATES.get(name, OTHER).format(name=name, help=command.help, **shown)


def _line(flag):
    """The line of a flag: a Flag or a field of Config."""
    text, choices = (
        f"  --{flag.name}: {flag.metadata['help']}",
        ", ".join(filter(None, flag.metadata["choices"] or ())),
    )
    text += f" One of {choices}." if choices else ""
    default = ",".join(map(str, flag.default)) if isinstance(flag.default, tuple) else flag.default
    return text if default in (None, "") else f"{text} [{default}]"
