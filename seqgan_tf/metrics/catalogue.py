"""The catalogue of metrics: what every figure of a run is called, its unit, what it means, and how samples get it.

A metric of generated sequences is one function of `Samples` and one entry in METRICS; training, tables, plots,
TensorBoard and docs/metrics.md read the entry.
"""

import dataclasses
import re
from collections.abc import Callable
from functools import partial

from seqgan_tf.metrics.bleu import bleu, self_bleu
from seqgan_tf.metrics.diversity import distinct, memorised, repeated
from seqgan_tf.metrics.pitch import pitch_mse

BLEU_ORDER, DISTINCT_ORDER = 5, 4
TEXYGEN = 500  # Texygen compares its first 500 hypotheses with the first 500 references


@dataclasses.dataclass(frozen=True)
class Samples:
    """Generated sequences and what they are compared with."""

    sentences: list  # S lists of tokens
    references: list  # lists of tokens, the test split
    rows: list  # S whole sequences, hashable
    known_rows: list  # the same, but None for a sequence with an unknown token, which is no copy of anything
    training_rows: Callable  # () -> iterable of the training sequences, hashable as `rows`
    melodies: tuple | None = None  # two [., T] float arrays, MIDI pitches of the samples and of the test split


@dataclasses.dataclass(frozen=True, eq=False)
class Metric:
    """One entry of the catalogue."""

    name: str  # of the figure in metrics.jsonl; with _2, _3, ... behind it where there are several orders
    text: str  # what it means
    group: str  # under which TensorBoard shows it
    unit: str  # with its range where it has one
    better: str = ""  # "lower", "higher" or "" where neither is
    label: str = ""  # short name for tables and plots, by default the name
    compute: Callable | None = None  # Samples -> float, or dict of order -> float; {} where it does not apply
    data: tuple[str, ...] = ("text",)  # runs whose samples get it: "text", "oracle" or both
    headline: tuple[str, ...] = ()  # figures of it that lists of runs, progress, reports and TensorBoard's table show
    most_samples: int | None = None  # how many sentences and references it looks at; None: all
    references: str = ""  # what samples are compared with, if with anything
    signature: dict = dataclasses.field(default_factory=dict)  # what else it depends on, besides text and samples

    def describe(self):
        """Meaning, unit and which way is better, as one sentence without a full stop."""
        ending = f"; {self.better} is better" if self.better else ""
        return f"{self.text} ({self.unit}{ending})"


def _bleu_of(samples):
    return bleu(samples.sentences, samples.references, BLEU_ORDER)


def _self_bleu_of(samples):
    return self_bleu(samples.sentences, BLEU_ORDER) if len(samples.sentences) > 1 else {}


BLEU_SIGNATURE = {"orders": f"2-{BLEU_ORDER}", "weights": "uniform", "smoothing": "method1"}
_nll = partial(Metric, group="nll", unit="nats per token", better="lower")
_bleu = partial(Metric, group="bleu", unit="0 to 1", better="higher", compute=_bleu_of, signature=BLEU_SIGNATURE)
_self_bleu = partial(
    _bleu, group="self_bleu", better="lower", compute=_self_bleu_of, references="all other hypotheses"
)
_diversity = partial(Metric, group="diversity", unit="share, 0 to 1")
_d = partial(Metric, group="discriminator", unit="0 to 1, 0.5 is chance")
_training = partial(Metric, group="training")
SINCE = "mean since the last evaluation"

