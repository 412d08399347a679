"""Results: what run folders say, gathered over seeds."""

import collections
import dataclasses
import json
import math
import os
import pathlib
import statistics

import scipy.stats

from seqgan_tf import frontier
from seqgan_tf.history import best, is_done, is_running, last, phase_totals, read_metrics
from seqgan_tf.invocation import differences
from seqgan_tf.records import FREE
from seqgan_tf.trained import read_config

# Methods in the order in which they are shown.
TITLES = ("MLE", "Scheduled sampling", "PG-BLEU", "SeqGAN", "Constant reward", "Random reward", "Regularised MLE")
REWARDED = dict(zip(("bleu", "discriminator", "constant", "random"), TITLES[2:6], strict=True))
SAMPLES = 3  # shown of each method


@dataclasses.dataclass(frozen=True)
class Result:
    """What one run folder holds.

    Attributes:
      name: of the folder.
      status: "done", or why it does not count among the results.
      config: Config, or None if it cannot be read.
      records: list of dicts.
      points: of its frontier, as frontier.measure returns them; [] if it has not been measured.
      environment: dict.
      samples: list of str, the first of its last evaluation.
    """

    name: str
    status: str
    config: object = None
    records: tuple = ()
    points: tuple = ()
    environment: dict = dataclasses.field(default_factory=dict)
    samples: tuple = ()

    @property
    def last(self):
        """The record of the generator that training has come to."""
        return last(self.records, self.config.mle_patience)

    @property
    def best(self):
        """The record of the lowest nll_oracle, or nll_valid for text."""
        return best(self.records)

    @property
    def seconds(self):
        """How long training took, what was taken over from another run included."""
        return self.records[-1]["wall_seconds"]


@dataclasses.dataclass(frozen=True)
class Row:
    """Runs that differ in their seeds only.

    Attributes:
      title: of the method, with what sets it apart from others of that name.
      runs: list of Result by ascending seed, all done.
    """

    title: str
    runs: list

    def values(self, name, which="last"):
        """A figure of each run by its seed, a dict; which: "last" or "best". Runs without it are left out."""
        found = {run.config.seed: getattr(run, which).get(name) for run in self.runs}
        return {seed: value for seed, value in found.items() if value is not None}


def folders(names):
    """Run folders from a list with commas of run folders and folders of them.

    Raises:
      ValueError: if there is none, naming the flag.
    """
    found = []
    for name in filter(None, names.split(",")):
        path = pathlib.Path(name)
        inside = (
            [path]
            if (path / "config.json").exists()
            else sorted(folder.parent for folder in path.glob("*/config.json"))
        )
        if not inside:
            raise ValueError(
                f"--runs is {name}, with no run in it; allowed are run folders, or folders of run folders."
            )
        found += [folder for folder in inside if folder not in found]
    if not found:
        raise ValueError("--runs is missing; allowed are run folders, or folders of run folders, with commas.")
    return found


def load(path):
    """The Result of a run folder; what is damaged is said in its status."""
    path = pathlib.Path(path)
    try:
        config = read_config(path)
        records = read_metrics(path) if (path / "metrics.jsonl").exists() else []
        kept = frontier.read(path)
        written = path / "environment.json"
        environment = json.loads(written.read_text()) if written.exists() else {}
        if not all({"phase", "iteration", "wall_seconds"} <= record.keys() for record in records):
            raise ValueError("metrics.jsonl has lines of another kind")
        if records and last(records, config.mle_patience) is None:
            raise ValueError("metrics.jsonl has no evaluation of the generator")
    except (ValueError, OSError, AttributeError, TypeError) as error:
        return Result(path.name, f"damaged: {error}")
    status = "done"
    if not is_done(records, config):
        status = "unfinished: " + (_where(records[-1], config) if records else "no evaluation yet")
        status += ", running" if is_running(path) else ""
    points = kept["points"] if kept and records and kept.get("step") in [r.get("step") for r in records] else []
    samples = _samples(path, last(records, config.mle_patience)) if records else ()
    return Result(path.name, status, config, tuple(records), tuple(points), environment, samples)


