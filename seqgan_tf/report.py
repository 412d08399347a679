"""Report of a run: a table and a learning-curve plot, from its run folder alone."""

import json
import math
import pathlib

import matplotlib.figure

from seqgan_tf.records import read_metrics

COLUMNS = ("nll_oracle", "nll_test", "entropy")
# Okabe and Ito's palette, which colour-blind readers can tell apart; line styles differ as well.
STYLES = {"nll_oracle": ("#0072B2", "-"), "nll_test": ("#D55E00", "--"), "entropy": ("#009E73", "-.")}
D_STYLES = {"d_auc_train": ("#CC79A7", "-"), "d_auc_heldout": ("#000000", "--")}


def table(run):
    """The run's result in a few rows.

    Args:
      run: the run folder.

    Returns:
      str: rows Random, MLE, SeqGAN (last and best), real data; columns nll_oracle, nll_test, entropy in nats per
      token. Uniform random tokens have nll_test = entropy = log V by definition; real data have the same
      expected value in all three columns, the oracle's own entropy.
    """
    records, config = _load(run)
    pretrained = [record for record in records if record["phase"] == "mle"]
    adversarial = [record for record in records if record["phase"] == "adversarial"]
    random, real = records[0]["nll_oracle_random"], records[0]["nll_oracle_real"]
    uniform = math.log(config["vocab_size"])
    rows = [("Random (uniform tokens)", random, uniform, uniform)]
    rows.append((f"MLE (epoch {pretrained[-1]['iteration']})", *(pretrained[-1][name] for name in COLUMNS)))
    name = "SeqGAN" if config["reward"] == "discriminator" else f"Reward: {config['reward']}"
    if adversarial:
        best = min(adversarial, key=lambda record: record["nll_oracle"])
        for label, record in (("last", adversarial[-1]), ("best", best)):
            title = f"{name}, {label} (iteration {record['iteration']})"
            rows.append((title, *(record[column] for column in COLUMNS)))
    rows.append(("Real data", real, real, real))
    width = max(len(row[0]) for row in rows)
    lines = [f"{'':{width}}" + "".join(f"{column:>12}" for column in COLUMNS)]
    lines += [f"{title:{width}}" + "".join(f"{value:12.3f}" for value in values) for title, *values in rows]
    notes = ["", "Nats per token. nll_oracle: how unlikely the oracle finds G's sequences (lower is better)."]
    notes += ["nll_test: how unlikely G finds the oracle's (it rises when G forgets variety). entropy: variety of G."]
    if adversarial:
        notes += [f"best: the lowest nll_oracle of {len(adversarial)} evaluations, so it is chosen by the result."]
        change = adversarial[-1]["nll_oracle"] - pretrained[-1]["nll_oracle"]
        notes += [f"Adversarial training moved nll_oracle by {change:+.3f} (last, against MLE)."]
        if "d_auc_heldout" in adversarial[-1]:
            train, heldout = (adversarial[-1][f"d_auc_{part}"] for part in ("train", "heldout"))
            notes += [f"D's AUC at the end: {train:.3f} on training data, {heldout:.3f} on held-out (0.5 is chance)."]
    return "\n".join(lines + notes)


def plot(run):
    """Draws the learning curves into learning_curve.png of the run folder.

    Args:
      run: the run folder.

    Returns:
      pathlib.Path of the picture.
    """
    records, config = _load(run)
    generator = [record for record in records if "nll_oracle" in record]
    epochs = max(record["iteration"] for record in records if record["phase"] == "mle")
    with_d = any("d_auc_train" in record for record in generator)
    figure = matplotlib.figure.Figure(figsize=(8, 6.5 if with_d else 4.5), layout="constrained")
    axes = figure.subplots(2 if with_d else 1, sharex=True, height_ratios=[3, 1] if with_d else None, squeeze=False)
    top = axes[0, 0]
    _curves(top, generator, STYLES, epochs)
    top.axhline(records[0]["nll_oracle_real"], color="grey", linestyle=":", linewidth=1)
    top.annotate(
        " real data, nll_oracle",
        (0, records[0]["nll_oracle_real"]),
        xycoords=("axes fraction", "data"),
        va="bottom",
        fontsize=9,
    )
    top.set_ylabel("nats per token")
    top.set_title(f"{config['reward'].capitalize()} reward, seed {config['seed']}")
    if with_d:
        _curves(axes[1, 0], generator, D_STYLES, epochs)
        axes[1, 0].axhline(0.5, color="grey", linestyle=":", linewidth=1)
        axes[1, 0].set_ylabel("AUC of D")
    for ax in axes[:, 0]:
        ax.axvline(epochs, color="grey", linewidth=1)
        ax.spines[["top", "right"]].set_visible(False)
        ax.legend(frameon=False, loc="upper right" if ax is top else "upper left")
    top.annotate("end of pre-training ", (epochs, 0.1), xycoords=("data", "axes fraction"), ha="right", fontsize=9)
    axes[-1, 0].set_xlabel("epochs of maximum likelihood, then iterations of adversarial training")
    path = pathlib.Path(run) / "learning_curve.png"
    figure.savefig(path, dpi=150)
    return path


def _load(run):
    records = read_metrics(run)
    if not any(record["phase"] == "mle" for record in records):
        raise ValueError(f"{run} has no evaluation yet.")
    return records, json.loads((pathlib.Path(run) / "config.json").read_text())


def _curves(ax, records, styles, epochs):
    """Draws the named figures of records over epochs, then iterations."""
    for name, (color, line) in styles.items():
        points = [
            (record["iteration"] + (epochs if record["phase"] == "adversarial" else 0), record[name])
            for record in records
            if name in record
        ]
        ax.plot(*zip(*points, strict=True), color=color, linestyle=line, marker="o", markersize=3, label=name)
