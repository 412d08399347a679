"""The API reference: every name in docs/api.md has an example in its docstring, which pytest runs as a doctest."""

import inspect
import pkgutil
import re

import pytest
import yaml
from command import ROOT

from seqgan_tf.objectives import OBJECTIVES
from seqgan_tf.rewards import REWARDS

DIRECTIVE = re.compile(r"^::: (\S+)\n((?:    .*\n)*)", re.M)


def listed():
    """Names that directives show: the members of modules, and all else itself."""
    names = []
    for path, options in DIRECTIVE.findall((ROOT / "docs" / "api.md").read_text()):
        if inspect.ismodule(pkgutil.resolve_name(path)):
            names += [f"{path}.{member}" for member in yaml.safe_load(options)["options"]["members"]]
        else:
            names.append(path)
    return names


def docstring(name):
    """The docstring of a name; for a dict, that of its module."""
    entry = pkgutil.resolve_name(name)
    return (pkgutil.resolve_name(name.rpartition(".")[0]) if isinstance(entry, dict) else entry).__doc__


@pytest.mark.parametrize("name", listed())
def test_a_name_of_the_api_reference_has_an_example_that_shows_a_result(name):
    (example,) = re.findall(r"^ *Examples:\n((?: .*\n?|\n)*)", docstring(name), re.M)
    lines = [line.strip() for line in example.strip().splitlines()]
    assert lines[0].startswith(">>> ") and not lines[-1].startswith((">>>", "..."))


def test_the_api_reference_has_all_rewards_and_objectives():
    names = {name.rpartition(".")[2] for name in listed()}
    assert {entry.__name__ for entry in [*REWARDS.values(), *OBJECTIVES.values()]} <= names
