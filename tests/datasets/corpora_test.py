"""What all corpora have in common."""

import ast
import importlib
import pathlib

import pytest

from seqgan_tf.config import PRESETS, Config, corpora
from seqgan_tf.data.vocabulary import TOKENIZERS

FOLDERS = sorted(path.parent for path in corpora.FOLDER.glob("*/*_dataset_builder.py"))
MODULES = sorted(corpora.FOLDER.glob("**/*.py"))


def test_every_builder_is_described():
    assert list(corpora.described()) == [folder.name for folder in FOLDERS]
    offered = Config.__dataclass_fields__["corpus"].metadata["choices"]
    assert set(offered) == {"", *corpora.names()}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_description_fits_the_builder(folder):
    about = corpora.described()[folder.name]
    assert about["title"] and about["presets"]
    assert corpora.tokens(folder.name) == corpora.tokens(f"{folder.name}/any") == about["tokens"]
    assert about["tokens"] in TOKENIZERS
    builder = importlib.import_module(f"seqgan_tf.corpora.{folder.name}.{folder.name}_dataset_builder").Builder
    configs = list(builder.builder_configs)
    default = builder.DEFAULT_BUILDER_CONFIG_NAME or next(iter(configs), None)
    assert about.get("variants", []) == [name for name in configs if name != default]
    for name in about["presets"]:
        assert PRESETS[name].corpus.split("/")[0] == folder.name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(corpora.FOLDER)))
def test_corpora_import_nothing_of_the_package(path):
    """Else there would be a circle; relative imports must stay among the corpora."""
    depth = len(path.relative_to(corpora.FOLDER).parts)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            assert not any(alias.name.split(".")[0] in ("seqgan_tf", "datasets") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level <= depth
            assert node.level or node.module.split(".")[0] not in ("seqgan_tf", "datasets")


def test_a_checkout_does_not_hide_hugging_face():
    """A folder without __init__.py yields to an installed package of the same name, even where it comes first."""
    assert not (pathlib.Path(__file__).parents[2] / "datasets" / "__init__.py").exists()
