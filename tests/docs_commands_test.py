"""Every command of this program in the README and in docs/ has flags that exist, with values that they allow."""

import dataclasses
import re
import shlex

import pytest
from command import ROOT

from seqgan_tf.cli import flags
from seqgan_tf.cli.commands import COMMANDS
from seqgan_tf.config import PRESETS
from seqgan_tf.studies.experiments import EXPERIMENTS

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PROGRAM = "python -m seqgan_tf.main"
EVERY = [flag for command in COMMANDS.values() for flag in (*command.flags, *command.settings)]


def commands(text):
    """The program's command lines in Markdown: in code blocks, joined where a backslash continues them, or inline."""
    fences = re.findall(r"^```(\w*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    fenced = [block for language, block in fences if language != "python"]
    rest = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    indented = re.findall(r"^    .*", rest, re.MULTILINE)
    spans = re.findall(rf"`({PROGRAM}[^`]*)`", re.sub(r"^    .*", "", rest, flags=re.MULTILINE))
    inline = [" ".join(span.split()) for span in spans]
    lines = re.sub(r"\\\n\s*", " ", "\n".join([*fenced, *indented, *inline])).splitlines()
    return [line.split(PROGRAM, 1)[1] for line in lines if PROGRAM in line]


def is_placeholder(word):
    """Whether a word of a synopsis stands for others: NAME, --run=FOLDER, --run=... or [FLAGS]."""
    return bool(re.fullmatch(r"(--\w+=)?([A-Z]+|\.\.\.)", word.strip("[]")))


def check(line):
    """Raises ValueError if the program would refuse a command line, of which placeholders are left out."""
    words = shlex.split(line, comments=True)
    if "[FLAGS]" in words and "|" in words:  # the synopsis of several commands
        if unknown := set(words) - {"[FLAGS]", "|", *COMMANDS}:
            raise ValueError(f"no commands: {unknown}")
        return
    ends = [at for at, word in enumerate(words) if word in ("&", "&&", "|", ">")]
    words = words[: min(ends, default=None)]
    placeholders = [word for word in words if is_placeholder(word)]
    for word in placeholders:
        if (flag := re.match(r"\[?--(\w+)=", word)) and flag[1] not in {flag.name for flag in EVERY}:
            raise ValueError(f"no flag: {word}")
    words = [word.strip("[]") for word in words if word not in placeholders]
    name = flags.find_command(words, COMMANDS, EVERY) or "train"
    command = COMMANDS[name]
    given, rest, wants_help = flags.parse([*command.flags, *command.settings], words)
    if command.argument:
        if rest[:1] != [name] or not placeholders and (len(rest) != 2 or rest[1] not in EXPERIMENTS):
            raise ValueError(f"no {command.argument} of {name}: {rest}")
    elif rest not in ([], [name]):
        raise ValueError(f"no command: {rest}")
    missing = [flag.name for flag in command.flags if flag.required and flag.name not in given]
    if missing and not wants_help and not placeholders:
        raise ValueError(f"{name} without {missing}")
    if name in ("train", "benchmark"):
        settings = {field.name: given[field.name] for field in command.settings if field.name in given}
        dataclasses.replace(PRESETS[given.get("preset") or "quick"], **settings)


CASES = [(path.name, line) for path in PAGES for line in commands(path.read_text())]


@pytest.mark.parametrize(("page", "line"), CASES, ids=[f"{page}:{line.strip()[:60]}" for page, line in CASES])
def test_the_program_accepts_a_command_of_a_page(page, line):
    check(line)


def test_the_pages_on_use_have_commands():
    found = {page for page, _ in CASES}
    assert {"README.md", "data.md", "serving.md", "distributed.md", "performance.md"} <= found


@pytest.mark.parametrize(
    "line",
    [
        "sampel --run=runs/quick",
        "sample --run=runs/quick --nums=3",
        "sample --run=runs/quick --num=0",
        "sample --num=3",
        "experiment table9",
        "--preset=quik",
        "--preset=smoke --mle_epochs=many",
        "--preset=NAME --sed=S",
        "--corpus=image_coco --train_file=lines.txt",
        "sample | evaluat [FLAGS]",
    ],
)
def test_a_wrong_command_would_be_found(line):
    with pytest.raises(ValueError):
        check(line)


def test_commands_are_found_wherever_a_page_has_them():
    text = (
        f"Text `{PROGRAM} list`, and\n\n    A=1 {PROGRAM} --preset=smoke \\\n      --seed=1  # why\n\n"
        f"```\n{PROGRAM} report\n```\n\n```python\n{PROGRAM}\n```\n"
    )
    assert sorted(map(str.split, commands(text))) == [
        ["--preset=smoke", "--seed=1", "#", "why"],
        ["list"],
        ["report"],
    ]