_ENTRIES = (
    _nll("nll_oracle", "NLL of generated sequences under the oracle", headline=("nll_oracle",)),
    _nll("nll_test", "NLL of held-out data under the generator; rises when variety is lost", headline=("nll_test",)),
    _nll("nll_valid", "NLL of the validation split under the generator, for choosing"),
    _nll("entropy", "NLL of the generator's own sequences, their variety", better="", headline=("entropy",)),
    _bleu("bleu", "BLEU against the test split", label="BLEU", headline=("bleu_2", "bleu_4"), references="test"),
    _self_bleu("self_bleu", "BLEU against other samples", label="Self-BLEU", headline=("self_bleu_2", "self_bleu_4")),
    _bleu(
        "bleu_first500",
        "BLEU of the first 500 samples against the first 500 test sequences, as in Texygen",
        most_samples=TEXYGEN,
        references="first",
    ),
    _self_bleu("self_bleu_first500", "Self-BLEU of the first 500 samples, as in Texygen", most_samples=TEXYGEN),
    _diversity(
        "distinct",
        "distinct n-grams per n-gram of all samples, n in the name; it falls with their number",
        better="higher",
        compute=lambda s: distinct(s.sentences, DISTINCT_ORDER),
        signature={"orders": f"1-{DISTINCT_ORDER}"},
    ),
    _diversity(
        "memorised",
        "share of samples that stand in the training split",
        compute=lambda s: memorised(s.known_rows, s.training_rows()),
        references="training",
    ),
    _diversity("repeated", "share of samples that equal another", better="lower", compute=lambda s: repeated(s.rows)),
    Metric(
        "pitch_mse",
        "distance of a sample to the nearest test melody",
        group="music",
        unit="squared semitones",
        better="lower",
        compute=lambda s: pitch_mse(*s.melodies) if s.melodies else {},
        references="test",
    ),
    _bleu("bleu_valid", "BLEU against the validation split, for choosing", compute=None, references="validation"),
    _d("d_auc_train", "AUC of D on training data against samples"),
    _d(
        "d_auc_heldout",
        "AUC of D on held-out real data against samples",
        better="higher",
        headline=("d_auc_heldout",),
    ),
    _d("d_accuracy_train", "accuracy of D on training and generated data"),
    _d("d_accuracy_heldout", "accuracy of D on held-out and generated data", better="higher"),
    _training("nll_train", f"loss of MLE, {SINCE}", unit="nats per token", better="lower"),
    _training("pg_loss", f"loss of the policy gradient, {SINCE}", unit="sum over the batch"),
    _training("mean_reward", f"action value Q of generated tokens, {SINCE}", unit="as the reward", better="higher"),
    _training("d_loss", f"cross entropy of D, {SINCE}", unit="nats per sequence", better="lower"),
    _training("d_accuracy", f"accuracy of D with dropout on, {SINCE}", unit="share, 0 to 1"),
    Metric("wall_seconds", "time of training so far", group="time", unit="seconds"),
)
METRICS = {entry.name: entry for entry in _ENTRIES}
# What a figure is compared with: the ending of its name, TensorBoard's group, and whose sequences are scored.
YARDSTICKS = {"_real": ("real data", "real data"), "_random": ("random tokens", "uniform random tokens")}
STEP = "Over MLE epochs, then rounds of the discriminator, then adversarial iterations."


def metric(name):
    """The entry of a figure by its name in metrics.jsonl, such as "bleu_4" or "nll_oracle_real"; None without one."""
    name = re.sub(f"({'|'.join(YARDSTICKS)})$", "", name)
    return METRICS.get(name) or METRICS.get(re.sub(r"_\d+$", "", name))


def describe(names):
    """Lines "name: meaning (unit; which way is better)", one for each entry that some figures belong to."""
    return [f"{entry.name}: {entry.describe()}" for entry in dict.fromkeys(map(metric, names)) if entry]


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
    """Metrics of some Samples by name, all or those of some entries that their data, "text" or "oracle", have."""
    metrics = {}
    for entry in METRICS.values():
        if entry.compute and data in entry.data and (not names or entry.name in names):
            most, s = entry.most_samples, samples
            first = dataclasses.replace(s, sentences=s.sentences[:most], references=s.references[:most])
            metrics |= numbered(entry.name, entry.compute(first))
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


if __name__ == "__main__":  # docs/metrics.md, by `make docs`
    print("# Metrics\n\nLogarithms are natural; per-token figures are means over tokens.\n")
    for entry in METRICS.values():
        print(f"- `{entry.name}`: {entry.describe()}.")
