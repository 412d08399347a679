"""Summary of a run: a table and a learning-curve plot, from its run folder alone."""

import json
import math
import pathlib

import matplotlib.figure

from seqgan_tf.runs.history import best, last, read_metrics

# Blocks of columns, one under the other: its title, and the figures by what they are called there.
BLEU = ("bleu_2", "bleu_3", "bleu_4", "self_bleu_2", "self_bleu_3", "self_bleu_4")
ORACLE_BLOCKS = {"": {name: name for name in ("nll_oracle", "nll_test", "entropy")}}
TEXT_BLOCKS = {
    "all": {name: name for name in BLEU},
    "first 500 (Texygen)": {name: name.replace("bleu_", "bleu_first500_") for name in BLEU},
    "likelihood, diversity": {
        name: name for name in ("nll_test", "entropy", "distinct_1", "distinct_2", "memorised", "repeated")
    },
}
MUSIC_BLOCKS = TEXT_BLOCKS | {"music": {"bleu_4": "bleu_4", "pitch_mse": "pitch_mse"}}
# Okabe and Ito's palette, which colour-blind readers can tell apart; line styles differ as well.
STYLES = {
    **{"nll_oracle": ("#0072B2", "-"), "nll_test": ("#D55E00", "--"), "entropy": ("#009E73", "-.")},
    **{"nll_valid": ("#E69F00", ":")},
}
BLEU_STYLES = {"bleu_2": ("#0072B2", "-"), "bleu_4": ("#56B4E9", "-"), "self_bleu_2": ("#D55E00", "--")}
BLEU_STYLES["self_bleu_4"] = ("#E69F00", "--")
D_STYLES = {"d_auc_train": ("#CC79A7", "-"), "d_auc_heldout": ("#000000", "--")}


def table(run):
    """The run's result in a few rows, with what the columns mean.

    Args:
      run: the run folder.

    Returns:
      str: rows MLE, SeqGAN (last and best) and real data; columns nll_oracle, nll_test and entropy for oracle data,
      BLEU, likelihoods and diversity for text, with the signature of each. For oracle data also a row Random: uniform
      random tokens, which have nll_test = entropy = log V by definition; and real data have the same expected value
      in all three columns, the oracle's own entropy.
    """
    records, config = _load(run)
    is_oracle = "nll_oracle" in records[0]
    blocks = ORACLE_BLOCKS if is_oracle else MUSIC_BLOCKS if "pitch_mse" in records[0] else TEXT_BLOCKS
    mle = last([record for record in records if record["phase"] == "mle"], config.get("mle_patience"))
    rows = [(f"MLE (epoch {mle['iteration']})", mle)]
    adversarial = [record for record in records if record["phase"] == "adversarial"]
    if adversarial:
        name = "SeqGAN" if config["reward"] == "discriminator" else f"Reward: {config['reward']}"
        for label, record in (("last", adversarial[-1]), ("best", best(records))):
            rows.append((f"{name}, {label} (iteration {record['iteration']})", record))
    if is_oracle:
        uniform = math.log(config["vocab_size"])
        random = {"nll_oracle": mle["nll_oracle_random"], "nll_test": uniform, "entropy": uniform}
        rows = [("Random (uniform tokens)", random), *rows]
        rows.append(("Real data", dict.fromkeys(ORACLE_BLOCKS[""], mle["nll_oracle_real"])))
    else:
        real = {name.removesuffix("_real"): value for name, value in mle.items() if name.endswith("_real")}
        rows.append(("Real data (validation split)", real))
    width = max(len(title) for title, _ in rows)
    lines = []
    for heading, columns in blocks.items():
        lines.append(f"{heading:{width}}" + "".join(f"{column:>12}" for column in columns))
        for title, record in rows:
            cells = (f"{record[name]:12.3f}" if name in record else " " * 12 for name in columns.values())
            lines.append(f"{title:{width}}" + "".join(cells))
        lines.append("")
    return "\n".join([*lines, *(_oracle_notes(mle, adversarial, config) if is_oracle else _text_notes(mle))])


