"""The texts of --help."""

import textwrap

from seqgan_tf.cli.commands import COMMANDS
from seqgan_tf.config.presets import ABOUT
from seqgan_tf.studies.experiments import EXPERIMENTS

TRAINING = """python -m seqgan_tf.main [COMMAND] [FLAGS]

Commands:
{commands}
  (COMMAND --help shows the flags of a command)

Presets (--preset):
{presets}

Flags of train and benchmark:
{flags}

Settings of train and benchmark. Their defaults come from the preset; at the end of a line is the value in
--preset=paper. Sources: [P] the paper, [C] its authors' code, [here] chosen for this project.
{settings}"""
EXPERIMENT = """python -m seqgan_tf.main experiment NAME [FLAGS]: {help}
Finished runs are reused. The same command resumes a stopped experiment.

Names:
{names}

Flags:
{flags}
  The settings of train apply to all runs, for example --oracle_file=FILE (see --help without a command)."""
OTHER = """python -m seqgan_tf.main {name} [FLAGS]: {help}

{flags}"""
TEMPLATES = {"train": TRAINING, "benchmark": TRAINING, "experiment": EXPERIMENT}


def text(name):
    """Returns the help text of a command."""
    command = COMMANDS[name]
    lines = {
        "commands": [f"  {f'{key} {c.argument.upper()}':17}{c.help}" for key, c in COMMANDS.items()],
        "presets": [
            f"  {preset}: python -m seqgan_tf.main --preset={preset}\n{textwrap.indent(about, '    ')}"
            for preset, about in ABOUT.items()
        ],
        "names": [f"  {key:9}  {about['help']}" for key, about in EXPERIMENTS.items()],
        "flags": ["  --help: Shows this help.", *(_line(flag, "default") for flag in command.flags)],
        "settings": [_line(field, "paper") for field in command.settings],
    }
    shown = {part: "\n".join(of_part) for part, of_part in lines.items()}
    return TEMPLATES.get(name, OTHER).format(name=name, help=command.help, **shown)


def _line(flag, source):
    """Returns the line of a Flag or a field of Config; source: where its default comes from."""
    text, choices = (
        f"  --{flag.name}: {flag.metadata['help']}",
        ", ".join(filter(None, flag.metadata["choices"] or ())),
    )
    text += f" One of {choices}." if choices else ""
    default = ",".join(map(str, flag.default)) if isinstance(flag.default, tuple) else flag.default
    return text if default in (None, "") else f"{text} ({source}: {default})"
