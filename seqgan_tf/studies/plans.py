"""Experiments: the paper's tables and figures, and the controls, as plans of runs."""

import dataclasses
import pathlib
from typing import NamedTuple

from seqgan_tf import build
from seqgan_tf.config import PRESETS, Config
from seqgan_tf.config.invocation import flags
from seqgan_tf.runs import history, warm_start
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.studies import flops, frontier
from seqgan_tf.studies.experiments import BUDGETS, EXPERIMENTS, METHODS
from seqgan_tf.studies.scheduler import Task


class Run(NamedTuple):
    """One run of a plan."""

    folder: RunFolder
    config: Config

    def is_done(self):
        """Whether training has finished."""
        return history.is_done(self.folder.records(), self.config)


def data_name(experiment):
    """What an experiment's runs are trained on: oracle, or the preset of the corpus."""
    return EXPERIMENTS[experiment]["preset"] or "oracle"


def base(experiment, budget):
    """The Config of SeqGAN in an experiment, from which the other methods differ."""
    preset = EXPERIMENTS[experiment]["preset"]
    about = BUDGETS[budget]["corpus" if preset else "oracle"]
    return dataclasses.replace(PRESETS[about["preset"].format(preset)], **about["settings"])


def configs(experiment, budget, seeds, settings):
    """The runs of an experiment: a dict of name -> Config, in the order in which to start them.

    Args:
      experiment, budget: one of EXPERIMENTS, one of BUDGETS.
      seeds: iterable of int.
      settings: dict of Config settings that all runs share.

    Raises:
      ValueError: if a setting is not allowed.
    """
    seqgan = dataclasses.replace(base(experiment, budget), **settings)
    decided = settings.keys() & {"g_steps", "d_steps", "d_epochs"}
    if experiment == "figure3" and decided:
        raise ValueError(f"--{min(decided)} must be left out with figure3, whose methods decide it.")
    plan = {}
    for method in EXPERIMENTS[experiment]["methods"]:
        config = build.resolved(dataclasses.replace(seqgan, **_changes(method, seqgan, budget, settings)))
        plan |= {f"{method}-seed{seed}": dataclasses.replace(config, seed=seed) for seed in seeds}
    return plan


def _changes(method, seqgan, budget, settings):
    """The settings in which a method differs from SeqGAN, a dict."""
    about = METHODS[method]
    changes = dict(about["settings"])
    for name, divisor in about.get("divided", {}).items():
        value = getattr(seqgan, name)
        changes[name] = max(1, value // divisor) if isinstance(value, int) else value / divisor
    if method == "mle_continued":  # MLE for as much compute as SeqGAN has
        epochs = seqgan.mle_epochs + flops.same_compute(seqgan)
        # Hundreds of evaluations, each with its models, would tell no more than fifty.
        changes |= {"mle_epochs": epochs, "mle_eval_every": max(seqgan.mle_eval_every, epochs // 50)}
    if budget == "quick" and "iterations" not in settings:
        changes |= about.get("quick", {})
    return changes


def runs(plan, folder):
    """The runs of a plan in a folder, each with the run whose pre-trained state it can start from, or None.

    Raises:
      ValueError: if a run folder exists that was made with other settings.
    """
    found = [Run(RunFolder(pathlib.Path(folder) / name), config) for name, config in plan.items()]
    for run in found:
        other = run.config.differences(run.folder.config) if run.folder.exists() else []
        if other:
            raise ValueError(
                f"--runs must be a folder of runs with the same budget and flags, got {folder}, where "
                f"{run.folder.name} was made with another {', '.join(other)}."
            )
    return [(run, _source(run, found)) for run in found]


def _source(run, candidates):
    """The run with the longest pre-training that begins as that of `run`, or None if that is `run` itself."""

    def fits(other):
        ours, theirs = run.config.mle_epochs, other.config.mle_epochs
        is_evaluated = theirs == ours or theirs > ours and ours % run.config.mle_eval_every == 0
        return is_evaluated and not warm_start.other_settings(run.config, other.config)

    longest = max(filter(fits, candidates), key=lambda other: other.config.mle_epochs)
    return None if longest is run else longest


def training(run, source):
    """The Task that trains a run as soon as `source` has what it starts from.

    It has one thread, so that numbers depend neither on the number of jobs nor on the number of cores.
    """
    folder, config = run
    if source:
        config = dataclasses.replace(config, pretrained=str(source.folder))
    words = ("train", f"--run={folder}", "--threads=1", *flags(config))

    def is_ready():
        return source is None or any(
            record["phase"] != "mle" or record["iteration"] >= config.mle_epochs for record in source.folder.records()
        )

    def work(done):
        """FLOP of some epochs, rounds and iterations; a pre-trained state costs none."""
        return flops.training(config, done | ({"mle": 0} if source else {}), flops.work(config))

    def work_done():
        return work({record["phase"]: record["iteration"] for record in folder.records()})

    return Task(folder.name, words, _log(folder), work(history.phase_totals(config)), work_done, is_ready)


def measuring(run):
    """The Task that measures the frontier of a run."""
    words = ("frontier", f"--runs={run.folder}", "--threads=1")
    return Task(run.folder.name, words, _log(run.folder), 1.0, lambda: float(frontier.is_whole(run.folder)))


def _log(folder):
    return folder.path.parent / "logs" / f"{folder.name}.txt"
