"""The commands experiment and frontier."""

import dataclasses
import os
import pathlib
import signal
import sys

import tensorflow as tf

from seqgan_tf import build
from seqgan_tf.runs import history
from seqgan_tf.runs.folder import find
from seqgan_tf.studies import frontier as frontiers
from seqgan_tf.studies import judgement, plans, report, results, scheduler, tables
from seqgan_tf.studies.experiments import EXPERIMENTS


def experiment(name, settings, seeds, budget, runs, jobs):
    """Trains the unfinished runs of an experiment and reports all of its runs.

    Args:
      name: str, a key of EXPERIMENTS.
      settings: dict of settings for all runs; "seed" is the first seed, by default 0.
      seeds: number of seeds of each method.
      budget: str, a key of BUDGETS.
      runs: str, folder of the run folders; "" for runs/DATA-BUDGET.
      jobs: number of runs at once; 0 for one per core, or one if there is a GPU.

    Returns:
      The exit code: 0 done, 1 a run failed, 128 + the number of the signal that stopped it.

    Raises:
      ValueError: naming the flag, before anything is written.
    """
    folder = pathlib.Path(runs or f"runs/{EXPERIMENTS[name]['preset'] or 'oracle'}-{budget}")
    first, logs = settings.pop("seed", 0), folder / "logs"
    if "," in str(folder) or folder.exists() and not folder.is_dir():
        raise ValueError(f"--runs must be one folder without a comma in its name, got {folder}.")
    plan = plans.runs(plans.configs(name, budget, range(first, first + seeds), settings), folder)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    jobs = jobs or (1 if tf.config.list_physical_devices("GPU") else cores)
    missing = [run for run, config in plan.items() if not history.is_done(run.records(), config)]
    if missing and plan[missing[0]].oracle_file:
        build.oracle(plan[missing[0]])  # refuses before the first run what would fail in every run
    _say(f"Experiment {name}: {len(plan)} runs in {folder}, {len(missing)} to be trained, {jobs} at once")
    try:
        measuring = plans.measuring(plan) if EXPERIMENTS[name].get("has_frontiers") else []
        tasks = [*measuring, *(plans.training(run, plan[run]) for run in missing)]
        failed = scheduler.run_all(name, tasks, jobs, logs)
    except scheduler.Interrupted as stop:
        (number,) = stop.args
        _say(f"\nStopped by {signal.Signals(number).name}; all runs are saved in {folder}. The same command resumes.")
        return 128 + number
    if begun := [run for run in plan if run.exists()]:
        print(report.report(begun, "", f"Experiment {name}, budget {budget}", f"report-{name}"))
    for run, why in failed.items():
        log = logs / f"{run}.txt"
        _say(f"{run} failed: {why}" + (f"\n  (its output: {log})" if log.exists() else ""))
    return 1 if failed else 0


def _say(text):
    print(text, file=sys.stderr, flush=True)


def frontier(runs, samples, threads):
    """Measures the frontiers of runs, except points measured before, and returns their tables as str.

    Args:
      runs: str, run folders or folders of run folders, separated by commas.
      samples: number of sequences at each temperature.
      threads: threads per TensorFlow operation; 0 for one per core.

    Raises:
      ValueError: naming the flag, if the runs cannot be used or have different data.
    """
    folders = find(runs)
    frontiers.check_same_data({str(folder): folder.config for folder in folders})
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    for folder in folders:
        status = results.load(folder).status
        if status.startswith("unusable"):
            raise ValueError(f"--runs must be intact run folders, got {folder}, which is {status}.")
        note = "" if status == "done" else f" ({status}; its current generator is measured)"
        _say(f"Frontier of {folder}{note}, {samples:,} sequences at each temperature")
        frontiers.measure(folder, samples, say=lambda text: _say(f"  {text}"))
    found = [dataclasses.replace(results.load(folder), status="done") for folder in folders]
    groups = results.by_data(results.without_copies(found)).values()
    shown = [part for rows in groups for part in (tables.frontiers(rows), judgement.judged(rows))]
    return "\n\n".join([*shown, f"To plot the curves: python -m seqgan_tf.main report --runs={runs}"])
