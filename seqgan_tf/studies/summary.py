"""Summary of a run: a table of its results and a plot of its learning curves, made only from its run folder."""

import math
import shlex

from seqgan_tf.metrics import catalogue
from seqgan_tf.runs import history
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.runs.tables import table as as_table
from seqgan_tf.runs.tables import visible
from seqgan_tf.studies import plots, results, tables

STILL_FALLING = 0.02  # nats per token between two evaluations


def table(run):
    """Returns the table of results of a run, and the meaning of its columns, as str.

    The rows are MLE, SeqGAN (last and best) and real data. The columns are nll_oracle, nll_test and entropy for
    oracle data; BLEU, likelihoods and diversity for text. Oracle data have another row for uniform random tokens,
    whose nll_test and entropy are log V. For real oracle data all columns have the same expected value, the entropy
    of the oracle.

    Args:
      run: path of the run folder.

    Raises:
      ValueError: if the run has no evaluation yet.
    """
    folder = RunFolder(run)
    records, config = folder.records(), folder.config
    mle = history.last([record for record in records if record["phase"] == "mle"], config)
    if not mle:
        raise ValueError(f"--run must be a run with an evaluation, got {folder}, which has no evaluation yet.")
    adversarial = [record for record in records if record["phase"] == "adversarial"]
    rows = {f"MLE (epoch {mle['iteration']})": mle}
    if adversarial:
        name = results.method(config)
        for which, record in (("last", adversarial[-1]), ("best", history.best(records))):
            rows[f"{name}, {which} (iteration {record['iteration']})"] = record
    if config.is_text:
        real = {name.removesuffix("_real"): value for name, value in mle.items() if name.endswith("_real")}
        rows["Real data (validation split)"] = real
    else:
        uniform = math.log(config.vocab_size)
        random = {"nll_oracle": mle["nll_oracle_random"], "nll_test": uniform, "entropy": uniform}
        rows = {"Random (uniform tokens)": random} | rows
        rows["Real data"] = dict.fromkeys(tables.LIKELIHOODS, mle["nll_oracle_real"])
    shown, parts = [name for name in tables.shown(mle) if not _is_repeated(name, rows)], []
    for heading, names in results.grouped(shown, _block).items():
        heads = [heading if config.is_text else "", *(name.replace("_first500", "") for name in names)]
        cells = [
            [title, *(f"{record[name]:.3f}" if name in record else "" for name in names)]
            for title, record in rows.items()
        ]
        parts += [as_table(heads, cells), ""]
    return "\n".join([*parts, *_notes(mle, adversarial, config, shown), *_advice(records, config)])


def _is_repeated(name, rows):
    """Whether a metric of the first samples equals that of all samples, as it does if there are no more."""
    whole = name.replace("_first500", "")
    return whole != name and all(row.get(name) == row.get(whole) for row in rows.values())


def _block(name):
    """Returns the heading of the table for a metric."""
    entry = catalogue.metric(name)
    if entry.most_samples:
        return f"first {entry.most_samples} samples"
    return "all samples" if "bleu" in entry.group else "likelihood, diversity"


def _notes(mle, adversarial, config, shown):
    """Yields lines about the columns, the change by adversarial training, and the signatures of the metrics."""
    yield from catalogue.describe(shown)
    if not config.is_text and config.temperature != 1:
        yield f"All three are at temperature {config.temperature}."
    if adversarial and config.is_text:
        yield "best: the lowest nll_valid, so the choice does not depend on the test split."
    elif adversarial:
        last = adversarial[-1]
        yield f"best: the lowest nll_oracle of {len(adversarial)} evaluations; this choice makes it optimistic."
        change = last["nll_oracle"] - mle["nll_oracle"]
        yield f"Adversarial training changed nll_oracle by {change:+.3f} (last minus MLE)."
        if "d_auc_heldout" in last:
            train, heldout = last["d_auc_train"], last["d_auc_heldout"]
            yield f"D's AUC at the end: {train:.3f} on training data, {heldout:.3f} on held-out data (0.5 is chance)."
    if "signatures" in mle:
        parts = {name: signature.split("|") for name, signature in mle["signatures"].items()}
        common = [part for part in parts["repeated"] if all(part in others for others in parts.values())]
        left_out = {catalogue.metric(name) for name in set(tables.shown(mle)).difference(shown)}
        yield f"Signatures, all with {'|'.join(common)}:"
        for name in parts:
            if catalogue.metric(name) not in left_out and not name.endswith("_real"):
                yield f"  {name}  {'|'.join(part for part in parts[name] if part not in common)}"
        yield f"  real data: the same, with {parts['repeated_real'][0]}"


def _advice(records, config):
    """Yields a line if pre-training on a text of the user's own was too short; corpora have presets."""
    falling = [record["nll_valid"] for record in records if record["phase"] == "mle" and "nll_valid" in record]
    if config.train_file and len(falling) > 1 and falling[-2] - falling[-1] > STILL_FALLING:
        yield (
            f"nll_valid still fell at the end of pre-training ({falling[-2]:.3f}, then {falling[-1]:.3f}), so longer "
            "pre-training would help. To train until it no longer falls: --mle_epochs=400 --mle_patience=3 and "
            "another --run."
        )


def examples(run, most=5):
    """Returns a few samples of the current generator of a run, only how to get them if they are ids, as str."""
    folder = RunFolder(run)
    config = folder.config
    samples = folder.read_samples(history.last(folder.records(), config))[".txt"].decode() if config.is_text else ""
    lines = [f"  {visible(line)}" for line in samples.splitlines()[:most]]
    more = f"python -m seqgan_tf.main sample --run={shlex.quote(str(run))}"
    return "\n".join(
        [*(["Samples:", *lines] if lines else []), f"For {'more' if lines else 'any number of'} samples: {more}"]
    )


def plot(run):
    """Plots the learning curves of a run with evaluations to learning_curve.png in its folder; returns the path."""
    folder = RunFolder(run)
    title = f"{results.method(folder.config)}, seed {folder.config.seed}"
    result = results.Result(folder, "", folder.config, folder.records())
    path = folder.path / "learning_curve.png"
    plots.learning_curves([results.Row(title, [result])]).savefig(path, dpi=120)
    return path
