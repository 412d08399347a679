"""Results of runs, grouped by data and by method over their seeds."""

import collections
import dataclasses
import json
import os
import re
import statistics

from seqgan_tf.config import Config
from seqgan_tf.runs import history
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.runs.others import OTHERS, names_in
from seqgan_tf.studies import frontier

REWARDED = {
    "bleu": "PG-BLEU",
    "discriminator": "SeqGAN",
    "constant": "Constant reward",
    "random": "Random reward",
    "language_model": "Language-model reward",
    "log_discriminator": "Reward log D",
    "maligan": "MaliGAN",
    "rankgan": "RankGAN",
    "stepgan": "StepGAN",
    "scratchgan": "ScratchGAN",
    "cot": "CoT",
}
OWN_COPY = "Own frozen copy as judge"  # control
# Methods in the order of the tables; other rewards come last.
TITLES = ("MLE", "Scheduled sampling", *REWARDED.values(), OWN_COPY, "Regularised MLE", "Distilled MLE")
AFTER_REGULARISED = " after regularised MLE"
BASELINES = ("MLE", "Scheduled sampling", "Regularised MLE")  # methods that learn from real data alone
CONTROLS = (REWARDED["constant"], REWARDED["random"], OWN_COPY)
SAMPLES = 3  # shown for each method


@dataclasses.dataclass(frozen=True)
class Result:
    """The contents of one run folder."""

    folder: RunFolder
    status: str  # "done", or why the run is omitted
    config: Config | None = None  # None if the run is unusable
    records: list = ()
    points: list = ()  # frontier.points of the run
    coin_toss: dict = dataclasses.field(default_factory=dict)  # frontier.coin_toss of the run
    environment: dict = dataclasses.field(default_factory=dict)
    samples: list = ()  # str, the first samples of the last evaluation

    def record(self, which):
        """Returns the "last" record, of the final generator, or the "best": the lowest nll_oracle or nll_valid."""
        return history.last(self.records, self.config) if which == "last" else history.best(self.records)


@dataclasses.dataclass(frozen=True)
class Row:
    """Runs that differ only in their seeds."""

    title: str  # name of the method, with the settings that distinguish it from other rows of that method
    runs: list  # Results that are done, by ascending seed

    @property
    def config(self):
        """The Config of the first run."""
        return self.runs[0].config

    def values(self, name, which="last"):
        """Returns a metric of the "last" or "best" evaluation, a dict of seed -> value; omits runs without it."""
        records = {run.config.seed: run.record(which) for run in self.runs}
        return {seed: record[name] for seed, record in records.items() if name in record}


def load(folder):
    """Returns the Result of a RunFolder; its status says what is corrupt or unfinished."""
    try:
        config, records = folder.config, folder.records()
        reached = history.last(records, config) or {}
        if not all({"phase", "iteration", "wall_seconds"} <= record.keys() for record in records):
            raise ValueError("metrics.jsonl has lines without phase, iteration or wall_seconds")
        oracle = ("nll_oracle_real", "nll_oracle_random") if "nll_oracle" in reached else ()
        if records and not {"nll_test", "entropy", *oracle} <= reached.keys():
            raise ValueError("metrics.jsonl lacks metrics, as those of early versions do")
        points, coin_toss = frontier.points(folder), frontier.coin_toss(folder)
        environment = json.loads(folder.environment.read_text()) if folder.environment.exists() else {}
        if not isinstance(environment, dict):
            raise ValueError("environment.json must hold an object")
    except (ValueError, OSError, AttributeError, TypeError, KeyError) as error:
        return Result(folder, f"unusable: {str(error).removeprefix(f'--run={folder} ')}")
    status = "done" if history.is_done(records, config) else f"unfinished: {folder.progress()}"
    text = folder.read_samples(reached).get(".txt", b"") if reached else b""
    samples = text.decode(errors="replace").splitlines()[:SAMPLES]
    return Result(folder, status, config, records, points, coin_toss, environment, samples)


def without_copies(results):
    """Returns the Results; a finished run that repeats settings and seed of an earlier one gets another status."""
    kept = []
    for result in results:
        done = [other for other in kept if other.status == result.status == "done"]
        same = [other.folder.name for other in done if not result.config.differences(other.config)]
        status = f"omitted: same settings and seed as {same[0]}" if same else result.status
        kept.append(dataclasses.replace(result, status=status))
    return kept


def grouped(items, key):
    """Returns the items grouped by key(item), a dict of key -> list."""
    groups = collections.defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


def by_data(results):
    """Returns finished runs grouped by data and scoring, a dict of description -> list of Row in order of TITLES."""
    done = [result for result in results if result.status == "done"]
    groups = grouped(done, lambda run: tuple(getattr(run.config, key) for key in Config.names("data", "scoring")))
    names = [_data(group[0].config) for group in groups.values()]
    found = {}
    for name, group, rows in zip(names, groups.values(), _all_rows(list(groups.values())), strict=True):
        if names.count(name) > 1:
            config = group[0].config
            name += f", {config.eval_samples:,} samples at temperature {config.temperature}"
        while name in found:  # the data differ in other settings
            name += " (other settings)"
        found[name] = rows
    return found


