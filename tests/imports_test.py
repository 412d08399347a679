"""Who may know what: settings, flags, writers."""

import ast
import pathlib

import pytest

PACKAGE = pathlib.Path(__file__).parents[1] / "seqgan_tf"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def imports(path):
    """Full names of everything imported, at whatever depth of the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_those_who_may_know_config_flags_and_writers(path):
    own = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    names = list(imports(path))
    text = path.read_text()
    if own not in (
        "main",
        "trainer",
        "build",
        "runs.loaded",
        "studies.listing",
        "studies.benchmark",
        "studies.invocation",
        "studies.plans",
        "config",
    ):
        assert not any(name.startswith("seqgan_tf.config") for name in names)
    if own != "main":
        assert not any(name.startswith("absl") for name in names)
    if own not in ("runs.checkpoints", "runs.records"):
        assert "tf.summary" not in text and "tf.train.Checkpoint" not in text
    if own.startswith("models"):
        allowed = text.lower().replace("configuration", "").replace("get_config", "")  # Keras's own name
        assert "config" not in allowed and "optimizer" not in text
