"""The catalogue of metrics: what every figure of a run is called, its unit, what it means, and how samples get it.

A metric of generated sequences is one function of `Samples` and one entry in METRICS; training, tables, plots,
TensorBoard and the list in docs/usage.md read the entry.
"""

import dataclasses
import re
from collections.abc import Callable

from seqgan_tf.metrics.bleu import bleu, self_bleu
from seqgan_tf.metrics.diversity import distinct, memorised, repeated
from seqgan_tf.metrics.pitch import pitch_mse

BLEU_ORDER, DISTINCT_ORDER = 5, 4
TEXYGEN = 500  # Texygen compares its first 500 hypotheses with the first 500 references
BLEU_SIGNATURE = {"orders": f"2-{BLEU_ORDER}", "weights": "uniform", "smoothing": "method1"}


_SINCE = "mean since the last evaluation"


@dataclasses.dataclass(frozen=True)
class Samples:
    """Generated sequences and what they are compared with.

    Attributes:
      sentences: S lists of tokens.
      references: lists of tokens, the test split.
      rows: S whole sequences, hashable.
      known_rows: the same, but None for a sequence with an unknown token, which is no copy of anything.
      training_rows: function () -> iterable of the training sequences, hashable as `rows`.
      melodies: None, or two [., T] float arrays, MIDI pitches of the samples and of the test split.
    """

    sentences: list
    references: list
    rows: list
    known_rows: list
    training_rows: Callable
    melodies: tuple | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Metric:
    """One entry of the catalogue.

    Attributes:
      name: of the figure in metrics.jsonl; with _2, _3, ... behind it where there are several orders.
      group: under which TensorBoard shows it.
      unit: with its range where it has one.
      better: "lower", "higher" or "" where neither is.
      text: what it means.
      label: short name for tables and plots, by default the name.
      compute: None, or function of Samples -> float, or dict of order -> float; {} where it does not apply.
      data: runs whose samples get it: "text", "oracle" or both.
      headline: figures of it that the list of runs, progress, reports and TensorBoard's table of runs show.
      most_samples: None, or how many samples it looks at.
      signature: what it depends on besides the text and the number of samples.
    """

    name: str
    group: str
    unit: str
    better: str
    text: str
    label: str = ""
    compute: Callable | None = None
    data: tuple[str, ...] = ("text",)
    headline: tuple[str, ...] = ()
    most_samples: int | None = None
    signature: dict = dataclasses.field(default_factory=dict)

    def describe(self):
        """Meaning, unit and which way is better, as one sentence without a full stop."""
        ending = f"; {self.better} is better" if self.better else ""
        return f"{self.text} ({self.unit}{ending})"


NATS, SHARE, CHANCE = "nats per token", "share, 0 to 1", "0 to 1, 0.5 is chance"


def _self_bleu(sentences):
    """A single sentence has nothing to be compared with."""
    return self_bleu(sentences, BLEU_ORDER) if len(sentences) > 1 else {}