def _where(record, config):
    return f"{record['phase']} {record['iteration']}/{phase_totals(config).get(record['phase'], '?')}"


def _samples(path, record):
    file = path / "samples" / f"{record['phase']}-{record['iteration']:05}.txt"
    return tuple(file.read_text(errors="replace").splitlines()[:SAMPLES]) if file.exists() else ()


def data_of(config):
    """What a run is trained on, in words."""
    text = config.corpus or os.path.basename(config.train_file)
    if text:
        return f"text {text}"
    return f"oracle {os.path.basename(config.oracle_file) or f'of seed {config.oracle_seed}'}"


def by_data(results):
    """Finished runs by what they are trained on, and in that by method.

    Args:
      results: list of Result.

    Returns:
      A dict of words for the data -> list of Row, in the order of TITLES.
    """
    groups = collections.defaultdict(list)
    for result in results:
        if result.status == "done":
            groups[tuple(vars(result.config)[key] for key in frontier.DATA)].append(result)
    named = collections.defaultdict(list)
    for key, group in groups.items():
        named[data_of(group[0].config)].append((key, _rows(group)))
    return {
        name if len(entries) == 1 else f"{name} ({number})": rows
        for name, entries in named.items()
        for number, (_, rows) in enumerate(entries, 1)
    }


def _rows(results):
    groups = []
    for result in results:
        for group in groups:
            if not differences(result.config, group[0].config, FREE | {"seed"}):
                group.append(result)
                break
        else:
            groups.append([result])
    groups.sort(key=lambda group: TITLES.index(method(group[0].config)))
    same = collections.defaultdict(list)
    for group in groups:
        same[method(group[0].config)].append(group[0].config)
    rows = []
    for group in groups:
        config, title = group[0].config, method(group[0].config)
        others = [other for other in same[title] if other is not config]
        apart = [
            name for name in vars(config) if any(name in differences(config, o, FREE | {"seed"}) for o in others)
        ]
        if apart:
            title += f" ({', '.join(_shown(name, getattr(config, name)) for name in apart)})"
        once = {run.config.seed: run for run in sorted(group, key=lambda run: run.config.seed, reverse=True)}
        rows.append(Row(title, [once[seed] for seed in sorted(once)]))
    return sorted(rows, key=lambda row: (TITLES.index(method(row.runs[0].config)), row.title))


def _shown(name, value):
    if name == "mle_epochs":
        return f"{value} epochs"
    return f"{name} {','.join(map(str, value)) if isinstance(value, tuple) else value}"


def method(config):
    """Which of TITLES a Config is."""
    if config.iterations:
        return REWARDED[config.reward]
    if config.g_dropout or config.mle_patience:
        return "Regularised MLE"
    return "Scheduled sampling" if config.scheduled_sampling else "MLE"


def mean_and_deviation(values):
    """(mean, sample standard deviation) of numbers; the deviation of one is None."""
    values = list(values)
    return statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None


def paired(a, b):
    """Whether two methods differ by more than their seeds do.

    Args:
      a, b: dicts of seed -> figure.

    Returns:
      (mean of a - b over the seeds that both have, two-sided p of the paired t-test, number of seeds), or None with
      fewer than two. p is None where all differences are the same.
    """
    seeds = sorted(a.keys() & b.keys())
    if len(seeds) < 2:
        return None
    ours, theirs = [a[seed] for seed in seeds], [b[seed] for seed in seeds]
    changes = [x - y for x, y in zip(ours, theirs, strict=True)]
    p = float(scipy.stats.ttest_rel(ours, theirs).pvalue) if len(set(changes)) > 1 else math.nan
    return statistics.fmean(changes), None if math.isnan(p) else p, len(seeds)
