"""Commands in this process, and what TensorBoard finds in the event file of a run."""

import contextlib
import io
import sys
from typing import NamedTuple

import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata

TINY = (
    "--preset=smoke",
    "--train_size=24",
    "--eval_samples=16",
    "--heldout_size=16",
    "--mle_epochs=1",
    "--d_rounds=1",
    "--d_epochs=1",
    "--d_steps=1",
    "--iterations=1",
    "--num_rollouts=1",
)


class Finished(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def command():
    """A function (folder, *arguments) -> Finished that runs a command as if it were typed in a folder."""
    from seqgan_tf.main import main

    def run(folder, *arguments):
        out, err = io.StringIO(), io.StringIO()
        with (
            pytest.MonkeyPatch.context() as patch,
            contextlib.chdir(folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            patch.setattr(sys, "path", list(sys.path))  # a module of the user's makes its folder a part of it
            code = main(["seqgan-tf", *arguments])
        return Finished(code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture(scope="session")
def train(command):
    """A function (folder, *flags) that trains with TINY and the flags, in this process."""

    def run(folder, *flags):
        finished = command(folder, "train", *TINY, *flags)
        assert finished.code == 0, finished.err

    return run


class Events:
    """What TensorBoard reads of a run.

    Args:
      run: the run folder.

    Attributes:
      scalars: dict of tag -> list of (step, value).
      descriptions: dict of tag -> str.
      settings: dict of name -> value, of the table of runs.
      headline: tags of the metrics in the table of runs.
    """

    def __init__(self, run):
        found = EventAccumulator(str(run / "tensorboard")).Reload()
        # In TensorFlow 2's event files a scalar is a tensor.
        tags = found.PluginTagToContent("scalars")
        self.scalars = {
            tag: [(event.step, float(tf.make_ndarray(event.tensor_proto))) for event in found.Tensors(tag)]
            for tag in tags
        }
        self.descriptions = {tag: found.SummaryMetadata(tag).summary_description for tag in tags}
        hparams = found.PluginTagToContent(metadata.PLUGIN_NAME)
        session = metadata.parse_session_start_info_plugin_data(hparams[metadata.SESSION_START_INFO_TAG])
        self.settings = {name: _value(value) for name, value in session.hparams.items()}
        experiment = metadata.parse_experiment_plugin_data(hparams[metadata.EXPERIMENT_TAG])
        self.headline = [info.name.tag for info in experiment.metric_infos]


def _value(value):
    return getattr(value, value.WhichOneof("kind"))


@pytest.fixture(scope="session")
def events():
    """Events, by which a test reads the event file of a run."""
    return Events
