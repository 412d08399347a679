"""Experiments: the paper's tables and figures, and the controls, as plans of runs."""

import dataclasses
import json
import pathlib
from typing import NamedTuple

from seqgan_tf import build
from seqgan_tf.config import PRESETS, Config
from seqgan_tf.config.invocation import flags
from seqgan_tf.runs import history, warm_start
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.studies import flops, frontier
from seqgan_tf.studies.scheduler import Task

# experiments: the preset of the data, "" for the oracle's, and the methods in the order in which to start them.
# budgets: the preset of SeqGAN, where {} is that of the data, and what differs from it. methods: what differs from
# SeqGAN: settings, divisors of its settings, and with budget quick what makes a run of Figure 3 take ten minutes.
_CONTENT = json.loads(pathlib.Path(__file__).with_name("experiments.json").read_text("utf-8"))
EXPERIMENTS, BUDGETS, METHODS = (_CONTENT[name] for name in ("experiments", "budgets", "methods"))


class Run(NamedTuple):
    """One run of a plan."""

    folder: RunFolder
    config: Config

    def is_done(self):
        """Whether it is trained to its end."""
        return history.is_done(self.folder.records(), self.config)


def data_name(experiment):
    """What the folder of an experiment's runs is called by: oracle, or the corpus's preset."""
    return EXPERIMENTS[experiment]["preset"] or "oracle"


def base(experiment, budget):
    """The Config of SeqGAN in an experiment, of which the other methods are changes."""
    preset = EXPERIMENTS[experiment]["preset"]
    about = BUDGETS[budget]["corpus" if preset else "oracle"]
    return dataclasses.replace(PRESETS[about["preset"].format(preset)], **about["settings"])


def configs(experiment, budget, seeds, settings):
    """The runs of an experiment.

    Args:
      experiment: one of EXPERIMENTS.
      budget: one of BUDGETS.
      seeds: iterable of int.
      settings: dict of settings of Config that all runs have instead.

    Returns:
      A dict of name -> Config, in the order in which they are best started.

    Raises:
      ValueError: if a setting is not allowed.
    """
    seqgan = dataclasses.replace(base(experiment, budget), **settings)
    decided = settings.keys() & {"g_steps", "d_steps", "d_epochs"}
    if experiment == "figure3" and decided:
        raise ValueError(f"--{min(decided)} is given; allowed with figure3 is to leave it out.")
    return {
        f"{method}-seed{seed}": build.resolved(
            dataclasses.replace(seqgan, **_changes(method, seqgan, budget, settings), seed=seed)
        )
        for method in EXPERIMENTS[experiment]["methods"]
        for seed in seeds
    }


def _changes(method, seqgan, budget, settings):
    """The settings in which a method differs from SeqGAN, a dict."""
    about = METHODS[method]
    changes = dict(about["settings"])
    for name, divisor in about.get("divided", {}).items():
        value = getattr(seqgan, name)
        changes[name] = max(1, value // divisor) if isinstance(value, int) else value / divisor
    if method == "mle_continued":
        changes |= _continued(seqgan)
    if budget == "quick" and "iterations" not in settings:
        changes |= about.get("quick", {})
    return changes


def _continued(seqgan):
    """Maximum likelihood for as much compute as SeqGAN has."""
    epochs = seqgan.mle_epochs + flops.same_compute(seqgan)
    # Hundreds of evaluations, each with its models, tell no more than fifty.
    return {"mle_epochs": epochs, "mle_eval_every": max(seqgan.mle_eval_every, epochs // 50)}


def runs(plan, folder):
    """The runs of a plan with what each can take its maximum likelihood from.

    Args:
      plan: as `configs` returns it.
      folder: of the run folders.

    Returns:
      list of (Run, the Run whose maximum likelihood it takes over or None).

    Raises:
      ValueError: if a run folder is there already that was made with other settings.
    """
    found = [Run(RunFolder(pathlib.Path(folder) / name), config) for name, config in plan.items()]
    for run in found:
        other = run.config.differences(run.folder.config) if run.folder.exists() else []
        if other:
            raise ValueError(
                f"--runs is {folder}, where {run.folder.name} was made with another {', '.join(other)}; allowed is "
                "the same budget and flags, or another folder."
            )
    return [(run, _source(run, found)) for run in found]


def _source(run, candidates):
    """The run of the longest maximum likelihood of which that of `run` is the beginning, or None."""

    def fits(other):
        a, b = run.config, other.config
        is_evaluated = (
            b.mle_epochs == a.mle_epochs or b.mle_epochs > a.mle_epochs and a.mle_epochs % a.mle_eval_every == 0
        )
        return is_evaluated and not warm_start.other_settings(a, b)

    longest = max(filter(fits, candidates), key=lambda other: other.config.mle_epochs)
    return None if longest is run else longest


def training(run, source):
    """The Task that trains a run, once what it starts from is there.

    It has one thread, so that numbers depend neither on how many run at once nor on how many cores there are.
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
        """FLOP of so many epochs, rounds and iterations; none for what is taken over."""
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