_ENTRIES = (
    Metric(
        "nll_oracle", "nll", NATS, "lower", "NLL of generated sequences under the oracle", headline=("nll_oracle",)
    ),
    Metric(
        "nll_test",
        "nll",
        NATS,
        "lower",
        "NLL of held-out real sequences under the generator; it rises when variety is lost",
        headline=("nll_test",),
    ),
    Metric("nll_valid", "nll", NATS, "lower", "NLL of the validation split under the generator, for choosing"),
    Metric("entropy", "nll", NATS, "", "NLL of the generator's own sequences, their variety", headline=("entropy",)),
    Metric(
        "bleu",
        "bleu",
        "0 to 1",
        "higher",
        "BLEU of samples against the test split, up to the order in the name",
        label="BLEU",
        compute=lambda samples: bleu(samples.sentences, samples.references, BLEU_ORDER),
        headline=("bleu_2", "bleu_4"),
        signature={"references": "test", **BLEU_SIGNATURE},
    ),
    Metric(
        "self_bleu",
        "self_bleu",
        "0 to 1",
        "lower",
        "BLEU of a sample against the other samples",
        label="Self-BLEU",
        compute=lambda samples: _self_bleu(samples.sentences),
        headline=("self_bleu_2", "self_bleu_4"),
        signature={"references": "all other hypotheses", **BLEU_SIGNATURE},
    ),
    Metric(
        "bleu_first500",
        "bleu",
        "0 to 1",
        "higher",
        "BLEU of the first 500 samples against the first 500 test sequences, as in Texygen",
        compute=lambda samples: bleu(samples.sentences[:TEXYGEN], samples.references[:TEXYGEN], BLEU_ORDER),
        most_samples=TEXYGEN,
        signature={"references": "first", **BLEU_SIGNATURE},
    ),
    Metric(
        "self_bleu_first500",
        "self_bleu",
        "0 to 1",
        "lower",
        "Self-BLEU of the first 500 samples, as in Texygen",
        compute=lambda samples: _self_bleu(samples.sentences[:TEXYGEN]),
        most_samples=TEXYGEN,
        signature={"references": "all other hypotheses", **BLEU_SIGNATURE},
    ),
    Metric(
        "distinct",
        "diversity",
        SHARE,
        "higher",
        "distinct n-grams per n-gram of all samples, n in the name; it falls with their number",
        compute=lambda samples: distinct(samples.sentences, DISTINCT_ORDER),
        signature={"orders": f"1-{DISTINCT_ORDER}"},
    ),
    Metric(
        "memorised",
        "diversity",
        SHARE,
        "",
        "share of samples that stand in the training split",
        compute=lambda samples: memorised(samples.known_rows, samples.training_rows()),
        signature={"references": "training"},
    ),
    Metric(
        "repeated",
        "diversity",
        SHARE,
        "lower",
        "share of samples that equal another sample",
        compute=lambda samples: repeated(samples.rows),
    ),
    Metric(
        "pitch_mse",
        "music",
        "squared semitones",
        "lower",
        "distance of a sample to the nearest test melody",
        compute=lambda samples: pitch_mse(*samples.melodies) if samples.melodies else {},
        signature={"references": "test"},
    ),
    Metric(
        "bleu_valid",
        "bleu",
        "0 to 1",
        "higher",
        "BLEU of samples against the validation split, for choosing",
        signature={"references": "validation", **BLEU_SIGNATURE},
    ),
    Metric("d_auc_train", "discriminator", CHANCE, "", "AUC of D on training data against generated sequences"),
    Metric(
        "d_auc_heldout",
        "discriminator",
        CHANCE,
        "higher",
        "AUC of D on held-out real data against generated sequences",
        headline=("d_auc_heldout",),
    ),
    Metric("d_accuracy_train", "discriminator", CHANCE, "", "accuracy of D on training data and generated sequences"),
    Metric("d_accuracy_heldout", "discriminator", CHANCE, "higher", "accuracy of D on held-out and generated data"),
    Metric("nll_train", "training", NATS, "lower", f"loss of MLE, {_SINCE}"),
    Metric("pg_loss", "training", "sum over the batch", "", f"loss of the policy gradient, {_SINCE}"),
    Metric("mean_reward", "training", "as the reward", "higher", f"action value Q of generated tokens, {_SINCE}"),
    Metric("d_loss", "training", "nats per sequence", "lower", f"cross entropy of D, {_SINCE}"),
    Metric("d_accuracy", "training", SHARE, "", f"accuracy of D with dropout on, {_SINCE}"),
    Metric("wall_seconds", "time", "seconds", "", "time of training so far"),
)
METRICS = {entry.name: entry for entry in _ENTRIES}
# What a figure is compared with: the ending of its name, TensorBoard's group, and whose sequences are scored.
YARDSTICKS = {"_real": ("real data", "real data"), "_random": ("random tokens", "uniform random tokens")}
STEP = "Over MLE epochs, then rounds of the discriminator, then adversarial iterations."


def metric(name):
    """The entry of a figure by its name in metrics.jsonl, such as "bleu_4" or "nll_oracle_real"; None without one."""
    for ending in YARDSTICKS:
        name = name.removesuffix(ending)
    return METRICS.get(name) or METRICS.get(re.sub(r"_\d+$", "", name))


def describe(names):
    """Lines "name: meaning (unit; which way is better)", one for each entry that some figures belong to."""
    entries = dict.fromkeys(filter(None, map(metric, names)))
    return [f"{entry.name}: {entry.describe()}" for entry in entries]


def label(name):
    """A figure as tables and plots call it: "BLEU-4" for bleu_4, else the name."""
    entry = metric(name)
    return name if entry is None or not entry.label else name.replace(f"{entry.name}_", f"{entry.label}-")


def headline(names):
    """Those of some figures that short tables show, in the order of the catalogue."""
    return [figure for entry in METRICS.values() for figure in entry.headline if figure in names]


def numbered(name, value):
    """A metric's value as figures by name: a float as name, a dict of order -> float as name_order."""
    return {f"{name}_{order}": score for order, score in value.items()} if isinstance(value, dict) else {name: value}


def compute(samples, data, names=()):
    """Metrics of some Samples.

    Args:
      samples: Samples.
      data: "text" or "oracle".
      names: of entries; none: all that these data have.

    Returns:
      dict of metrics by name.
    """
    metrics = {}
    for entry in METRICS.values():
        if entry.compute and data in entry.data and (not names or entry.name in names):
            metrics |= numbered(entry.name, entry.compute(samples))
    return metrics


def tag(name):
    """How TensorBoard shows a figure: its tag "group/name", and a description."""
    for ending, (group, whose) in YARDSTICKS.items():
        if name.endswith(ending):
            plain = name.removesuffix(ending)
            return f"{group}/{plain}", f"With {whose} in the place of generated sequences: {tag(plain)[1]}"
    entry = metric(name)
    if entry is None:
        return f"other/{name}", STEP
    shown = name.removeprefix("d_") if entry.group == "discriminator" else name
    return f"{entry.group}/{shown}", f"{entry.describe()}. {STEP}"


def as_markdown():
    """The catalogue as a list in Markdown: docs/metrics.md, which `make docs` writes."""
    lines = [f"- `{entry.name}`: {entry.describe()}." for entry in METRICS.values()]
    return "\n".join(["# Metrics", "", "Logarithms are natural; per-token figures are means over tokens.", "", *lines])


if __name__ == "__main__":
    print(as_markdown())
