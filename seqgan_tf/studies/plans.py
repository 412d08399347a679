"""Experiments: the paper's tables and figures, and the controls, as plans of runs."""

import dataclasses
import pathlib

from seqgan_tf import build
from seqgan_tf.config import PRESETS
from seqgan_tf.config.invocation import flags
from seqgan_tf.runs import history, warm_start
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.studies import flops, frontier
from seqgan_tf.studies.experiments import BUDGETS, EXPERIMENTS, METHODS
from seqgan_tf.studies.scheduler import Task


def base(experiment, budget):
    """The Config of SeqGAN in an experiment, from which the other methods differ."""
    preset = EXPERIMENTS[experiment]["preset"]
    about = BUDGETS[budget]["corpus" if preset else "oracle"]
    return dataclasses.replace(PRESETS[about["preset"].format(preset)], **about["settings"])


def configs(experiment, budget, seeds, settings):
    """The runs of an experiment: a dict of name -> Config, in the order in which to start them.

    All share `settings`, a dict. Raises ValueError if one of them is not allowed.
    """
    seqgan = dataclasses.replace(base(experiment, budget), **settings)
    decided = settings.keys() & {"g_steps", "d_steps", "d_epochs"}
    if experiment == "figure3" and decided:
        raise ValueError(f"--{min(decided)} must be left out with figure3, whose methods decide it.")
    plan = {}
    for method in EXPERIMENTS[experiment]["methods"]:
        about = METHODS[method]
        changes = dict(about["settings"])  # from SeqGAN
        for name, divisor in about.get("divided", {}).items():
            value = getattr(seqgan, name)
            changes[name] = max(1, value // divisor) if isinstance(value, int) else value / divisor
        if method == "mle_continued":  # MLE for as much compute as SeqGAN has
            epochs = seqgan.mle_epochs + flops.same_compute(seqgan)
            # Hundreds of evaluations, each with its models, would tell no more than fifty.
            changes |= {"mle_epochs": epochs, "mle_eval_every": max(seqgan.mle_eval_every, epochs // 50)}
        if budget == "quick" and "iterations" not in settings:
            changes |= about.get("quick", {})
        config = build.resolved(dataclasses.replace(seqgan, **changes))
        plan |= {f"{method}-seed{seed}": dataclasses.replace(config, seed=seed) for seed in seeds}
    return plan


def runs(plan, folder):
    """The runs of a plan in a folder: a dict of RunFolder -> Config, `pretrained` where one can start from another.

    That is the run with the longest pre-training that begins with its own. Raises ValueError if a run folder exists
    that was made with other settings.
    """
    found = {}
    for name, config in plan.items():
        run = RunFolder(pathlib.Path(folder) / name)
        different = config.differences(run.config) if run.exists() else []
        if different:
            raise ValueError(
                f"--runs must be a folder of runs with the same budget and flags, got {folder}, where {name} was "
                f"made with another {', '.join(different)}."
            )
        fitting = {other: theirs.mle_epochs for other, theirs in plan.items() if _begins_as(theirs, config)}
        longest = max(fitting, key=fitting.get)
        found[run] = dataclasses.replace(config, pretrained="" if longest == name else str(run.path.parent / longest))
    return found


def _begins_as(other, config):
    """Whether pre-training by another Config, perhaps longer, has an evaluation at the end of that by a Config."""
    ours, theirs = config.mle_epochs, other.mle_epochs
    is_evaluated = theirs == ours or theirs > ours and ours % config.mle_eval_every == 0
    return is_evaluated and not warm_start.other_settings(config, other)


def training(folder, config):
    """The Task that trains a run in a RunFolder as soon as there is the pre-trained state that it starts from.

    It has one thread, so that numbers depend neither on the number of jobs nor on the number of cores.
    """
    words = ("train", f"--run={folder}", "--threads=1", "--strategy=one", *flags(config))
    pieces = flops.work(config) | ({"mle": 0} if config.pretrained else {})

    def is_ready():
        return not config.pretrained or any(
            record["phase"] != "mle" or record["iteration"] >= config.mle_epochs
            for record in RunFolder(config.pretrained).records()
        )

    def work_done():
        return flops.training(config, {record["phase"]: record["iteration"] for record in folder.records()}, pieces)

    total = flops.training(config, history.phase_totals(config), pieces)
    return Task(folder.name, words, total, work_done, is_ready)


def measuring(folder, config):
    """The Task that measures the frontier of a run, with as many samples as its evaluations have."""
    words = ("frontier", f"--runs={folder}", f"--samples={config.eval_samples}", "--threads=1")
    return Task(folder.name, words, 1.0, lambda: float(frontier.is_whole(folder)))
