"""Results: what run folders say, gathered over seeds."""

import collections
import dataclasses
import json
import math
import os
import statistics

import scipy.stats

from seqgan_tf.config import Config
from seqgan_tf.runs import history
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.studies import frontier

# Methods in the order in which they are shown; other rewards come after them.
TITLES = ("MLE", "Scheduled sampling", "PG-BLEU", "SeqGAN", "Constant reward", "Random reward", "Regularised MLE")
REWARDED = {
    "bleu": "PG-BLEU",
    "discriminator": "SeqGAN",
    "constant": "Constant reward",
    "random": "Random reward",
}
SAMPLES = 3  # shown of each method


@dataclasses.dataclass(frozen=True)
class Result:
    """What one run folder holds.

    Attributes:
      folder: RunFolder.
      status: "done", or why it does not count among the results.
      config: Config, or None if something is damaged.
      records: list of dicts.
      points: of its frontier, as frontier.measure returns them; [] if its last generator has not been measured.
      environment: dict.
      samples: list of str, the first of its last evaluation.
    """

    folder: RunFolder
    status: str
    config: Config | None = None
    records: list = ()
    points: list = ()
    environment: dict = dataclasses.field(default_factory=dict)
    samples: list = ()

    @property
    def name(self):
        """The folder's name."""
        return self.folder.name

    @property
    def last(self):
        """The record of the generator that training has come to."""
        return history.last(self.records, self.config)

    @property
    def best(self):
        """The record of the lowest nll_oracle, or nll_valid for text."""
        return history.best(self.records)

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

    @property
    def config(self):
        """The Config of the first run."""
        return self.runs[0].config

    def values(self, name, which="last"):
        """A metric of each run by its seed, a dict; which: "last" or "best". Runs without it are left out."""
        found = {run.config.seed: getattr(run, which).get(name) for run in self.runs}
        return {seed: value for seed, value in found.items() if value is not None}


def load(folder):
    """The Result of a RunFolder; what is damaged is said in its status."""
    try:
        config, records = folder.config, folder.records()
        _check(records, config)
        points = frontier.points(folder)
        environment = json.loads(folder.environment.read_text()) if folder.environment.exists() else {}
        if not isinstance(environment, dict):
            raise ValueError("environment.json is of another kind")
    except (ValueError, OSError, AttributeError, TypeError, KeyError) as error:
        return Result(folder, f"damaged: {str(error).removeprefix(f'--run is {folder}, ')}")
    status = "done" if folder.is_done() else f"unfinished: {folder.progress()}"
    reached = history.last(records, config)
    text = folder.read_samples(reached).get(".txt", b"") if reached else b""
    samples = text.decode(errors="replace").splitlines()[:SAMPLES]
    return Result(folder, status, config, records, points, environment, samples)


def _check(records, config):
    """Raises an error where records lack what the tables take without asking."""
    if not all({"phase", "iteration", "wall_seconds"} <= record.keys() for record in records):
        raise ValueError("metrics.jsonl has lines of another kind")
    reached = history.last(records, config) or {}
    needed = {"nll_test", "entropy"} | (
        {"nll_oracle_real", "nll_oracle_random"} if "nll_oracle" in reached else set()
    )
    if records and not needed <= reached.keys():
        raise ValueError("metrics.jsonl lacks figures, as those of an early version do")


def without_copies(results):
    """The Results, with a status of their own for finished ones that have the settings and the seed of another."""
    found, kept = [], []
    for result in results:
        if result.status == "done":
            same = [other.name for other in kept if not result.config.differences(other.config)]
            if same:
                result = dataclasses.replace(result, status=f"left out: the settings and the seed of {same[0]}")
            else:
                kept.append(result)
        found.append(result)
    return found


def data_of(config):
    """What a run is trained on, in words."""
    if config.is_text:
        return f"text {config.corpus or os.path.basename(config.train_file)}"
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
            groups[tuple(getattr(result.config, key) for key in Config.names("data", "scoring"))].append(result)
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
    """Row of each method and its settings."""
    methods = collections.defaultdict(list)  # title -> lists of Results that differ in their seeds only
    for result in sorted(results, key=lambda result: result.config.seed):
        groups = methods[method(result.config)]
        same = (group for group in groups if set(result.config.differences(group[0].config)) <= {"seed"})
        group = next(same, None)
        if group is None:
            groups.append(group := [])
        group.append(result)
    rows = []
    for title in sorted(methods, key=lambda title: (TITLES.index(title) if title in TITLES else len(TITLES), title)):
        configs = [group[0].config for group in methods[title]]
        differing = {name for config in configs for name in configs[0].differences(config)} - {"seed"}
        apart = [name for name in Config.names() if name in differing and Config.is_flag(name)]
        for group in sorted(methods[title], key=lambda group: [getattr(group[0].config, name) for name in apart]):
            words = ", ".join(_shown(name, getattr(group[0].config, name)) for name in apart)
            rows.append(Row(f"{title} ({words})" if words else title, group))
    return rows


def _shown(name, value):
    if name == "mle_epochs":
        return f"{value} epochs"
    return f"{name} {','.join(map(str, value)) if isinstance(value, tuple) else value}"


def method(config):
    """What the method of a Config is called: one of TITLES, or "Reward NAME"."""
    if config.iterations:
        return REWARDED.get(config.reward, f"Reward {config.reward}")
    if config.g_dropout or config.mle_patience:
        return "Regularised MLE"
    return "Scheduled sampling" if config.scheduled_sampling else "MLE"


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
