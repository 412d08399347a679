"""The flags of each command fit the function that takes their values."""

import inspect
import os
import pkgutil
import sys

import pytest
import tensorflow as tf

from seqgan_tf.cli import commands, flags, help
from seqgan_tf.cli.commands import COMMANDS, SETTINGS
from seqgan_tf.main import main

# The functions that seqgan_tf.cli.commands wraps.
BEHIND = {
    "experiment": "seqgan_tf.studies.run:experiment",
    "sample": "seqgan_tf.serving.commands:sample",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_function_takes_the_flags_of_its_command_by_name(name):
    command = COMMANDS[name]
    values = {flag.name for flag in command.flags}
    values |= {"settings"} if command.settings else set()
    values |= {command.argument} if command.argument else set()
    for function in (command.function, BEHIND.get(name, command.function)):
        inspect.signature(pkgutil.resolve_name(function)).bind(**dict.fromkeys(values))


@pytest.mark.parametrize("name", COMMANDS)
def test_defaults_are_allowed_and_the_help_shows_every_flag(name):
    command = COMMANDS[name]
    shown = help.text(name)
    for flag in command.flags:
        assert flag.help.endswith(".") and f"  --{flag.name}: {flag.help}" in shown
        if flag.default not in ("", None):
            _, rest, _ = flags.parse([flag], [f"--{flag.name}={flag.default}"])
            assert rest == []
        for choice in flag.metadata["choices"]:
            assert flags.parse([flag], [f"--{flag.name}={choice}"])[0] == {flag.name: choice}
    assert not {flag.name for flag in command.flags} & {field.name for field in command.settings}


def test_values_reach_their_function_by_name(monkeypatch, capsys):
    got = []
    monkeypatch.setattr("seqgan_tf.serving.commands.sample", lambda **values: got.append(values))
    assert main(["seqgan-tf", "sample", "--num=3", "--run", "report", "--prefix=a b", "--temperature=0"]) == 0
    assert got == [
        {
            "run": "report",
            "checkpoint": "last",
            "num": 3,
            "temperature": 0.0,
            "prefix": "a b",
            "seed": 0,
            "output": "",
            "format": "text",
        }
    ]
    monkeypatch.setattr("seqgan_tf.studies.run.experiment", lambda **values: got.append(values) or 1)
    assert main(["seqgan-tf", "--seeds", "2", "experiment", "coco", "--seed=4", "--nojit"]) == 1
    settings = {"seed": 4, "jit": False}
    assert got[1] == {"name": "coco", "settings": settings, "seeds": 2, "budget": "quick", "runs": "", "jobs": 0}
    monkeypatch.setattr("seqgan_tf.serving.export.export", lambda **values: str(values))
    assert main(["seqgan-tf", "--run=a", "export"]) == 0
    assert capsys.readouterr().out == "{'run': 'a', 'checkpoint': 'last', 'output': ''}\n"


@pytest.mark.parametrize(
    ("line", "run", "preset"),
    [
        ("--preset smoke --run report", "report", "smoke"),
        ("train --run report", "report", "quick"),
        ("--preset smoke", "runs/smoke", "smoke"),
    ],
)
def test_a_run_folder_can_have_the_name_of_a_command(line, run, preset, monkeypatch):
    got = []
    monkeypatch.setattr("seqgan_tf.cli.train.train", lambda config, folder, strategy: got.append((config, folder)))
    monkeypatch.setattr("seqgan_tf.distributed.devices.make_strategy", lambda *_, **devices: None)
    assert main(["seqgan-tf", *line.split()]) == 0
    assert got == [(commands.PRESETS[preset], run)]


def test_experiments_have_no_flags_for_settings_they_decide():
    names = {field.name for field in SETTINGS}
    assert set(commands.DECIDED) <= names
    assert {field.name for field in COMMANDS["experiment"].settings} == names - set(commands.DECIDED)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("trian --preset=smoke", "got 'trian'; did you mean 'train'?"),
        ("experiment tabel1", "got 'tabel1'; did you mean 'table1'?"),
        ("--preste=smoke", "Did you mean: preset ?"),
        ("--preset=smok", "did you mean 'smoke'?"),
        ("--reward=constnat", "did you mean 'constant'?"),
        ("list smoke", "got 'list smoke'."),
    ],
)
def test_a_near_miss_gets_a_suggestion(line, message, capsys):
    assert main(["seqgan-tf", *line.split()]) == 2
    assert message in capsys.readouterr().err


def test_out_of_memory_is_one_line(monkeypatch, capsys):
    for error in (MemoryError("no room"), tf.errors.ResourceExhaustedError(None, None, "OOM when\nallocating")):

        def fail(error=error, **_):
            raise error

        monkeypatch.setattr("seqgan_tf.studies.listing.list_runs", fail)
        assert main(["seqgan-tf", "list"]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("error: out of memory (") and "--batch_size" in line


def test_gpu_memory_is_allocated_as_needed(monkeypatch):
    monkeypatch.delenv("TF_FORCE_GPU_ALLOW_GROWTH", raising=False)
    monkeypatch.setattr("seqgan_tf.studies.listing.list_runs", lambda runs: None)
    assert main(["seqgan-tf", "list"]) == 0 and os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"


@pytest.mark.parametrize("is_terminal", [True, False])
def test_control_characters_reach_no_terminal(is_terminal, monkeypatch, capsys):
    monkeypatch.setattr("seqgan_tf.studies.listing.list_runs", lambda runs: "a\x1b[2Jb")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    assert main(["seqgan-tf", "list"]) == 0
    assert capsys.readouterr().out == ("a\\x1b[2Jb\n" if is_terminal else "a\x1b[2Jb\n")
    assert main(["seqgan-tf", "experiment", "\x1b[2J"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_filter_widths_given_as_a_flag_must_fit(capsys):
    assert main(["seqgan-tf", "--max_length=8", "--d_filter_widths=2,9", "--d_filter_counts=1,1"]) == 2
    assert "--d_filter_widths must be 8 (--max_length) or less, got 9." in capsys.readouterr().err
