"""Plots: pictures of several methods over their seeds, to be put into a paper."""

import matplotlib.figure
import matplotlib.ticker
import numpy as np

from seqgan_tf.runs.history import last
from seqgan_tf.studies import frontier

# Okabe and Ito's palette, which colour-blind readers can tell apart; line styles and markers differ as well.
COLOURS = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999")
LINES, MARKERS = ("-", "--", "-.", ":"), ("o", "s", "^", "D", "v", "P", "X", "*")
ORACLE_CURVES = ("nll_oracle", "nll_test", "entropy")
TEXT_CURVES = ("bleu_4", "self_bleu_4", "nll_test")
LABELS = {name: f"{name}\n(nats per token)" for name in ("nll_oracle", "nll_test", "entropy")}
LABELS |= {"bleu_4": "BLEU-4", "self_bleu_4": "Self-BLEU-4"}
CURVES_NOTE = """Mean over seeds; the band is one standard deviation. The first epochs lie outside of the picture, as
does a method that ends with an nll_oracle below that of real data. The two sides have scales of their own."""
REWARDS_NOTE = "Mean action value Q of the last batch, over seeds; the band is one standard deviation."
STYLE = {"font.size": 12, "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False}


def learning_curves(rows):
    """The figures of each method while it is trained, mean over seeds with the standard deviation as a band.

    Args:
      rows: list of results.Row of one oracle or text.

    Returns:
      matplotlib.figure.Figure: on the left maximum likelihood, on the right adversarial training.
    """
    names = ORACLE_CURVES if "nll_oracle" in rows[0].runs[0].last else TEXT_CURVES
    phases = {"mle": "epochs of maximum likelihood", "adversarial": "generator steps of adversarial training"}
    adversarial = [row for row in rows if row.runs[0].config.iterations]
    # Others begin with the same maximum likelihood as those that end with it, most likely.
    drawn = {"mle": [row for row in rows if row not in adversarial] or rows, "adversarial": adversarial}
    with matplotlib.rc_context(STYLE):
        figure = matplotlib.figure.Figure(figsize=(10, 2.9 * len(names) + 1.2), layout="constrained")
        axes = figure.subplots(len(names), 1 + bool(adversarial), sharex="col", squeeze=False)
        for (phase, label), column in zip(phases.items(), axes.T, strict=False):
            for name, ax in zip(names, column, strict=True):
                for row in drawn[phase]:
                    _band(ax, row, phase, name, _style(rows.index(row)))
                _focus(ax, drawn[phase], phase, name)
                real = rows[0].runs[0].last.get(f"{name}_real")
                if real is not None and name != "nll_oracle":  # for that the curves would be squeezed together
                    ax.axhline(real, color="grey", linestyle=":", linewidth=1)
            column[-1].set_xlabel(label)
        for name, ax in zip(names, axes[:, 0], strict=True):
            ax.set_ylabel(LABELS[name])
        figure.align_ylabels(axes[:, 0])
        _legend(figure, axes[0, 0], dict(enumerate(rows)))
    return figure


def _band(ax, row, phase, name, style):
    """One method's curve of one figure in one phase."""
    curves = [dict(_points(run, phase, name)) for run in row.runs if phase == "mle" or run.config.iterations]
    steps = sorted(set.intersection(*(set(curve) for curve in curves))) if curves else []
    if not steps:
        return
    values = np.array([[curve[step] for step in steps] for curve in curves])
    _mean_with_band(ax, steps, values, style | {"markevery": max(1, len(steps) // 12)})


def _mean_with_band(ax, x, values, style):
    """The mean of values [runs, points], and its standard deviation over the runs as a band."""
    mean = values.mean(0)
    ax.plot(x, mean, **style | {"markersize": 4})
    if len(values) > 1:
        spread = values.std(0, ddof=1)
        ax.fill_between(x, mean - spread, mean + spread, color=style["color"], alpha=0.15, linewidth=0)


def _points(run, phase, name):
    """(epoch, figure), or (generator step, figure) from the end of pre-training on."""
    pretrained = [record for record in run.records if record["phase"] == "mle" and name in record]
    if phase == "mle":
        return [(record["iteration"], record[name]) for record in pretrained if record["iteration"]]
    later = [record for record in run.records if record["phase"] == phase and name in record]
    start = last(pretrained, run.config.mle_patience)
    return [(0, start[name])] * bool(start) + [
        (record["iteration"] * run.config.g_steps, record[name]) for record in later
    ]


def _focus(ax, rows, phase, name):
    """Leaves room for what is compared: not for the first epochs of maximum likelihood, nor for the collapsed."""
    kept = [row for row in rows if phase == "mle" or not any(_has_collapsed(run.last) for run in row.runs)]
    if phase != "mle" and len(kept) == len(rows):
        return
    compared = [
        value
        for row in kept
        for run in row.runs
        for step, value in _points(run, phase, name)
        if phase != "mle" or step >= 0.15 * run.config.mle_epochs
    ]
    if compared:
        margin = 0.05 * (max(compared) - min(compared)) or 0.1
        ax.set_ylim(min(compared) - margin, max(compared) + margin)


def _has_collapsed(record):
    """Whether the oracle finds real data less likely than a generator's sequences: those are few, said again."""
    return record.get("nll_oracle", 0.0) < record.get("nll_oracle_real", 0.0)


def frontiers(rows):
    """Quality against variety over temperatures, a curve for each run; None where nothing has been measured.

    Args:
      rows: list of results.Row of one oracle or text.

    Returns:
      matplotlib.figure.Figure or None; the point at temperature 1 is large.
    """
    measured = {index: row for index, row in enumerate(rows) if any(run.points for run in row.runs)}
    if not measured:
        return None
    is_oracle = "nll_oracle" in next(iter(measured.values())).runs[0].last
    with matplotlib.rc_context(STYLE):
        figure = matplotlib.figure.Figure(figsize=(8, 7.5), layout="constrained")
        ax = figure.subplots()
        for index, row in measured.items():
            style = _style(index)
            for run in (run for run in row.runs if run.points):
                variety, quality = frontier.curve(run.points)
                ax.plot(variety, quality, **style | {"marker": None, "linewidth": 1.2})
                one = next((point for point in run.points if point["inverse_temperature"] == 1), None)
                if one:
                    pair = (one["nll_test"], one["nll_oracle"]) if is_oracle else (one["self_bleu_5"], -one["bleu_5"])
                    ax.plot(*pair, **style | {"markersize": 9, "linestyle": ""})
        if is_oracle:
            ax.set_xlabel("nll_test (nats per token): lower is more varied")
            ax.set_ylabel("nll_oracle (nats per token): lower is better")
        else:
            ax.set_xlabel("Self-BLEU-5: lower is more varied")
            ax.set_ylabel("negative BLEU-5: lower is better")
        ax.set_title("Curves: over temperatures, one a seed. Marks: temperature 1", fontsize=12)
        _legend(figure, ax, measured)
    return figure


def rewards_by_position(rows):
    """Mean Q at each position of a sequence at the last evaluation; None where no run has any.

    Args:
      rows: list of results.Row of one oracle or text.

    Returns:
      matplotlib.figure.Figure or None; a panel a method, because rewards of different kinds have different scales.
    """
    shown = [(index, row) for index, row in enumerate(rows) if any("reward_by_position" in r.last for r in row.runs)]
    if not shown:
        return None
    with matplotlib.rc_context(STYLE):
        figure = matplotlib.figure.Figure(figsize=(10, 2.4 * -(-len(shown) // 2) + 0.6), layout="constrained")
        axes = figure.subplots(-(-len(shown) // 2), 2, sharex=True, squeeze=False)
        for (index, row), ax in zip(shown, axes.flat, strict=False):
            values = np.array([run.last["reward_by_position"] for run in row.runs])
            _mean_with_band(ax, np.arange(1, values.shape[1] + 1), values, _style(index))
            if np.ptp(values) < 1e-6:
                ax.set_ylim(values.min() - 0.1, values.max() + 0.1)
            ax.set_title(row.title, fontsize=12)
            ax.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
        for ax in axes.flat[len(shown) :]:
            ax.set_axis_off()
        for ax in axes.flat[max(0, len(shown) - 2) : len(shown)]:
            ax.set_xlabel("position in the sequence (tokens)")
            ax.tick_params(labelbottom=True)
        figure.supylabel("mean action value Q", fontsize=12)
    return figure


def _style(index):
    return {
        "color": COLOURS[index % len(COLOURS)],
        "linestyle": LINES[index % len(LINES)],
        "marker": MARKERS[index % len(MARKERS)],
        "linewidth": 1.8,
    }


def _legend(figure, ax, rows):
    """The names of methods by their index; ax: any panel."""
    handles = [ax.plot([], [], label=row.title, **_style(index))[0] for index, row in rows.items()]
    longest = max(len(row.title) for row in rows.values())
    columns = 1 if longest > 40 else 2 if longest > 24 else 3
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, fontsize=11)
