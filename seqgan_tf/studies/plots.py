"""Plots of one or more methods over their seeds, ready for a paper.

Each function takes a list of results.Row on the same data and returns a matplotlib.figure.Figure; None without data.
"""

import textwrap

import matplotlib.figure
import matplotlib.ticker
import numpy as np

from seqgan_tf.metrics import catalogue
from seqgan_tf.runs import history
from seqgan_tf.studies import frontier

# Okabe and Ito's palette is safe for colour-blind readers; line styles and markers differ too.
COLOURS = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999")
LINES, MARKERS = ("-", "--", "-.", ":"), ("o", "s", "^", "D", "v", "P", "X", "*")
PHASES = {"mle": "epochs of pre-training", "adversarial": "generator steps of adversarial training"}
CURVES_NOTE = """Lines: means over seeds. Bands: one standard deviation. Dotted lines: real data. The left and right
panels have different scales, chosen without the first epochs and without methods that end with an nll_oracle below
that of real data."""
REWARDS_NOTE = "Lines: mean action value Q of the last batch, over seeds. Bands: one standard deviation."
STYLE = {"font.size": 12, "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False}


@matplotlib.rc_context(STYLE)
def learning_curves(rows):
    """Plots the headline metrics of each method during training, with one standard deviation over seeds as a band.

    Pre-training is on the left, adversarial training on the right. Each entry of the catalogue has one panel, for the
    highest order among its headline metrics.
    """
    found = {name for row in rows for run in row.runs for name in run.record("last")}
    names = list({catalogue.metric(name): name for name in catalogue.headline(found)}.values())
    adversarial = {index: row for index, row in enumerate(rows) if row.config.iterations}
    # Methods with adversarial training usually share the pre-training of the others, so theirs is not drawn.
    alone = {index: row for index, row in enumerate(rows) if index not in adversarial}
    drawn = {"mle": alone or adversarial, "adversarial": adversarial}
    figure = matplotlib.figure.Figure(figsize=(10, 2.4 * len(names) + 1.2), layout="constrained")
    axes = figure.subplots(len(names), 1 + bool(adversarial), sharex="col", squeeze=False)
    for phase, column in zip(PHASES, axes.T, strict=False):
        for name, ax in zip(names, column, strict=True):
            _panel(ax, drawn[phase], phase, name)
        for ax in [ax for ax in column if ax.get_visible()][-1:]:
            ax.set_xlabel(PHASES[phase])
            ax.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True, min_n_ticks=1))
            ax.tick_params(labelbottom=True)
    for name, line in zip(names, axes, strict=True):
        for ax in [ax for ax in line if ax.get_visible()][:1]:
            ax.set_ylabel(_with_unit(name, "\n"))
    figure.align_ylabels(axes[:, 0])
    _legend(figure, axes[0, 0], dict(enumerate(rows)))
    return figure


