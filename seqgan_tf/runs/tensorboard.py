"""TensorBoard: scalars, samples, rewards by position, D's ROC curve, settings and profiles of a run."""

import collections
import dataclasses
import itertools
import shutil

import matplotlib.figure
import numpy as np
import tensorflow as tf
from matplotlib.backends.backend_agg import FigureCanvasAgg
from tensorboard.plugins.hparams import api as hparams
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

from seqgan_tf.metrics import catalogue
from seqgan_tf.metrics.discrimination import auc, roc

PROFILED_STEPS = 5  # optimisation steps per phase
# For each kind of real sequences: the label, a colour of Okabe and Ito's palette, and the line style.
ROC_LINES = {"train": ("D's training data", "#CC79A7", "-"), "heldout": ("held-out real data", "#000000", "--")}


class Board:
    """Writes the event file of a run, given its RunFolder and Config; call `close` at the end."""

    def __init__(self, folder, config):
        self._path = folder.tensorboard
        self._writer = tf.summary.create_file_writer(str(self._path))
        self.close = self._writer.close
        self._profile, self._num_steps = config.profile, collections.Counter()
        with self._writer.as_default(step=0):
            _write_settings(config, str(folder))

    def add(self, record, samples="", action_values=None, scores=None):
        """Writes one evaluation.

        Args:
          record: dict, a line of metrics.jsonl.
          samples: str, one sample per line.
          action_values: array Q [B, T], shown as one histogram per position; or None.
          scores: dict of "train", "heldout" and "generated" -> D(Y) [S] float32, shown as ROC curves; or None.
        """
        with self._writer.as_default(step=record["step"]):
            for name, value in record.items():
                if isinstance(value, float):
                    tag, description = catalogue.tag(name)
                    tf.summary.scalar(tag, value, description=description)
            # Indented to make it a code block in Markdown, where <unk> and * have no special meaning.
            tf.summary.text("samples", "".join(f"    {line}\n" for line in samples.splitlines()))
            for position, values in enumerate([] if action_values is None else action_values.T, 1):
                tf.summary.histogram(f"reward_by_position/{position:02}", values)
            if scores:
                tf.summary.image("discriminator/roc", roc_picture(scores)[None])
        self._writer.flush()

    def profiled(self, phase, steps):
        """Yields from an iterator of optimisation steps; with --profile, profiles a few of them."""
        for step in steps:
            self._num_steps[phase] += 1
            if not self._profile or self._num_steps[phase] != 2:  # skips the first step, which traces the functions
                yield step
                continue
            folder = self._path / "plugins/profile"
            before = set(folder.glob("*"))
            few = itertools.chain([step], itertools.islice(steps, PROFILED_STEPS - 1))
            try:
                with tf.profiler.experimental.Profile(str(self._path)):
                    for number, profiled in enumerate(few):
                        # The profiler recognises steps by this name and _r.
                        with tf.profiler.experimental.Trace("train", step_num=number, _r=1):
                            yield profiled
            finally:
                shutil.rmtree(folder / phase, ignore_errors=True)  # an earlier profile, if the run was resumed
                for written in set(folder.glob("*")) - before:
                    written.replace(folder / phase)  # TensorFlow names it by date and time


def _write_settings(config, trial_id):
    """Writes settings and final metrics for TensorBoard's table of runs."""
    fields = [field for field in dataclasses.fields(config) if field.name in config.names()]
    # TensorBoard uses the columns of one run for all, so they are the same for oracle data and for text.
    final = {name: catalogue.tag(name) for entry in catalogue.METRICS.values() for name in entry.headline}
    metrics = [hparams.Metric(tag, None, name, meaning).as_proto() for name, (tag, meaning) in final.items()]
    # Like hparams.hparams_config, but with `differs`: TensorBoard shows those settings first.
    settings = [
        api_pb2.HParamInfo(name=field.name, description=field.metadata["help"], differs=field.metadata["featured"])
        for field in fields
    ]
    experiment = api_pb2.Experiment(hparam_infos=settings, metric_infos=metrics)
    content = plugin_data_pb2.HParamsPluginData(experiment=experiment)
    tf.summary.write(metadata.EXPERIMENT_TAG, 0.0, metadata=metadata.create_summary_metadata(content))
    values = {field.name: getattr(config, field.name) for field in fields}
    values = {name: str(list(value)) if isinstance(value, tuple) else value for name, value in values.items()}
    hparams.hparams(values, trial_id=trial_id)


def roc_picture(scores):
    """Returns a picture of D's ROC curves, [460, 400, 3] uint8, from the `scores` that `Board.add` takes."""
    # About the size at which TensorBoard shows it, so that the text stays readable.
    figure = matplotlib.figure.Figure(figsize=(4, 4.6), dpi=100)
    canvas, ax = FigureCanvasAgg(figure), figure.subplots()
    for name, (label, colour, style) in ROC_LINES.items():
        pair = scores[name], scores["generated"]
        ax.plot(*roc(*pair), label=f"{label}: AUC {auc(*pair):.3f}", linewidth=2, color=colour, linestyle=style)
    ax.plot([0, 1], [0, 1], color="grey", linestyle=":", label="chance: AUC 0.5")
    ax.set_xlabel("false positive rate (generated taken for real)")
    ax.set_ylabel("true positive rate (real taken for real)")
    ax.set_title("Discriminator: ROC")
    ax.spines[["top", "right"]].set_visible(False)
    figure.subplots_adjust(left=0.15, right=0.96, top=0.92, bottom=0.31)  # constrained layout takes twice as long
    figure.legend(frameon=False, loc="lower center")
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]
