"""Plans: the runs of each experiment, which are the paper's tables and figures with controls."""

import dataclasses
import pathlib

from seqgan_tf import build
from seqgan_tf.config import PRESETS
from seqgan_tf.config.invocation import flags
from seqgan_tf.runs import history, warm_start
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.runs.others import OTHERS, names_in
from seqgan_tf.studies import flops, frontier
from seqgan_tf.studies.experiments import BUDGETS, EXPERIMENTS, METHODS
from seqgan_tf.studies.scheduler import Task


def base(experiment, budget):
    """Returns the Config of SeqGAN in an experiment; the other methods are changes to it."""
    preset = EXPERIMENTS[experiment]["preset"]
    about = BUDGETS[budget]["corpus" if preset else "oracle"]
    return dataclasses.replace(PRESETS[about["preset"].format(preset)], **about["settings"])


def configs(experiment, budget, seeds, settings):
    """Returns the runs of an experiment, a dict of name -> Config: all methods of a seed, then those of the next.

    Teachers and judges are names of other runs of the plan.

    Args:
      experiment: str, a key of EXPERIMENTS.
      budget: str, a key of BUDGETS.
      seeds: iterable of int.
      settings: dict of settings for all runs.

    Raises:
      ValueError: naming the flag, if a setting cannot be used.
    """
    seqgan = dataclasses.replace(base(experiment, budget), **settings)
    methods = {method: _changes(method, seqgan, budget, settings) for method in EXPERIMENTS[experiment]["methods"]}
    decided = {name for method in methods for name, value in _decided(method).items() if value}
    if decided := decided.intersection(settings):
        raise ValueError(f"--{min(decided)} must be left out with {experiment}, because its methods set it.")
    plan = {}
    for seed in seeds:
        for suffix, oracle in _oracles(experiment, budget, seqgan).items():
            for method, changes in methods.items():
                links = {
                    setting: ",".join(f"{other}{suffix}-seed{seed}" for other in names_in(changes[setting]))
                    for setting in OTHERS
                    if setting in changes
                }
                config = dataclasses.replace(seqgan, **oracle | changes | links | {"seed": seed})
                plan[f"{method}{suffix}-seed{seed}"] = build.resolved(config)
    return plan


def _decided(method):
    """Returns the settings that a method decides, itself or through those that it is based on, a dict."""
    about = METHODS[method]
    return (_decided(about["based_on"]) if "based_on" in about else {}) | about["settings"]


def _oracles(experiment, budget, seqgan):
    """Returns the oracles of an experiment, a dict of suffix of the runs' names -> settings."""
    further = BUDGETS[budget]["further_oracles"] if EXPERIMENTS[experiment].get("has_several_oracles") else 0
    seeds = range(seqgan.oracle_seed + 1, seqgan.oracle_seed + 1 + further)
    return {"": {}} | {f"-oracle{seed}": {"oracle_file": "", "oracle_seed": seed} for seed in seeds}