def _panel(ax, rows, phase, name):
    """Draws one metric in one phase for a dict of index -> Row; hides an empty panel.

    The scale ignores the first epochs of pre-training and methods that have collapsed.
    """
    compared, is_cut = [], phase == "mle"
    for index, row in rows.items():
        curves = [_points(run, phase, name) for run in row.runs]
        steps = sorted(set.intersection(*map(set, curves)))
        if steps:
            values = np.array([[curve[step] for step in steps] for curve in curves])
            _mean_with_band(ax, steps, values, _style(index) | {"markevery": max(1, len(steps) // 12)})
        trained = max((step for curve in curves for step in curve), default=0)  # fewer with early stopping
        first = 0.15 * trained if phase == "mle" else 0
        last = [run.record("last") for run in row.runs if phase != "mle"]
        # A generator whose sequences are more likely under the oracle than real data repeats a few sequences.
        if any(record.get("nll_oracle", 0.0) < record.get("nll_oracle_real", 0.0) for record in last):
            is_cut = True
        else:
            compared += [value for curve in curves for step, value in curve.items() if step >= first]
    ax.set_visible(bool(ax.lines))
    if compared and is_cut:
        margin = 0.05 * (max(compared) - min(compared)) or 0.1
        ax.set_ylim(min(compared) - margin, max(compared) + margin)
    real = next(iter(rows.values())).runs[0].record("last").get(f"{name}_real")
    if real is not None and name != "nll_oracle":  # real data are far lower and would squeeze the curves
        ax.axhline(real, color="grey", linestyle=":", linewidth=1)
        place = {"transform": ax.get_yaxis_transform(), "va": "bottom", "clip_on": True}
        ax.text(0.01, real, "real data", fontsize=9, color="grey", **place)


def _points(run, phase, name):
    """Returns a metric by epoch of pre-training, or by generator step of adversarial training, a dict."""
    found = [record for record in run.records if record["phase"] == phase and name in record]
    if phase == "mle":
        return {record["iteration"]: record[name] for record in found if record["iteration"]}
    before = [record for record in run.records if record["phase"] != phase and name in record]
    start = history.last(before, run.config) or (before[-1] if before else None)
    later = {record["iteration"] * run.config.g_steps: record[name] for record in found}
    return ({0: start[name]} if start else {}) | later


def _mean_with_band(ax, x, values, style):  # values [runs, points]
    mean = values.mean(0)
    ax.plot(x, mean, **style | {"markersize": 4})
    if len(values) > 1:
        spread = values.std(0, ddof=1)
        ax.fill_between(x, mean - spread, mean + spread, color=style["color"], alpha=0.15, linewidth=0)


@matplotlib.rc_context(STYLE)
def frontiers(rows):
    """Plots quality against variety over temperatures, one curve per run, with a mark at temperature 1."""
    measured = {index: row for index, row in enumerate(rows) if any(run.points for run in row.runs)}
    if not measured:
        return None
    is_text = rows[0].config.is_text
    height = max(7.5, 5.5 + 0.27 * len(measured))  # the legend has a line for each row
    figure = matplotlib.figure.Figure(figsize=(8, height), layout="constrained")
    ax = figure.subplots()
    for index, row in measured.items():
        for points in (run.points for run in row.runs if run.points):
            ax.plot(*frontier.curve(points), **_style(index) | {"marker": "", "linewidth": 1.2})
            if plain := [point for point in points if point["inverse_temperature"] == 1]:
                ax.plot(*frontier.curve(plain), **_style(index) | {"markersize": 9, "linestyle": ""})
    variety, quality = ("self_bleu_5", "bleu_5") if is_text else ("nll_test", "nll_oracle")
    ax.set_xlabel(f"{_with_unit(variety)}: lower is more varied")
    ax.set_ylabel(f"{'negative ' if is_text else ''}{_with_unit(quality)}: lower is better")
    ax.set_title("One curve over temperatures per seed; marks: temperature 1", fontsize=12)
    _legend(figure, ax, measured)
    return figure


def _with_unit(name, space=" "):
    return f"{catalogue.label(name)}{space}({catalogue.metric(name).unit})"


@matplotlib.rc_context(STYLE)
def rewards_by_position(rows):
    """Plots the mean Q at each position in the last evaluation, one panel per method as rewards differ in scale."""
    shown = [(index, row) for index, row in enumerate(rows) if row.values("reward_by_position")]
    if not shown:
        return None
    lines = -(-len(shown) // 2)
    figure = matplotlib.figure.Figure(figsize=(10, 2.4 * lines + 0.6), layout="constrained")
    axes = figure.subplots(lines, 2, sharex=True, squeeze=False).flat
    for (index, row), ax in zip(shown, axes, strict=False):
        values = np.array(list(row.values("reward_by_position").values()))
        _mean_with_band(ax, np.arange(1, values.shape[1] + 1), values, _style(index))
        if np.ptp(values) < 1e-6:
            ax.set_ylim(values.min() - 0.1, values.max() + 0.1)
        ax.set_title(row.title, fontsize=12)
        ax.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True, min_n_ticks=1))
    for ax in axes[len(shown) :]:
        ax.set_axis_off()
    for ax in axes[max(0, len(shown) - 2) : len(shown)]:
        ax.set_xlabel("position in the sequence (tokens)")
        ax.tick_params(labelbottom=True)
    figure.supylabel("mean action value Q", fontsize=12)
    return figure


def _style(index):
    again = index // len(COLOURS)  # a colour that is used again gets another line and marker
    styles = {"color": COLOURS[index % len(COLOURS)], "linestyle": LINES[(index + again) % len(LINES)]}
    return styles | {"marker": MARKERS[(index + 3 * again) % len(MARKERS)], "linewidth": 1.8}


def _legend(figure, ax, rows):
    """Draws the legend of a dict of index -> Row. `ax` can be any panel."""
    titles = {index: textwrap.fill(row.title, 70) for index, row in rows.items()}  # a wider legend loses its lines
    handles = [ax.plot([], [], label=titles[index], **_style(index))[0] for index in rows]
    longest = max(len(row.title) for row in rows.values())
    columns = 1 if longest > 40 else 2 if longest > 24 else 3
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, fontsize=11)
