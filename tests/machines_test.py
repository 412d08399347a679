"""What people's machines have: folders of any name, their own settings of Keras."""

import json
import subprocess
import sys

import pytest
from command import LINES, TINY, environment, here, records, train_here

pytestmark = pytest.mark.slow

NAMES = ["-a[1] 50% *new*?{x} it's \\ ~"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder of runs with odd names, stopped by nothing."""
    folder = tmp_path_factory.mktemp("[odd] names")
    for name in NAMES:
        train_here(folder, *TINY, f"--run=runs/{name}", "--iterations=1")
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_a_run_of_any_name_is_resumed_as_if_it_had_never_stopped(place, name):
    run = place / "runs" / name
    assert len(list((run / "checkpoints").glob("*.index"))) <= 2  # old ones are deleted
    before = records(run)
    process = here(place, *TINY, f"--run=runs/{name}", "--iterations=1")
    assert process.returncode == 0 and "corrupt" not in process.stderr and "Resuming runs/" in process.stderr
    assert records(run) == before


@pytest.mark.parametrize("name", NAMES)
def test_a_run_of_any_name_is_listed_reported_sampled_and_exported(place, name):
    run = f"runs/{name}"
    assert name in here(place, "list", f"--runs={run}").stdout
    process = here(place, "report", f"--runs={run}", f"--output=report of {name}")
    assert process.returncode == 0 and (place / f"report of {name}" / "index.html").exists(), process.stderr
    assert len(here(place, "sample", f"--run={run}", "--num=3").stdout.splitlines()) == 3
    process = here(place, "export", f"--run={run}")
    assert process.returncode == 0 and (place / run / "export/1/saved_model.pb").exists(), process.stderr
    assert list((place / run / "export/1/variables").glob("variables.data*"))
    assert here(place, "evaluate", f"--run={run}", "--metrics=nll_test").returncode == 0


def test_the_settings_of_keras_at_home_change_nothing(tmp_path):
    settings = {"floatx": "float64", "image_data_format": "channels_first", "backend": "jax", "epsilon": 0.1}
    code = (
        "import numpy as np, keras; from seqgan_tf.models import Discriminator, Generator; "
        "tokens = np.arange(12).reshape(2, 6) % 5; g, d = Generator(5, 3, 4), Discriminator(5, 3, (1, 2), (2, 2)); "
        "print(keras.backend.backend(), repr(g(tokens).numpy().tolist()), repr(d(tokens).numpy().tolist()))"
    )
    found = []
    for content in ({}, settings):
        home = tmp_path / str(len(found)) / ".keras"
        home.mkdir(parents=True)
        (home / "keras.json").write_text(json.dumps(content))
        variables = environment() | {"HOME": str(home.parent), "KERAS_HOME": str(home)}
        process = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True)
        assert process.returncode == 0, process.stderr
        found.append(process.stdout)
    assert found[0] == found[1] and found[0].startswith("tensorflow [[[")


def test_a_run_is_refused_if_its_text_has_changed_and_resumed_if_it_has_moved(tmp_path, monkeypatch):
    flags = [*TINY, "--max_length=8", "--iterations=1", "--run=run"]
    (tmp_path / "a.txt").write_text(LINES)
    monkeypatch.setattr("seqgan_tf.cli.train.LONG", 8)
    process = here(tmp_path, *flags, "--train_file=a.txt")
    assert process.returncode == 0 and "\nExpected time: about 00:" in process.stderr
    before = records(tmp_path / "run")
    (tmp_path / "a.txt").rename(tmp_path / "b.txt")
    train_here(tmp_path, *flags, f"--train_file={tmp_path}/./b.txt")
    assert records(tmp_path / "run") == before
    with open(tmp_path / "b.txt", "a") as file:
        file.write("one more line\n")
    process = here(tmp_path, *flags, "--train_file=b.txt")
    assert process.returncode == 2 and "--train_file must have the content that the run began with" in process.stderr
    assert records(tmp_path / "run") == before
