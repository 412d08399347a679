"""Tables of methods over their seeds, in Markdown and as lines of CSV."""

import math

from seqgan_tf.studies import frontier, results

LEVELS = (7.6, 7.65, 7.8, 8.0, 8.5)  # nats per token of nll_test at which nll_oracle is compared
ORACLE = ("nll_oracle", "nll_test", "entropy")
TEXT = ("bleu_2", "bleu_3", "bleu_4", "bleu_5", "self_bleu_2", "self_bleu_3", "self_bleu_4", "self_bleu_5")
TEXT_MORE = ("nll_test", "entropy", "distinct_2", "memorised", "repeated", "pitch_mse")
CONTROLS = ("PG-BLEU", "Constant reward", "Random reward", "Regularised MLE")  # that SeqGAN is compared with
SPECIAL = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "|": "&#124;",
    "*": "&#42;",
    "`": "&#96;",
    "_": "&#95;",
    "[": "&#91;",
}


def escaped(text):
    """Text that Markdown and HTML show as it is, in one line."""
    return "".join(SPECIAL.get(character, character) for character in text.replace("\n", " "))


def table(heads, rows):
    """A table in Markdown from lists of cells, its columns aligned for reading it as it is."""
    lines = [[str(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def spread(values, digits=3):
    """ "mean ± standard deviation" of a dict of seed -> figure; "" of none."""
    if not values:
        return ""
    mean, deviation = results.mean_and_deviation(values.values())
    return f"{mean:.{digits}f}" + (f" ± {deviation:.{digits}f}" if deviation is not None else "")


def oracle_results(rows):
    """The rows of Table 1 and others: mean and deviation over seeds.

    Args:
      rows: list of results.Row on one oracle.

    Returns:
      str, Markdown.
    """
    runs = {run.config.seed: run for row in rows for run in row.runs}
    uniform = {seed: math.log(run.config.vocab_size) for seed, run in runs.items()}
    cells = [spread({seed: run.last["nll_oracle_random"] for seed, run in runs.items()}), *[spread(uniform)] * 2]
    lines = [["Random: uniform tokens", len(runs), *cells, *[""] * 4]]
    untrained = {seed: run.records[0] for seed, run in runs.items() if run.records[0]["iteration"] == 0}
    cells = [spread({seed: record[name] for seed, record in untrained.items()}) for name in ORACLE]
    lines.append(["Random: untrained generator", len(untrained), *cells, *[""] * 4])
    for row in rows:
        minutes = {run.config.seed: run.seconds / 60 for run in row.runs}
        cells = [spread(row.values(name)) for name in ORACLE]
        cells += [spread(row.values(name, "best")) for name in ("nll_oracle", "nll_test")]
        cells += [spread(row.values("d_auc_heldout")), spread(minutes, 1)]
        lines.append([row.title, len(row.runs), *cells])
    real = spread({seed: run.last["nll_oracle_real"] for seed, run in runs.items()})
    lines.append(["Real data", len(runs), *[real] * 3, *[""] * 4])
    return table(
        ["method", "seeds", *ORACLE, "best nll_oracle", "nll_test there", "AUC of D, held-out", "minutes"], lines
    )


ORACLE_NOTE = """Mean ± standard deviation over seeds, at the end of training (last); nats per token. nll_oracle: how
unlikely the oracle finds the generator's sequences (lower is better). nll_test: how unlikely the generator finds the
oracle's; it rises when variety is lost, so nll_oracle means nothing without it. entropy: the generator's own variety.
best: the lowest nll_oracle of all evaluations of the last phase, so it is chosen by the result, and the lower the
more evaluations there are. Real data have the same expected value in all three columns. AUC of D: on real data that
it was not trained on; 0.5 is chance. minutes: of training, with what was taken over from another run."""


def text_results(rows, names):
    """BLEU and others of text: mean and deviation over seeds.

    Args:
      rows: list of results.Row on one text.
      names: figures, of which those are shown that there are.

    Returns:
      str, Markdown.
    """
    runs = {run.config.seed: run for row in rows for run in row.runs}
    names = [name for name in names if name in rows[0].runs[0].last]
    lines = []
    for row in rows:
        lines.append([row.title, len(row.runs), "last", *(spread(row.values(name)) for name in names)])
        if row.runs[0].config.iterations:
            lines.append(["", "", "best", *(spread(row.values(name, "best")) for name in names)])
    real = [
        spread({seed: run.last[f"{name}_real"] for seed, run in runs.items() if f"{name}_real" in run.last})
        for name in names
    ]
    lines.append(["Real data (validation split)", len(runs), "", *real])
    return table(["method", "seeds", "", *names], lines)


TEXT_NOTE = """Mean ± standard deviation over seeds. last: at the end of training; best: the evaluation of the lowest
nll_valid. bleu: against the test split (higher is better); self_bleu: among the generator's own samples (lower is
more varied). nll_test, entropy: nats per token. distinct_2: distinct pairs of tokens per pair. memorised, repeated:
share of samples that stand in the training split, and that equal another sample. pitch_mse: squared semitones."""


def tests(rows, name):
    """Paired t-tests over seeds, of each method against MLE and of SeqGAN against the controls.

    Args:
      rows: list of results.Row.
      name: of a figure; nll_test is tested beside it.

    Returns:
      str, Markdown; "" where no two methods share two seeds.
    """
    kind = {row.title: results.method(row.runs[0].config) for row in rows}
    plain = [row for row in rows if kind[row.title] == "MLE"]
    mle = min(plain, key=lambda row: row.runs[0].config.mle_epochs, default=None)
    pairs = [(row, mle) for row in rows if mle and row is not mle]
    seqgans = [row for row in rows if kind[row.title] == "SeqGAN"]
    pairs += [(row, other) for row in seqgans for other in rows if kind[other.title] in CONTROLS]
    pairs += [(row, other) for row in seqgans for other in plain if other is not mle]
    lines = []
    for row, other in pairs:
        cells, found = [], [results.paired(row.values(figure), other.values(figure)) for figure in (name, "nll_test")]
        if None in found:
            continue
        for change, p, _ in found:
            shown = "" if p is None else f"{p:.3f}" if p >= 0.001 else "< 0.001"
            cells += [f"{change:+.3f}", shown]
        lines.append([f"{row.title} − {other.title}", found[0][2], *cells])
    return table(["difference", "seeds", name, "p", "nll_test", "p"], lines) if lines else ""


TESTS_NOTE = """Mean difference over the seeds that both have, and the two-sided p of a paired t-test over seeds (not
over sequences, of which there could be as many as one likes). The number of comparisons is not corrected for."""


def frontiers(rows):
    """The frontiers of rows as tables: on oracle data at LEVELS, and the areas.

    Args:
      rows: list of results.Row of one oracle or text, of which some have been measured.

    Returns:
      str, Markdown.
    """
    measured = [(row, {run.config.seed: run.points for run in row.runs if run.points}) for row in rows]
    measured = [(row, curves) for row, curves in measured if curves]
    is_oracle = "nll_oracle" in next(iter(measured[0][1].values()))[0]
    shared = frontier.common(points for _, curves in measured for points in curves.values())
    levels = LEVELS if is_oracle else ()
    lines = []
    for row, curves in measured:
        cells = [_at(curves, level) for level in levels]
        if shared:
            cells.append(spread({seed: frontier.area(points, *shared) for seed, points in curves.items()}))
        lines.append([row.title, len(curves), *cells])
    heads = [f"nll_oracle at nll_test {level}" for level in levels]
    if shared:
        heads.append(f"area, {shared[0]:.3f} to {shared[1]:.3f}")
    notes = "Interpolated linearly between temperatures; –: no temperature of that method gets there. " * is_oracle
    notes += (
        "area: under the curve, between the levels of variety that all curves have (lower is better)."
        if shared
        else "There is no level of variety that all curves have, so no area to compare."
    )
    return f"{table(['method', 'seeds', *heads], lines)}\n\n{notes}"


def _at(curves, level):
    """Quality at a level of variety over the seeds whose curves have it."""
    found = {seed: frontier.at(points, level) for seed, points in curves.items()}
    found = {seed: value for seed, value in found.items() if value is not None}
    if not found:
        return "–"
    return spread(found) + (f" ({len(found)} of {len(curves)})" if len(found) < len(curves) else "")


def samples(rows):
    """The first sequences of each method's last evaluation, of the lowest seed: str, Markdown."""
    seed = min(run.config.seed for row in rows for run in row.runs)
    lines = [
        [row.title, "<br>".join(map(escaped, run.samples))]
        for row in rows
        for run in row.runs
        if run.config.seed == seed
    ]
    return table(["method", f"first sequences of the last evaluation, seed {seed}"], lines)


def run_numbers(rows):
    """CSV: a line for the last and the best evaluation of each run, under a line of heads."""
    names = {
        name: 0 for row in rows for run in row.runs for name, value in run.last.items() if isinstance(value, float)
    }
    lines = [
        [row.title, run.name, run.config.seed, which, record["phase"], record["iteration"]]
        + [record.get(name, "") for name in names]
        for row in rows
        for run in row.runs
        for which, record in (("last", run.last), ("best", run.best))
    ]
    return [["method", "run", "seed", "which", "phase", "iteration", *names], *lines]


def frontier_numbers(rows):
    """CSV: a line for each run and temperature, under a line of heads."""
    runs = [(row.title, run) for row in rows for run in row.runs if run.points]
    names = list(runs[0][1].points[0])
    lines = [
        [title, run.config.seed, *(point[name] for name in names)] for title, run in runs for point in run.points
    ]
    return [["method", "seed", *names], *lines]
