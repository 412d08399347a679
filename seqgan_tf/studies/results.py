"""Results: what run folders say, gathered over seeds."""

import collections
import dataclasses
import json
import math
import os
import pathlib
import statistics

import scipy.stats

from seqgan_tf.runs.history import best, is_done, is_running, last, last_step, phase_totals, read_metrics
from seqgan_tf.runs.loaded import read_config
from seqgan_tf.runs.records import FREE
from seqgan_tf.studies import frontier
from seqgan_tf.studies.invocation import differences

# Methods in the order in which they are shown.
TITLES = ("MLE", "Scheduled sampling", "PG-BLEU", "SeqGAN", "Constant reward", "Random reward", "Regularised MLE")
REWARDED = dict(zip(("bleu", "discriminator", "constant", "random"), TITLES[2:6], strict=True))
SCORED = ("temperature", "eval_samples")  # settings without which figures cannot be compared
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
        if not isinstance(environment, dict):
            raise ValueError("environment.json is of another kind")
        if not all({"phase", "iteration", "wall_seconds"} <= record.keys() for record in records):
            raise ValueError("metrics.jsonl has lines of another kind")
        reached = last(records, config.mle_patience)
        if records and not _needed(reached or {}) <= (reached or {}).keys():
            raise ValueError("metrics.jsonl lacks figures, as those of an early version do")
    except (ValueError, OSError, AttributeError, TypeError, KeyError) as error:
        return Result(path.name, f"damaged: {str(error).removeprefix(f'--run is {path}, ')}")
    status = "done"
    if not is_done(records, config):
        status = "unfinished: " + (_where(records[-1], config) if records else "no evaluation yet")
        status += ", running" if is_running(path) else ""
    points = kept["points"] if kept and kept.get("step") == last_step(records, config.mle_patience) else []
    samples = _samples(path, reached) if reached else ()
    return Result(path.name, status, config, tuple(records), tuple(points), environment, samples)


def _needed(record):
    """What the tables take from a record without asking."""
    return {"nll_test", "entropy"} | ({"nll_oracle_real", "nll_oracle_random"} if "nll_oracle" in record else set())


def without_copies(results):
    """The Results, with a status of their own for finished ones that have the settings and the seed of another.

    Args:
      results: list of Result.
    """
    found, kept = [], []
    for result in results:
        if result.status == "done":
            same = [other.name for other in kept if not differences(result.config, other.config, FREE)]
            if same:
                result = dataclasses.replace(result, status=f"left out: the settings and the seed of {same[0]}")
            else:
                kept.append(result)
        found.append(result)
    return found


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
    """Finished runs by what they are trained on and how they are scored, and in that by method.

    Args:
      results: list of Result.

    Returns:
      A dict of words for the data -> list of Row, in the order of TITLES.
    """
    groups = collections.defaultdict(list)
    for result in results:
        if result.status == "done":
            groups[tuple(vars(result.config)[key] for key in (*frontier.DATA, *SCORED))].append(result)
    names = collections.Counter(data_of(group[0].config) for group in groups.values())
    found = {}
    for group in groups.values():
        config, name = group[0].config, data_of(group[0].config)
        if names[name] > 1:
            name += f", {config.eval_samples:,} samples at temperature {config.temperature}"
        while name in found:  # other settings of the data that have no words here
            name += " (others)"
        found[name] = _rows(group)
    return found


def _rows(results):
    groups = []
    for result in sorted(results, key=lambda result: result.config.seed):
        for group in groups:
            if not differences(result.config, group[0].config, FREE | {"seed"}):
                group.append(result)
                break
        else:
            groups.append([result])
    rows = []
    for name in TITLES:
        same = [group for group in groups if method(group[0].config) == name]
        configs = [group[0].config for group in same]
        apart = [key for key in vars(configs[0]) if len({getattr(c, key) for c in configs}) > 1] if configs else []
        apart = [key for key in apart if key not in FREE | {"seed"}]
        for group in sorted(same, key=lambda group: [getattr(group[0].config, key) for key in apart]):
            words = ", ".join(_shown(key, getattr(group[0].config, key)) for key in apart)
            rows.append(Row(f"{name} ({words})" if words else name, group))
    return rows


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