def _oracle_notes(mle, adversarial, config):
    yield "Nats per token. nll_oracle: how unlikely the oracle finds G's sequences (lower is better)."
    yield "nll_test: how unlikely G finds the oracle's (it rises when G forgets variety). entropy: variety of G."
    if config["temperature"] != 1:
        yield f"All three are of G at temperature {config['temperature']}."
    if not adversarial:
        return
    last = adversarial[-1]
    yield f"best: the lowest nll_oracle of {len(adversarial)} evaluations, so it is chosen by the result."
    change = last["nll_oracle"] - mle["nll_oracle"]
    yield f"Adversarial training moved nll_oracle by {change:+.3f} (last, against MLE)."
    if "d_auc_heldout" in last:
        train, heldout = (last[f"d_auc_{part}"] for part in ("train", "heldout"))
        yield f"D's AUC at the end: {train:.3f} on training data, {heldout:.3f} on held-out (0.5 is chance)."


def _text_notes(mle):
    yield "bleu: against the test split (higher is better). self_bleu: among G's samples (lower is more varied)."
    yield "nll_test, entropy: nats per token, of the test split and of G's own samples under G."
    yield "distinct_n: distinct n-grams per n-gram. memorised, repeated: share of samples that stand in the training"
    yield "split, and that equal another sample. best: the lowest nll_valid, which is not the test split's."
    if "pitch_mse" in mle:
        yield "pitch_mse: squared semitones from the nearest test melody (metrics/pitch.py)."
    signatures = {name: signature.split("|") for name, signature in mle["signatures"].items()}
    common = [part for part in signatures["repeated"] if all(part in parts for parts in signatures.values())]
    yield f"Signatures, all with {'|'.join(common)}:"
    for name, parts in signatures.items():
        if not name.endswith("_real"):
            yield f"  {name}  {'|'.join(part for part in parts if part not in common)}"
    yield f"  of real data the same, with {signatures['repeated_real'][0]}"


def plot(run):
    """Draws the learning curves into learning_curve.png of the run folder.

    Args:
      run: the run folder.

    Returns:
      pathlib.Path of the picture.
    """
    records, config = _load(run)
    generator = [record for record in records if "nll_test" in record]
    epochs = max(record["iteration"] for record in records if record["phase"] == "mle")
    styles = {"nats per token": STYLES, "BLEU": BLEU_STYLES, "AUC of D": D_STYLES}
    panels = {
        label: names for label, names in styles.items() if any(set(names) & set(record) for record in generator)
    }
    heights = [3, *[1.5] * (len(panels) - 1)]
    figure = matplotlib.figure.Figure(figsize=(8, 1.5 * sum(heights)), layout="constrained")
    axes = figure.subplots(len(panels), sharex=True, height_ratios=heights, squeeze=False)[:, 0]
    for ax, (label, names) in zip(axes, panels.items(), strict=True):
        _curves(ax, generator, names, epochs)
        ax.set_ylabel(label)
        ax.axvline(epochs, color="grey", linewidth=1)
        ax.spines[["top", "right"]].set_visible(False)
        if label == "AUC of D":
            ax.axhline(0.5, color="grey", linestyle=":", linewidth=1)
        ax.legend(frameon=False, loc="upper right" if ax is axes[0] else "best")
    real = records[0].get("nll_oracle_real")
    if real is not None:
        axes[0].axhline(real, color="grey", linestyle=":", linewidth=1)
        where = {"xycoords": ("axes fraction", "data"), "va": "bottom", "fontsize": 9}
        axes[0].annotate(" real data, nll_oracle", (0, real), **where)
    axes[0].set_title(f"{config['reward'].capitalize()} reward, seed {config['seed']}")
    axes[0].annotate(
        "end of pre-training ", (epochs, 0.1), xycoords=("data", "axes fraction"), ha="right", fontsize=9
    )
    axes[-1].set_xlabel("epochs of maximum likelihood, then iterations of adversarial training")
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
        if not points:
            continue
        ax.plot(*zip(*points, strict=True), color=color, linestyle=line, marker="o", markersize=3, label=name)
