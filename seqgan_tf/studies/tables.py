"""Tables of methods over their seeds, and the same numbers for CSV.

Each function takes a list of results.Row on the same data. Tables are plain text, or Markdown with markdown=True.
"""

import math
import statistics
from functools import partial

from seqgan_tf.metrics import catalogue
from seqgan_tf.runs.tables import table
from seqgan_tf.studies import frontier, results

LEVELS = (7.6, 7.65, 7.8, 8.0, 8.5)  # nll_test in nats per token at which nll_oracle is compared
LIKELIHOODS = ("nll_oracle", "nll_test", "entropy")
NO_CONTROLS = ("MLE", "Scheduled sampling", "SeqGAN")
ORACLE_NOTE = """Mean ± standard deviation over seeds, at the end of training. best: the lowest nll_oracle of all
evaluations in the last phase; it is optimistic, because more evaluations make it lower. nll_oracle means nothing
without nll_test. Real data have the same expected value in all three columns. minutes: duration of training,
including pre-training for a warm start."""
TEXT_NOTE = """Mean ± standard deviation over seeds. last: at the end of training. best: the evaluation with the
lowest nll_valid."""
TESTS_NOTE = """Mean difference over the seeds that both methods have, and two-sided p of a paired t-test over seeds
(not over sequences, whose number is arbitrary). p is not corrected for multiple comparisons."""


def shown(record):
    """Returns the metrics of a record to show in tables: likelihoods, and all metrics of samples."""
    plain = [name for name in record if not name.endswith(tuple(catalogue.YARDSTICKS)) and catalogue.metric(name)]
    return [name for name in plain if name in LIKELIHOODS or catalogue.metric(name).compute]


def spread(values, digits=3):
    """Returns "mean ± sample standard deviation" of a dict of seed -> value; the mean of one value, "" of none."""
    if not values:
        return ""
    mean = f"{statistics.fmean(values.values()):.{digits}f}"
    return mean if len(values) == 1 else f"{mean} ± {statistics.stdev(values.values()):.{digits}f}"


def _every_seed(rows):  # a Row with one run per seed, for values that depend only on the seed
    return results.Row("", list({run.config.seed: run for row in rows for run in row.runs}.values()))


def oracle_results(rows, markdown=False):
    """Returns the table for oracle data, as Table 1 of the paper, with controls: mean ± deviation over seeds."""
    every = _every_seed(rows)
    seeds, uniform = len(every.runs), spread({run.config.seed: math.log(run.config.vocab_size) for run in every.runs})
    untrained = {run.config.seed: run.records[0] for run in every.runs if run.records[0]["iteration"] == 0}
    begun = [spread({seed: record[name] for seed, record in untrained.items()}) for name in LIKELIHOODS]
    lines = [
        ["Random: uniform tokens", seeds, spread(every.values("nll_oracle_random")), uniform, uniform],
        ["Random: untrained generator", len(untrained), *begun],
    ]
    for row in rows:
        cells = [spread(row.values(name)) for name in LIKELIHOODS]
        cells += [spread(row.values(name, "best")) for name in ("nll_oracle", "nll_test")]
        minutes = spread({run.config.seed: run.records[-1]["wall_seconds"] / 60 for run in row.runs}, 1)
        lines.append([row.title, len(row.runs), *cells, spread(row.values("d_auc_heldout")), minutes])
    lines.append(["Real data", seeds, *[spread(every.values("nll_oracle_real"))] * len(LIKELIHOODS)])
    heads = ["method", "seeds", *LIKELIHOODS, "best nll_oracle", "nll_test there", "d_auc_heldout", "minutes"]
    return table(heads, [line + [""] * (len(heads) - len(line)) for line in lines], markdown)


def scores(rows, names, markdown=False):
    """Returns a table of the metrics `names` of the last and the best evaluation: mean ± deviation over seeds."""
    lines = []
    for row in rows:
        lines.append([row.title, len(row.runs), "last", *(spread(row.values(name)) for name in names)])
        if row.config.iterations:
            lines.append(["", "", "best", *(spread(row.values(name, "best")) for name in names)])
    if rows[0].config.is_text:
        every = _every_seed(rows)
        real = [spread(every.values(f"{name}_real")) for name in names]
        lines.append(["Real data (validation split)", len(every.runs), "", *real])
    return table(["method", "seeds", "", *names], lines, markdown)


