"""Plans: the runs of each experiment, which are the paper's tables and figures with controls."""

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
    """Returns the Config of SeqGAN in an experiment; the other methods are changes to it."""
    preset = EXPERIMENTS[experiment]["preset"]
    about = BUDGETS[budget]["corpus" if preset else "oracle"]
    return dataclasses.replace(PRESETS[about["preset"].format(preset)], **about["settings"])


def configs(experiment, budget, seeds, settings):
    """Returns the runs of an experiment, a dict of name -> Config in the order in which they start.

    Args:
      experiment: str, a key of EXPERIMENTS.
      budget: str, a key of BUDGETS.
      seeds: iterable of int.
      settings: dict of settings for all runs.

    Raises:
      ValueError: naming the flag, if a setting cannot be used.
    """
    seqgan = dataclasses.replace(base(experiment, budget), **settings)
    decided = settings.keys() & {"g_steps", "d_steps", "d_epochs"}
    if experiment == "figure3" and decided:
        raise ValueError(f"--{min(decided)} must be left out with figure3, because its methods set it.")
    plan = {}
    for method in EXPERIMENTS[experiment]["methods"]:
        about = METHODS[method]
        changes = dict(about["settings"])  # to SeqGAN's settings
        for name, divisor in about.get("divided", {}).items():
            value = getattr(seqgan, name)
            changes[name] = max(1, value // divisor) if isinstance(value, int) else value / divisor
        if method == "mle_continued":  # MLE with as much compute as SeqGAN
            epochs = seqgan.mle_epochs + flops.same_compute(seqgan)
            # Each evaluation saves models, and fifty evaluations are enough for a curve.
            changes |= {"mle_epochs": epochs, "mle_eval_every": max(seqgan.mle_eval_every, epochs // 50)}
        if budget == "quick" and "iterations" not in settings:
            changes |= about.get("quick", {})
        config = build.resolved(dataclasses.replace(seqgan, **changes))
        plan |= {f"{method}-seed{seed}": dataclasses.replace(config, seed=seed) for seed in seeds}
    return plan


def runs(plan, folder):
    """Returns the runs of a plan in a folder, a dict of RunFolder -> Config, with warm starts where possible.

    A run starts from the run with the longest pre-training that begins like its own.

    Args:
      plan: dict of name -> Config, from `configs`.
      folder: path of the folder of the run folders.

    Raises:
      ValueError: if a run folder exists already and has other settings.
    """
    found = {}
    for name, config in plan.items():
        run = RunFolder(pathlib.Path(folder) / name)
        different = config.differences(run.config) if run.exists() else []
        if different:
            raise ValueError(
                f"--runs must be a folder of runs with the same budget and flags, got {folder}, where {name} "
                f"differs in {', '.join(different)}."
            )
        fitting = {other: theirs.mle_epochs for other, theirs in plan.items() if _begins_as(theirs, config)}
        longest = max(fitting, key=fitting.get)
        found[run] = dataclasses.replace(config, pretrained="" if longest == name else str(run.path.parent / longest))
    return found


def _begins_as(other, config):
    """Whether the pre-training of another Config has an evaluation at the point where that of `config` ends."""
    ours, theirs = config.mle_epochs, other.mle_epochs
    is_evaluated = theirs == ours or theirs > ours and ours % config.mle_eval_every == 0
    return is_evaluated and not warm_start.other_settings(config, other)


def training(folder, config):
    """Returns the Task that trains a run in a RunFolder. It is ready once the run it warm-starts from is pre-trained.

    It uses one thread, so that results do not depend on the number of jobs or cores.
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


def measuring(folders, plan, jobs):
    """Returns Tasks, at most `jobs`, that each measure the frontiers of some runs, one after the other.

    One process for each run would spend much of its time on starting TensorFlow.

    Args:
      folders: RunFolders.
      plan: dict of RunFolder -> Config; a frontier has as many samples as an evaluation of the run.
      jobs: number of processes at once.
    """

    def task(number, share):
        runs, samples = ",".join(map(str, share)), plan[share[0]].eval_samples  # all runs of a plan have the same
        words = ("frontier", f"--runs={runs}", f"--samples={samples}", "--threads=1")
        return Task(f"frontier-{number}", words, len(share), lambda: sum(map(frontier.is_whole, share)))

    return [task(number, folders[number - 1 :: jobs]) for number in range(1, min(jobs, len(folders)) + 1)]
