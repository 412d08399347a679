"""Results of runs, grouped by data and by method over their seeds."""

import collections
import dataclasses
import json
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
    """The contents of one run folder."""

    folder: RunFolder
    status: str  # "done", or why the run does not count as a result
    config: Config | None = None  # None if something is damaged
    records: list = ()
    points: list = ()  # frontier.points of the run
    environment: dict = dataclasses.field(default_factory=dict)
    samples: list = ()  # str, the first of the last evaluation

    @property
    def name(self):
        """The folder's name."""
        return self.folder.name

    @property
    def last(self):
        """The record of the final generator."""
        return history.last(self.records, self.config)

    @property
    def best(self):
        """The record of the lowest nll_oracle, or nll_valid for text."""
        return history.best(self.records)

    @property
    def seconds(self):
        """Duration of training, including pre-training taken from another run."""
        return self.records[-1]["wall_seconds"]


@dataclasses.dataclass(frozen=True)
class Row:
    """Runs that differ only in their seeds."""

    title: str  # name of the method, with the settings that set it apart from others of that name
    runs: list  # Results by ascending seed, all done

    @property
    def config(self):
        """The Config of the first run."""
        return self.runs[0].config

    def values(self, name, which="last"):
        """A metric by seed, a dict, of the "last" or the "best" evaluation; runs without the metric are left out."""
        found = {run.config.seed: getattr(run, which).get(name) for run in self.runs}
        return {seed: value for seed, value in found.items() if value is not None}


def load(folder):
    """The Result of a RunFolder; its status tells what is damaged."""
    try:
        config, records = folder.config, folder.records()
        _check(records, config)
        points = frontier.points(folder)
        environment = json.loads(folder.environment.read_text()) if folder.environment.exists() else {}
        if not isinstance(environment, dict):
            raise ValueError("environment.json must hold an object")
    except (ValueError, OSError, AttributeError, TypeError, KeyError) as error:
        return Result(folder, f"damaged: {str(error).removeprefix(f'--run is {folder}, ')}")
    status = "done" if folder.is_done() else f"unfinished: {folder.progress()}"
    reached = history.last(records, config)
    text = folder.read_samples(reached).get(".txt", b"") if reached else b""
    samples = text.decode(errors="replace").splitlines()[:SAMPLES]
    return Result(folder, status, config, records, points, environment, samples)


def _check(records, config):
    """Raises an error if records lack what the tables need."""
    if not all({"phase", "iteration", "wall_seconds"} <= record.keys() for record in records):
        raise ValueError("metrics.jsonl has lines without phase, iteration or wall_seconds")
    reached = history.last(records, config) or {}
    needed = {"nll_test", "entropy"} | (
        {"nll_oracle_real", "nll_oracle_random"} if "nll_oracle" in reached else set()
    )
    if records and not needed <= reached.keys():
        raise ValueError("metrics.jsonl lacks metrics, as those of early versions do")


def without_copies(results):
    """The Results, with another status for finished runs that repeat the settings and the seed of an earlier one."""
    found, kept = [], []
    for result in results:
        if result.status == "done":
            same = [other.name for other in kept if not result.config.differences(other.config)]
            if same:
                result = dataclasses.replace(result, status=f"left out: same settings and seed as {same[0]}")
            else:
                kept.append(result)
        found.append(result)
    return found


def grouped(results, key):
    """Results by what key(result) returns: a dict of lists."""
    groups = {}
    for result in results:
        groups.setdefault(key(result), []).append(result)
    return groups


def data_of(config):
    """The training data of a run, in words."""
    if config.is_text:
        return f"text {config.corpus or os.path.basename(config.train_file)}"
    return f"oracle {os.path.basename(config.oracle_file) or f'of seed {config.oracle_seed}'}"


def by_data(results):
    """Groups finished runs by data and scoring, and in each group by method.

    Args:
      results: list of Result.

    Returns:
      dict of words for the data -> list of Row, in the order of TITLES.
    """
    done = [result for result in results if result.status == "done"]
    groups = grouped(done, lambda run: tuple(getattr(run.config, key) for key in Config.names("data", "scoring")))
    names = collections.Counter(data_of(group[0].config) for group in groups.values())
    found = {}
    for group in groups.values():
        config, name = group[0].config, data_of(group[0].config)
        if names[name] > 1:
            name += f", {config.eval_samples:,} samples at temperature {config.temperature}"
        while name in found:  # data that differ in other settings
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
    """Name of a Config's method: one of TITLES, or "Reward NAME"."""
    if config.iterations:
        return REWARDED.get(config.reward, f"Reward {config.reward}")
    if config.g_dropout or config.mle_patience:
        return "Regularised MLE"
    return "Scheduled sampling" if config.scheduled_sampling else "MLE"


def paired(a, b):
    """Paired t-test over seeds.

    Args:
      a, b: dicts of seed -> metric.

    Returns:
      (mean of a - b over the seeds in both, two-sided p, number of seeds), or None with fewer than two seeds. p is
      None if all differences are equal.
    """
    seeds = sorted(a.keys() & b.keys())
    if len(seeds) < 2:
        return None
    changes = [a[seed] - b[seed] for seed in seeds]
    p = float(scipy.stats.ttest_1samp(changes, 0).pvalue) if len(set(changes)) > 1 else None
    return statistics.fmean(changes), p, len(seeds)
