"""Study: an experiment from its plan to its report."""

import dataclasses
import os
import pathlib
import signal
import sys

import tensorflow as tf

from seqgan_tf import experiments, processes, report, results, tables
from seqgan_tf import frontier as frontiers
from seqgan_tf.experiments import EXPERIMENTS
from seqgan_tf.trained import read_config
from seqgan_tf.usage import complain


def usage(definitions):
    """The help of the command; definitions: its own flags, usage.EXPERIMENT."""
    lines = [f"  {name:9}  {about}" for name, (about, *_) in EXPERIMENTS.items()]
    flags = [
        f"  --{name}: {text}" + (f" [{default}]" if default != "" else "")
        for name, (default, text, *_) in definitions.items()
    ]
    return "\n".join(
        [
            "python -m seqgan_tf.main experiment NAME [FLAGS]: trains all that it needs, and reports it.",
            "What is there already is used; a stopped experiment goes on when it is started again.",
            *("", "Names:", *lines, "", "Flags:", *flags),
            "  and the settings of train, as --oracle_file=FILE, for all runs alike (main --help)",
        ]
    )


def experiment(name, settings, seeds, budget, runs, jobs):
    """Trains the runs of an experiment, as far as they are not there yet, and reports them.

    Args:
      name: one of EXPERIMENTS.
      settings: dict of settings of Config for all runs.
      seeds: runs of each method; the first has settings["seed"], or 0.
      budget: one of experiments.BUDGETS.
      runs: folder of the run folders; "": runs/DATA-BUDGET.
      jobs: how many at once; 0: as many as there are cores, or one where there is a GPU.

    Returns:
      int, the exit code: 0 done, 1 a run has failed, 2 bad input, 128 + the signal's number when stopped.
    """
    if name not in EXPERIMENTS:
        return complain(f"experiment is {name!r}; allowed is one of {', '.join(EXPERIMENTS)}.")
    folder = pathlib.Path(runs or f"runs/{experiments.data_name(name)}-{budget}")
    first = settings.pop("seed", 0)
    try:
        plan = experiments.runs(experiments.configs(name, budget, range(first, first + seeds), settings), folder)
    except ValueError as error:
        return complain(error)
    jobs = jobs or (1 if tf.config.list_physical_devices("GPU") else _cores())
    missing = [(run, source) for run, source in plan if not run.is_done()]
    print(
        f"Experiment {name}: {len(plan)} runs in {folder}, {len(missing)} to be trained, {jobs} at once",
        file=sys.stderr,
    )
    try:
        failed = processes.run_all(name, [experiments.training(*pair) for pair in missing], jobs)
        if name == "frontier":
            done = [run for run, _ in plan if run.is_done()]
            failed |= processes.run_all("frontier", [experiments.measuring(run) for run in done], jobs)
    except processes.Interrupted as stop:
        (number,) = stop.args
        print(
            f"\nStopped by {signal.Signals(number).name}; every run is saved in {folder}. The same command goes on.",
            file=sys.stderr,
        )
        return 128 + number
    begun = [str(run.path) for run, _ in plan if (run.path / "config.json").exists()]
    if begun:
        to = report.free_name(folder / f"report-{name}")
        print(report.report(",".join(begun), to, f"Experiment {name}, budget {budget}"))
    for run, why in failed.items():
        print(f"{run} failed, {why}\n  (all that it said: {folder}/logs/{run}.txt)", file=sys.stderr)
    return 1 if failed else 0


def _cores():
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def frontier(runs, num, threads):
    """Measures the frontiers of runs, as far as they have not been measured yet.

    Args:
      runs: run folders, or folders of run folders, with commas.
      num: sequences at each temperature.
      threads: of one TensorFlow operation; 0: one a core.

    Returns:
      str: the tables of the frontiers.

    Raises:
      ValueError: naming the flag and what is allowed.
    """
    folders = results.folders(runs)
    configs = {str(folder): read_config(folder) for folder in folders}
    frontiers.check_same_data(configs)
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    for folder in folders:
        print(f"Frontier of {folder}, {num:,} sequences at each temperature", file=sys.stderr)
        frontiers.measure(folder, num, say=lambda text: print(f"  {text}", file=sys.stderr, flush=True))
    found = [results.load(folder) for folder in folders]
    (rows,) = results.by_data([dataclasses.replace(result, status="done") for result in found]).values()
    more = f"To see the curves: python -m seqgan_tf.main report --runs={runs}"
    return f"{tables.frontiers(rows)}\n\n{more}"
