"""The page docs/flags.md, which `make docs` makes from the commands, settings and presets."""

from seqgan_tf.cli.commands import COMMANDS
from seqgan_tf.config.presets import ABOUT
from seqgan_tf.config.settings import GROUPS

PAGE = """# Flags and presets

All commands, flags and presets. `make docs` makes this page from the code.

## Commands

{commands}

## Presets

`--preset=NAME` sets all settings at once; any flag overrides it.

{presets}

## Settings

These are flags of `train` and `benchmark`, and of `experiment` unless the experiment decides them. Defaults come from
the preset; the table shows the values of `paper`. Sources: [P] the paper, [C] its authors' code, [here] chosen for
this project.

{settings}

## Flags of each command

{flags}
"""


def page():
    """Returns the content of docs/flags.md, a str."""
    settings = COMMANDS["train"].settings
    groups = {group: [field for field in settings if field.metadata["group"] == group] for group in GROUPS}
    return PAGE.format(
        commands=_table(("command", "what it does"), [(f"`{name}`", about.help) for name, about in COMMANDS.items()]),
        presets=_table(
            ("preset", "about", "expected time", "expected score"),
            [(f"`{name}`", *_parts(about)) for name, about in ABOUT.items()],
        ),
        settings="\n\n".join(f"### {group.capitalize()}\n\n{_flags(fields)}" for group, fields in groups.items()),
        flags="\n\n".join(f"### {name}\n\n{_flags(about.flags)}" for name, about in COMMANDS.items()),
    )


def _parts(about):
    """Returns the lines of a preset's description without their labels."""
    return [line.split(": ", 1)[-1] for line in about.splitlines()]


def _flags(flags):
    rows = []
    for flag in flags:
        value = ",".join(map(str, flag.default)) if isinstance(flag.default, tuple) else flag.default
        choices = ", ".join(f"`{choice}`" for choice in flag.metadata["choices"] or () if choice)
        text = flag.metadata["help"] + (f" One of {choices}." if choices else "")
        rows.append((f"`--{flag.name}`", text, "" if value in (None, "") else f"`{value}`"))
    return _table(("flag", "meaning", "default"), rows)


def _table(heads, rows):
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows))


if __name__ == "__main__":
    print(page(), end="")
