"""Judgement: methods compared by measures that cannot be gamed, from measured frontiers.

A method is better than another if its lowest nll_test is lower; at the entropy of real data its nll_oracle and its
nll_test are lower; and the distance of the oracle's states and the share of the commonest token are no higher there.
"""

import statistics
from functools import partial

from seqgan_tf.runs.tables import table
from seqgan_tf.studies import frontier, results, tables

LEVEL = 7.65  # the level of LEVELS that published frontiers give too
COLLAPSE = ("frechet", "commonest_token")
JUDGED_NOTE = """lowest nll_test: over temperatures. at H: at the temperature where the generator has the entropy of
real data. A method is better than another if lowest nll_test and both likelihoods at H are lower, and frechet and
commonest_token no higher. Coin toss: most sequences from a low temperature, the others from temperature 1. –: not
reached at any measured temperature."""
TEXT_JUDGED_NOTE = """lowest nll_test: over temperatures. at S: at the temperature where the generator has the
Self-BLEU-5 of real data. A method is better than another if lowest nll_test and nll_test at S are lower, bleu_5 at S
is higher, and commonest_sequence no higher. –: not reached at any measured temperature."""
MINUTES_NOTE = """minutes: duration of training with pre-training, teachers and judges, if they are in the table."""
COMPARISONS_NOTE = """Mean difference over all pairs of data and seed that both methods have, and two-sided p of a
paired t-test over these pairs. p is not corrected for multiple comparisons."""


def judged(rows, markdown=False):
    """Returns the table by which methods are compared, from measured frontiers; "" without any."""
    columns = _judged_columns(rows)
    every = [run for row in rows for run in row.runs]
    lines = []
    for row in rows:
        runs = {run.config.seed: run for run in row.runs if run.points}
        cells = [tables.reached({seed: column(run) for seed, run in runs.items()}) for column in columns.values()]
        minutes = tables.spread({seed: results.minutes(run, every) for seed, run in runs.items()}, 1)
        lines += [[row.title, len(runs), *cells, minutes]] if runs else []
    lines += _coin_toss(rows)
    note = TEXT_JUDGED_NOTE if rows[0].config.is_text else JUDGED_NOTE
    heads = ["method", "seeds", *columns, "minutes"]
    return f"{table(heads, lines, markdown)}\n\n{note}\n{MINUTES_NOTE}" if lines else ""


def _judged_columns(rows):
    """Returns what methods are judged by, a dict of name -> function of a Result that returns a float or None."""
    columns = {"lowest nll_test": lowest_nll_test}
    if rows[0].config.is_text:
        names = ("nll_test", "bleu_5", "commonest_sequence")
        return columns | {f"{name} at S": partial(at_real_variety, name=name) for name in names}
    columns |= {f"{name} at H": partial(at_real_entropy, name=name) for name in ("nll_oracle", "nll_test", *COLLAPSE)}
    return columns | {f"nll_oracle at nll_test {LEVEL}": lambda run: frontier.at(run.points, LEVEL)}


def comparisons(groups):
    """Returns paired t-tests of methods over all pairs of data and seed, as Markdown; "" without any.

    Each method is compared with the best maximum likelihood of its size, a reward also with its own pre-training and
    with the controls that have the same, and a judge also with distillation from it.

    Args:
      groups: lists of Rows, one for each data.
    """
    found = {}  # title -> (Config, {(data, seed): Result})
    for number, rows in enumerate(groups):
        for row in rows:
            _, runs = found.setdefault(row.title, (row.config, {}))
            runs |= {(number, run.config.seed): run for run in row.runs if run.points}
    found = {title: (config, runs) for title, (config, runs) in found.items() if runs}
    lines = []
    for title, (config, runs) in found.items():
        for other in _compared(title, config, found):
            both = runs.keys() & found[other][1].keys()
            cells = [
                _change({key: column(runs[key]) for key in both}, {key: column(found[other][1][key]) for key in both})
                for column in _judged_columns(groups[0]).values()
            ]
            lines += [[f"{title} − {other}", len(both), *cells]] if len(both) > 1 else []
    return table(["difference", "pairs", *_judged_columns(groups[0])], lines, markdown=True) if lines else ""


def _compared(title, config, found):
    """Returns the titles of the methods to compare a method with."""
    likelihoods = {
        other: statistics.fmean(map(lowest_nll_test, runs.values()))
        for other, (theirs, runs) in found.items()
        if results.method(theirs) in results.BASELINES and _size(theirs) == _size(config)
    }
    best = min(likelihoods, key=likelihoods.get, default=title)
    others = [] if best == title else [best]
    if config.iterations:
        is_control = results.method(config) in results.CONTROLS
        methods = results.BASELINES if is_control else results.BASELINES + results.CONTROLS
        others += [
            other
            for other, (theirs, _) in found.items()
            if other != best and results.method(theirs) in methods and not config.differences(theirs, ("generator",))
        ]
    if config.judge:
        judge = results.without_data(config, "judge")
        others += [other for other, (theirs, _) in found.items() if results.without_data(theirs, "teacher") == judge]
    return others


def _size(config):
    return config.g_cell, config.g_embedding_dim, config.g_hidden_dim


def _change(ours, theirs):
    """Returns the mean difference of two dicts of key -> value or None, with its p, as text."""
    change = results.paired(*({k: v for k, v in values.items() if v is not None} for values in (ours, theirs)))
    if change is None:
        return "–"
    mean, p, num = change
    words = "" if p is None else f" (p {p:.3f})" if p >= 0.001 else " (p < 0.001)"
    return f"{mean:+.3f}{words}" + (f" ({num} of {len(ours)})" if num < len(ours) else "")


def _coin_toss(rows):
    """Returns the line of the coin toss of the method with the lowest nll_test, in a list; [] without any."""
    tossed = [[run for run in row.runs if run.coin_toss] for row in rows]
    if not any(tossed):
        return []
    runs = min(filter(None, tossed), key=lambda runs: statistics.fmean(map(lowest_nll_test, runs)))
    names = ("nll_test", "nll_oracle", *COLLAPSE)
    test, oracle, *collapse = (
        tables.spread({run.config.seed: run.coin_toss[name] for run in runs}) for name in names
    )
    title = f"Coin toss: {results.method(runs[0].config)}"
    return [[title, len(runs), test, "–", "–", *collapse, f"{oracle} at {test}", ""]]


def lowest_nll_test(run):
    """Returns the lowest nll_test of a Result over temperatures, in nats per token."""
    return min(point["nll_test"] for point in run.points)


def at_real_entropy(run, name):
    """Returns a metric of a Result at the temperature where its entropy is that of real data, or None."""
    return frontier.at_level(run.points, "entropy", run.record("last")["nll_oracle_real"], name)


def at_real_variety(run, name):
    """Returns a metric of a Result at the temperature where its Self-BLEU-5 is that of real data, or None."""
    return frontier.at_level(run.points, "self_bleu_5", run.record("last")["self_bleu_5_real"], name)
