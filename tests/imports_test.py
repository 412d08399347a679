"""Who may know what, as far as the contracts of import-linter in pyproject.toml cannot say it."""

import ast
import pathlib

import pytest

PACKAGE = pathlib.Path(__file__).parents[1] / "seqgan_tf"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_are_absolute_and_writers_are_few(path):
    own = path.relative_to(PACKAGE)
    text = path.read_text()
    nodes = list(ast.walk(ast.parse(text)))
    assert all(node.level == 0 for node in nodes if isinstance(node, ast.ImportFrom)), "imports are absolute"
    used = {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)}
    assert own == pathlib.Path("runs/tensorboard.py") or not any(name.startswith("tf.summary") for name in used)
    assert own == pathlib.Path("runs/checkpoints.py") or not any("train.Checkpoint" in name for name in used)
    if own.parts[0] == "models":
        allowed = text.lower().replace("configuration", "").replace("get_config", "")  # Keras's own name
        assert "config" not in allowed and "optimizer" not in text


def test_every_module_of_the_package_is_analysed():
    # import-linter finds modules in packages only: a folder without __init__.py would escape its contracts.
    assert all((path.parent / "__init__.py").exists() for path in MODULES)