def _changes(method, seqgan, budget, settings):
    """Returns the settings in which a method differs from SeqGAN, a dict."""
    about = METHODS[method]
    changes = _changes(about["based_on"], seqgan, budget, settings) if "based_on" in about else {}
    changes |= about["settings"]
    for name, divisor in about.get("divided", {}).items():
        value = getattr(seqgan, name)
        changes[name] = max(1, value // divisor) if isinstance(value, int) else value / divisor
    if method == "mle_continued":  # MLE with as much compute as SeqGAN
        epochs = seqgan.mle_epochs + flops.same_compute(seqgan)
        # Each evaluation saves models, and fifty evaluations are enough for a curve.
        changes |= {"mle_epochs": epochs, "mle_eval_every": max(seqgan.mle_eval_every, epochs // 50)}
    return changes | {name: value for name, value in about.get(budget, {}).items() if name not in settings}


def runs(plan, folder):
    """Returns the runs of a plan in a folder, a dict of RunFolder -> Config, with warm starts where possible.

    A run starts from the run with the longest pre-training that begins like its own.

    Args:
      plan: dict of name -> Config, from `configs`.
      folder: path of the folder of the run folders.

    Raises:
      ValueError: if a run folder exists already and has other settings.
    """
    found, folder = {}, pathlib.Path(folder)
    for name, plain in plan.items():
        links = {
            setting: ",".join(str(folder / other) for other in names_in(getattr(plain, setting)))
            for setting in OTHERS
        }
        run, config = RunFolder(folder / name), dataclasses.replace(plain, **links)
        different = config.differences(run.config) if run.exists() else []
        if different:
            raise ValueError(
                f"--runs must be a folder of runs with the same budget and flags, got {folder}, where {name} "
                f"differs in {', '.join(different)}."
            )
        fitting = {other: theirs.mle_epochs for other, theirs in plan.items() if _begins_as(theirs, plain)}
        longest = max(fitting, key=fitting.get)
        found[run] = dataclasses.replace(config, pretrained="" if longest == name else str(folder / longest))
    return found


def _begins_as(other, config):
    """Whether the pre-training of another Config has an evaluation at the point where that of `config` ends."""
    ours, theirs = config.mle_epochs, other.mle_epochs
    is_evaluated = theirs == ours or theirs > ours and ours % config.mle_eval_every == 0
    return is_evaluated and not warm_start.other_settings(config, other)


def training(folder, config):
    """Returns the Task that trains a run in a RunFolder.

    It is ready once the run that it warm-starts from is pre-trained, and its teachers and judges are finished. It
    uses one thread, so that results do not depend on the number of jobs or cores.
    """
    words = ("train", f"--run={folder}", "--threads=1", "--strategy=one", *flags(config))
    pieces = flops.work(config) | ({"mle": 0} if config.pretrained else {})

    def is_ready():
        others = (RunFolder(path) for name in OTHERS for path in names_in(getattr(config, name)))
        return _is_pretrained(config) and all(
            other.exists() and history.is_done(other.records(), other.config) for other in others
        )

    def work_done():
        return flops.training(config, {record["phase"]: record["iteration"] for record in folder.records()}, pieces)

    total = flops.training(config, history.phase_totals(config), pieces)
    return Task(folder.name, words, total, work_done, is_ready)


def _is_pretrained(config):
    """Whether the run that a Config warm-starts from, if any, has been pre-trained for as long as its own."""
    return not config.pretrained or any(
        record["phase"] != "mle" or record["iteration"] >= config.mle_epochs
        for record in RunFolder(config.pretrained).records()
    )


def measuring(plan):
    """Returns Tasks that measure the frontiers of runs: one for each training set of each oracle or text.

    Each is ready once all of its runs are trained. One process for each run would spend much of its time on starting
    TensorFlow, and one for all runs could start only at the end.

    Args:
      plan: dict of RunFolder -> Config; a frontier has as many samples as an evaluation of the run.
    """
    groups = {}
    for folder, c in plan.items():
        groups.setdefault((c.oracle_file, c.oracle_seed, c.seed), {})[folder] = c
    unmeasured = [group for group in groups.values() if not all(map(_is_measured, group))]
    return [_measuring(f"frontier-{number}", group) for number, group in enumerate(unmeasured, 1)]


def _measuring(name, runs):
    samples = next(iter(runs.values())).eval_samples  # all runs of a plan have the same
    words = ("frontier", f"--runs={','.join(map(str, runs))}", f"--samples={samples}", "--threads=1")
    points = len(frontier.INVERSE_TEMPERATURES) * samples / 10_000
    work = {folder: 2 * points * flops.work(config)["sample"] for folder, config in runs.items()}

    def work_done():
        return sum(work[folder] for folder in filter(_is_measured, runs))

    def is_ready():
        return all(history.is_done(folder.records(), config) for folder, config in runs.items())

    return Task(name, words, sum(work.values()), work_done, is_ready)


def _is_measured(folder):
    return folder.exists() and frontier.is_whole(folder)