def tests(rows, name):
    """Returns paired t-tests over seeds for a metric and nll_test, as Markdown; "" if no methods share two seeds.

    They compare each method with MLE, and SeqGAN with the controls.
    """
    kinds = results.grouped(rows, lambda row: results.method(row.config))
    plain = kinds["MLE"]
    mle = min(plain, key=lambda row: row.config.mle_epochs, default=None)
    controls = [row for kind, group in kinds.items() if kind not in NO_CONTROLS for row in group]
    pairs = [(row, mle) for row in rows if mle and row is not mle]
    pairs += [(row, other) for row in kinds["SeqGAN"] for other in controls + plain if other is not mle]
    lines = []
    for row, other in pairs:
        found = [results.paired(row.values(metric), other.values(metric)) for metric in (name, "nll_test")]
        if None in found:
            continue
        cells = []
        for change, p, _ in found:
            cells += [f"{change:+.3f}", "" if p is None else f"{p:.3f}" if p >= 0.001 else "< 0.001"]
        lines.append([f"{row.title} − {other.title}", found[0][2], *cells])
    return table(["difference", "seeds", name, "p", "nll_test", "p"], lines, markdown=True) if lines else ""


def frontiers(rows, markdown=False):
    """Returns a table of the measured frontiers: their areas and, for oracle data, the quality at LEVELS."""
    measured = {row.title: {run.config.seed: run.points for run in row.runs if run.points} for row in rows}
    shared = frontier.common(points for curves in measured.values() for points in curves.values())
    levels = () if rows[0].config.is_text else LEVELS
    columns = {f"nll_oracle at nll_test {level}": partial(frontier.at, level=level) for level in levels}
    notes = "The curves share no range of variety, so no area can be compared."
    if shared:
        low, high = shared
        columns[f"area, {low:.3f} to {high:.3f}"] = partial(frontier.area, low=low, high=high)
        notes = "area: area under the curve in the range of variety that all curves share (lower is better)."
    if levels:
        notes = f"Linear interpolation between temperatures. –: the method does not reach this level.\n{notes}"
    lines = []
    for title, curves in measured.items():
        values = [{seed: column(points) for seed, points in curves.items()} for column in columns.values()]
        lines += [[title, len(curves), *map(reached, values)]] if curves else []
    return f"{table(['method', 'seeds', *columns], lines, markdown)}\n\n{notes}"


def reached(values):
    """Returns `spread` of the values that are not None, and how many those are if not all; "–" without any."""
    found = {seed: value for seed, value in values.items() if value is not None}
    part = f" ({len(found)} of {len(values)})" if len(found) < len(values) else ""
    return spread(found) + part if found else "–"


def samples(rows):
    """Returns the first samples of each method's last evaluation, for the lowest seed, as Markdown."""
    seed = min(run.config.seed for row in rows for run in row.runs)
    lines = [[row.title, "\n".join(run.samples)] for row in rows for run in row.runs if run.config.seed == seed]
    return table(["method", f"first samples of the last evaluation, seed {seed}"], lines, markdown=True)


def numbers(rows):
    """Returns two lists of dicts for CSV: last and best evaluation of each run, and each run at each temperature."""
    runs = [(row.title, run) for row in rows for run in row.runs]
    evaluations = []
    for title, run in runs:
        for which in ("last", "best"):
            record = run.record(which)
            about = {"method": title, "run": run.folder.name, "seed": run.config.seed, "which": which}
            place = {"phase": record["phase"], "iteration": record["iteration"]}
            evaluations.append(about | place | {name: x for name, x in record.items() if isinstance(x, float)})
    temperatures = [{"method": title, "seed": run.config.seed} | point for title, run in runs for point in run.points]
    return evaluations, temperatures
