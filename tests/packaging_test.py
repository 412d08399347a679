"""The wheel, installed beside a stand-in for Hugging Face's `datasets`, outside of the checkout."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest
from command import ROOT

from seqgan_tf.config import PRESETS, corpora

pytestmark = pytest.mark.slow

PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--no-cache-dir")
# One folder in datasets/ is all that a new corpus needs.
LIMERICKS = {
    "__init__.py": "",
    "corpus.json": """{
        "title": "Limericks",
        "tokens": "words",
        "variants": ["clean"],
        "presets": {"limericks": {"base": "text", "settings": {"max_length": 12}, "about": "Two limericks."}}
    }""",
    "limericks_dataset_builder.py": '''
import tensorflow_datasets as tfds

from .. import source


class Builder(tfds.core.GeneratorBasedBuilder):
    """Two limericks."""

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [tfds.core.BuilderConfig(name="all"), tfds.core.BuilderConfig(name="clean")]

    def _info(self):
        features = tfds.features.FeaturesDict({"text": tfds.features.Text()})
        return self.dataset_info_from_configs(features=features, disable_shuffling=True)

    def _split_generators(self, dl_manager):
        assert source.share("limerick") < 1
        return {split: self._generate_examples() for split in ("train", "test")}

    def _generate_examples(self):
        yield 0, {"text": "There was an Old Man with a beard"}
        if self.builder_config.name == "all":
            yield 1, {"text": "There was a young lady of Niger"}
''',
}
# Builds corpora and prints the number of lines in each split.
BUILD = """
import sys
from seqgan_tf.config import corpora
from seqgan_tf.data import builtin

for corpus in sys.argv[1:]:
    splits = builtin.sources(corpus, "data")
    lines = {split: len(list(source.lines)) for split, source in splits.items()}
    print(corpus, corpora.tokens(corpus), *lines.values())
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of a copy of the checkout that has one more corpus."""
    checkout = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout)
    for name in ("seqgan_tf", "datasets"):
        shutil.copytree(ROOT / name, checkout / name, symlinks=True)
    corpus = checkout / "datasets" / "limericks"
    corpus.mkdir()
    for name, content in LIMERICKS.items():
        (corpus / name).write_text(content)
    run(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir=wheels", ".", cwd=checkout)
    (path,) = checkout.glob("wheels/*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder of packages: the wheel's and a stand-in for Hugging Face's `datasets`."""
    packages = tmp_path_factory.mktemp("packages")
    run(*PIP, "install", "--no-deps", "--no-index", f"--target={packages}", wheel, cwd=packages)
    (packages / "datasets").mkdir()
    (packages / "datasets" / "__init__.py").write_text('OWNER = "Hugging Face"')
    return packages


def run(*args, cwd, packages=""):
    """What a command prints; `packages` is where Python looks for packages besides its own places."""
    environment = os.environ | {"PYTHONPATH": str(packages)}
    process = subprocess.run(args, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120)
    assert process.returncode == 0, process.stderr
    return process.stdout


def test_the_wheel_has_the_corpora_and_no_package_datasets(wheel):
    files = zipfile.ZipFile(wheel).namelist()
    assert {file.split("/")[0] for file in files if ".dist-info" not in file} == {"seqgan_tf"}
    assert "seqgan_tf/serving/page.html" in files
    assert not any("dummy_data" in file or "__pycache__" in file for file in files)
    for corpus in corpora.described():
        names = [path.name for path in (ROOT / "datasets" / corpus).iterdir() if path.is_file()]
        assert {"corpus.json", "README.md", "CITATIONS.bib"} <= set(names)
        assert {f"seqgan_tf/corpora/{corpus}/{name}" for name in names} <= set(files)


@pytest.mark.parametrize("place", ["elsewhere", "checkout"])
def test_hugging_face_is_not_hidden(installed, tmp_path, place):
    cwd = tmp_path if place == "elsewhere" else ROOT
    assert run(sys.executable, "-c", "import datasets; print(datasets.OWNER)", cwd=cwd, packages=installed) == (
        "Hugging Face\n"
    )


def test_the_command_line_lists_all_corpora(installed, tmp_path):
    listed = run(sys.executable, "-m", "seqgan_tf.main", "--help", cwd=tmp_path, packages=installed)
    for name in (*corpora.names(), "limericks", "limericks/clean"):
        assert name in listed
    for preset in (*PRESETS, "limericks"):
        assert preset in listed
    assert "Two limericks." in listed
    assert run(installed / "bin" / "seqgan-tf", "--help", cwd=tmp_path, packages=installed) == listed


def test_corpora_are_built(installed, tmp_path):
    names = ["presidential_speeches/obama", "limericks", "limericks/clean"]
    printed = run(sys.executable, "-c", BUILD, *names, cwd=tmp_path, packages=installed)
    assert printed.splitlines() == [
        "presidential_speeches/obama words 2184 257 307",
        "limericks words 2 2",
        "limericks/clean words 1 1",
    ]


def test_a_new_preset_starts_from_its_base(installed, tmp_path):
    show = "from seqgan_tf.config import PRESETS; print(PRESETS['limericks'])"
    printed = run(sys.executable, "-c", show, cwd=tmp_path, packages=installed)
    for setting in ("corpus='limericks'", "max_length=12", "g_hidden_dim=64"):
        assert setting in printed