def _data(config):
    if config.is_text:
        return f"text {config.corpus or os.path.basename(config.train_file)}"
    return f"oracle {os.path.basename(config.oracle_file) or f'with seed {config.oracle_seed}'}"


def _all_rows(groups):
    """Returns the Rows of each group of Results on the same data, a list of lists.

    Titles do not depend on the data, because methods are compared over all data by their titles.
    """
    kinds = [grouped(group, lambda run: _kind(run.config)) for group in groups]
    both = {title for found in kinds for title, is_regularised in found if (title, not is_regularised) in found}
    titled = [grouped(group, lambda run: _title(run.config, both)) for group in groups]
    apart = collections.defaultdict(set)
    for methods in titled:
        for title, runs in methods.items():
            apart[title] |= _differing(runs)
    return [_rows(methods, apart) for methods in titled]


def _kind(config):
    """Returns the name of a Config's method, and whether it has adversarial training after regularised MLE."""
    return method(config), bool(config.iterations and _is_regularised(config))


def _title(config, both):
    """Returns a row's title without settings. both: names of the methods that follow plain and regularised MLE."""
    title, is_regularised = _kind(config)
    return title + AFTER_REGULARISED if is_regularised and title in both else title


def _differing(runs):
    """Returns the settings in which runs differ, except seeds, a set."""
    names = {name for run in runs for name in runs[0].config.differences(run.config)} - {"seed"}
    return {
        name for name in names if Config.is_flag(name) and len({without_data(run.config, name) for run in runs}) > 1
    }


def _rows(methods, apart):
    """Returns a Row for each method and each of its settings.

    Args:
      methods: dict of title -> Results.
      apart: dict of title -> set of the settings that tell its rows apart.
    """
    order = {title: (_place(title), title) for title in methods}
    rows = []
    for title in sorted(methods, key=order.get):
        runs = sorted(methods[title], key=lambda run: run.config.seed)
        first = runs[0].config
        names = [name for name in Config.names() if name in apart[title]]
        groups = grouped(runs, lambda run, names=names: tuple(without_data(run.config, name) for name in names))
        for values in sorted(groups):
            words = []
            for name, value in zip(names, values, strict=True):
                if name == "mle_eval_every" and len(names) > 1 and not first.mle_patience:
                    continue  # decides when to stop early, otherwise nothing
                shown = ",".join(map(str, value)) if isinstance(value, tuple) else value
                words.append(f"{value} epochs" if name == "mle_epochs" else f"{name} {shown}")
            rows.append(Row(f"{title} ({', '.join(words)})" if words else title, groups[values]))
    return rows


def _place(title):
    """Returns the place of a title in TITLES, with or without AFTER_REGULARISED."""
    title = title.removesuffix(AFTER_REGULARISED)
    return TITLES.index(title) if title in TITLES else len(TITLES)


def without_data(config, name):
    """Returns a setting; of teachers and judges the names of their folders without oracle and seed."""
    value = getattr(config, name)
    if name not in OTHERS:
        return value
    folders = map(os.path.basename, names_in(value))
    return ",".join(sorted({re.sub(r"(-oracle\d+)?-seed\d+$", "", folder) for folder in folders}))


def method(config):
    """Returns the name of a Config's method: one of TITLES, or "Reward NAME"."""
    if config.iterations:
        if config.judge and config.judge == config.pretrained:
            return OWN_COPY
        return REWARDED.get(config.reward, f"Reward {config.reward}")
    if config.teacher:
        return "Distilled MLE"
    if _is_regularised(config):
        return "Regularised MLE"
    return "Scheduled sampling" if config.scheduled_sampling else "MLE"


def _is_regularised(config):
    return bool(config.g_dropout or config.g_l2 or config.mle_patience)


def minutes(run, runs):
    """Returns the duration of a Result's training, with that of its teachers and judges among some Results."""
    others = {name for setting in OTHERS for name in names_in(getattr(run.config, setting))}
    others -= {run.config.pretrained}  # its own time has pre-training in it
    names = {os.path.basename(name) for name in others}
    spent = [run, *(other for other in runs if other.folder.name in names)]
    return sum(other.records[-1]["wall_seconds"] for other in spent) / 60


def paired(a, b):
    """Returns a paired t-test over the seeds that two dicts of seed -> metric share.

    Returns:
      (mean of a - b, two-sided p or None if all differences are equal, number of seeds); None for fewer than two
      shared seeds.
    """
    import scipy.stats  # here because it takes most of a second, and every command imports this file

    seeds = sorted(a.keys() & b.keys())
    if len(seeds) < 2:
        return None
    changes = [a[seed] - b[seed] for seed in seeds]
    p = float(scipy.stats.ttest_1samp(changes, 0).pvalue) if len(set(changes)) > 1 else None
    return statistics.fmean(changes), p, len(seeds)
