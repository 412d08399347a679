"""The dependency rule: a module imports only from modules of a lower number."""

import ast
import pathlib

import pytest

PACKAGE = pathlib.Path(__file__).parents[1] / "seqgan_tf"
LEVELS = {
    "config": 0,
    "randomness": 0,
    "usage": 0,
    "distribute": 0,
    "cluster": 0,
    "tags": 0,
    "output": 1,
    "patience": 1,
    "position": 1,
    "progress": 1,
    "vocabulary": 1,
    "losses": 1,
    "sampling": 1,
    "metrics": 1,
    "models": 1,
    "music": 1,
    "text_graph": 2,
    "corpus": 2,
    "figures": 2,
    "data": 2,
    "rewards": 2,
    "rollout": 2,
    "catalogue": 3,
    "steps": 3,
    "history": 3,
    "invocation": 3,
    "processes": 3,
    "evaluate": 4,
    "records": 4,
    "checkpoints": 4,
    "tasks": 5,
    "factory": 6,
    "pretrained": 6,
    "trained": 5,
    "trainer": 7,
    "benchmark": 8,
    "commands": 8,
    "export": 8,
    "listing": 8,
    "frontier": 8,
    "server": 8,
    "summary": 8,
    "experiments": 9,
    "results": 9,
    "training": 9,
    "plots": 10,
    "tables": 10,
    "report": 11,
    "study": 12,
    "main": 13,
}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def name_of(path):
    """The top-level module or subpackage a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    """Full names of everything imported, at whatever depth of the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_module_has_a_level():
    assert {name_of(path) for path in MODULES} == set(LEVELS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_only(path):
    own = name_of(path)
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "seqgan_tf" and len(parts) > 1 and parts[1] in LEVELS and parts[1] != own:
            assert LEVELS[parts[1]] < LEVELS[own], f"{own} must not import {parts[1]}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_those_who_may_know_config_flags_and_writers(path):
    own = name_of(path)
    names = list(imports(path))
    text = path.read_text()
    if own not in (
        "main",
        "trainer",
        "factory",
        "trained",
        "listing",
        "benchmark",
        "invocation",
        "experiments",
        "config",
    ):
        assert not any(name.startswith("seqgan_tf.config") for name in names)
    if own != "main":
        assert not any(name.startswith("absl") for name in names)
    if own not in ("checkpoints", "records"):
        assert "tf.summary" not in text and "tf.train.Checkpoint" not in text
    if own == "models":
        allowed = text.lower().replace("configuration", "").replace("get_config", "")  # Keras's own name
        assert "config" not in allowed and "optimizer" not in text


def test_files_are_short():
    for path in MODULES:
        assert len(path.read_text().splitlines()) <= 300, path
