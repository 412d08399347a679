"""Study: an experiment from its plan to its report."""

import dataclasses
import os
import pathlib
import signal
import sys

import tensorflow as tf

from seqgan_tf.runs.folder import find
from seqgan_tf.studies import frontier as frontiers
from seqgan_tf.studies import plans, report, results, scheduler, tables


def experiment(name, settings, seeds, budget, runs, jobs):
    """Trains the runs of an experiment, as far as they are not there yet, and reports them.

    Args:
      name: one of usage.EXPERIMENTS.
      settings: dict of settings of Config for all runs.
      seeds: runs of each method; the first has settings["seed"], or 0.
      budget: one of plans.BUDGETS.
      runs: folder of the run folders; "": runs/DATA-BUDGET.
      jobs: how many at once; 0: as many as there are cores, or one where there is a GPU.

    Returns:
      int, the exit code: 0 done, 1 a run has failed, 128 + the signal's number when stopped.

    Raises:
      ValueError: naming the flag and what is allowed; nothing has been written then.
      OSError: if something cannot be written.
    """
    folder = pathlib.Path(runs or f"runs/{plans.data_name(name)}-{budget}")
    first = settings.pop("seed", 0)
    if "," in str(folder) or folder.exists() and not folder.is_dir():
        raise ValueError(f"--runs is {folder}; allowed is one folder, with no comma in its name.")
    plan = plans.runs(plans.configs(name, budget, range(first, first + seeds), settings), folder)
    jobs = jobs or (1 if tf.config.list_physical_devices("GPU") else _cores())
    missing = [(run, source) for run, source in plan if not run.is_done()]
    print(
        f"Experiment {name}: {len(plan)} runs in {folder}, {len(missing)} to be trained, {jobs} at once",
        file=sys.stderr,
    )
    try:
        failed = scheduler.run_all(name, [plans.training(*pair) for pair in missing], jobs)
        if name == "frontier":
            tasks = [plans.measuring(run) for run, _ in plan if run.is_done()]
            tasks = [task for task in tasks if not task.work_done()]
            failed |= scheduler.run_all("frontier", tasks, jobs)
    except scheduler.Interrupted as stop:
        (number,) = stop.args
        print(
            f"\nStopped by {signal.Signals(number).name}; every run is saved in {folder}. The same command goes on.",
            file=sys.stderr,
        )
        return 128 + number
    begun = [run.folder for run, _ in plan if run.folder.exists()]
    if begun:
        to = report.free_name(folder / f"report-{name}")
        print(report.report(begun, to, f"Experiment {name}, budget {budget}"))
    for run, why in failed.items():
        print(f"{run} failed, {why}", file=sys.stderr)
        log = folder / "logs" / f"{run}.txt"
        if log.exists():
            print(f"  (all that it said: {log})", file=sys.stderr)
    return 1 if failed else 0


def _cores():
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def frontier(runs, samples, threads):
    """Measures the frontiers of runs, as far as they have not been measured yet.

    Args:
      runs: run folders, or folders of run folders, with commas.
      samples: sequences at each temperature.
      threads: of one TensorFlow operation; 0: one a core.

    Returns:
      str: the tables of the frontiers.

    Raises:
      ValueError: naming the flag and what is allowed.
    """
    folders = find(runs)
    frontiers.check_same_data({str(folder): folder.config for folder in folders})
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    for folder in folders:
        status = results.load(folder).status
        if status.startswith("damaged"):
            raise ValueError(f"--runs has {folder}, which is {status}; allowed are whole run folders.")
        note = "" if status == "done" else f" ({status}: its generator as it is now)"
        print(f"Frontier of {folder}{note}, {samples:,} sequences at each temperature", file=sys.stderr)
        frontiers.measure(folder, samples, say=lambda text: print(f"  {text}", file=sys.stderr, flush=True))
    found = [dataclasses.replace(results.load(folder), status="done") for folder in folders]
    shown = map(tables.frontiers, results.by_data(results.without_copies(found)).values())
    return "\n\n".join([*shown, f"To see the curves: python -m seqgan_tf.main report --runs={runs}"])
