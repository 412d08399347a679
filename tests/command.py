"""The command line in a process of its own, for the tests that run it."""

import contextlib
import io
import json
import os
import pathlib
import subprocess
import sys

from seqgan_tf.main import main

# Steps 0, 1 (MLE), 2 (discriminator), 3 and 4 (adversarial).
TINY = (
    "--preset=smoke",
    "--eval_samples=16",
    "--heldout_size=16",
    "--mle_epochs=1",
    "--mle_eval_every=1",
    "--d_rounds=1",
    "--iterations=2",
)
SMALL = (
    "--preset=smoke",
    "--train_size=24",
    "--eval_samples=16",
    "--heldout_size=16",
    "--mle_epochs=2",
    "--d_rounds=1",
    "--iterations=1",
)
WORDS = [["the", "one"], ["cat", "dog", "bird"], ["sees", "likes"], ["a", "my"], ["tree", "river", "house"]]
LINES = "\n".join(" ".join(words[i % len(words)] for words in WORDS) for i in range(60)) + "\n"
ROOT = pathlib.Path(__file__).parents[1]


def command(*args):
    return [sys.executable, "-m", "seqgan_tf.main", *args]


def seqgan(folder, *args, **variables):
    """A finished process; as in a shell that knows nothing of TensorFlow's variables."""
    return subprocess.run(
        command(*args), cwd=folder, env=environment() | variables, capture_output=True, text=True, timeout=300
    )


def here(folder, *args, **variables):
    """Like `seqgan`, in this process, which spares a start of TensorFlow: where the test is not about the process."""
    out, err, path, before = io.StringIO(), io.StringIO(), list(sys.path), dict(os.environ)
    os.environ |= variables
    try:
        with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(["main", *args])
    finally:
        sys.path[:] = path  # a module of the user's makes its folder a part of it
        os.environ.clear()
        os.environ |= before
    return subprocess.CompletedProcess(args, code, out.getvalue(), err.getvalue())


def train_here(folder, *args):
    """Trains a run in this process, which spares a start of TensorFlow: for fixtures."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        assert main(["main", *args]) == 0
    finally:
        os.chdir(before)


@contextlib.contextmanager
def restored(entries):
    """Takes back what a module of the user's enters into REWARDS, OBJECTIVES or another such dict."""
    before = dict(entries)
    yield
    entries.clear()
    entries |= before


def environment():
    return {key: value for key, value in os.environ.items() if not key.startswith("TF_")} | {"PYTHONPATH": str(ROOT)}


def records(run):
    """What metrics.jsonl says, but for the times."""
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key != "wall_seconds"} for line in lines]


def one_error_line(text):
    (line,) = text.splitlines()
    assert line.startswith("error: ")
    return line
