"""Each command's table of flags against the function that gets their values."""

import inspect
import pkgutil

import pytest

from seqgan_tf.cli import commands, flags, help
from seqgan_tf.cli.commands import COMMANDS, SETTINGS
from seqgan_tf.main import main

# The functions behind those that this module wraps.
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
def test_defaults_are_allowed_and_every_flag_is_told(name):
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
def test_a_run_folder_by_the_name_of_a_command_is_trained_in(line, run, preset, monkeypatch):
    got = []
    monkeypatch.setattr("seqgan_tf.cli.train.train", lambda config, folder, strategy: got.append((config, folder)))
    monkeypatch.setattr("seqgan_tf.distributed.devices.make_strategy", lambda *_, **devices: None)
    assert main(["seqgan-tf", *line.split()]) == 0
    assert got == [(commands.PRESETS[preset], run)]


def test_experiments_have_no_flags_for_what_they_decide():
    names = {field.name for field in SETTINGS}
    assert set(commands.DECIDED) <= names
    assert {field.name for field in COMMANDS["experiment"].settings} == names - set(commands.DECIDED)
