"""The catalogue of metrics: what every figure of a run is called, its unit, what it means, and how samples get it.

A metric is an entry in metrics.json, and one of generated sequences also a function of `Samples` in COMPUTED by its
name; training, tables, plots, TensorBoard and docs/metrics.md read the entry.
"""

import dataclasses
import json
import pathlib
import re
from collections.abc import Callable

from seqgan_tf.metrics.bleu import bleu, self_bleu
from seqgan_tf.metrics.diversity import distinct, memorised, repeated
from seqgan_tf.metrics.pitch import pitch_mse


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


BLEU_ORDER, DISTINCT_ORDER = 5, 4  # the highest; signatures name them
COMPUTED = {
    "bleu": lambda samples: bleu(samples.sentences, samples.references, BLEU_ORDER),
    "self_bleu": lambda samples: self_bleu(samples.sentences, BLEU_ORDER) if len(samples.sentences) > 1 else {},
    "distinct": lambda samples: distinct(samples.sentences, DISTINCT_ORDER),
    "memorised": lambda samples: memorised(samples.known_rows, samples.training_rows()),
    "repeated": lambda samples: repeated(samples.rows),
    "pitch_mse": lambda samples: pitch_mse(*samples.melodies) if samples.melodies else {},
}
COMPUTED |= {f"{name}_first500": COMPUTED[name] for name in ("bleu", "self_bleu")}
_ENTRIES = json.loads(pathlib.Path(__file__).with_name("metrics.json").read_text("utf-8"))
METRICS = {entry["name"]: Metric(compute=COMPUTED.get(entry["name"]), **entry) for entry in _ENTRIES}
TEXYGEN = METRICS["bleu_first500"].most_samples
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
    return name.replace(f"{entry.name}_", f"{entry.label}-") if entry and entry.label else name


def headline(names):
    """Those of some figures that short tables show, in the order of the catalogue."""
    return [figure for entry in METRICS.values() for figure in entry.headline if figure in names]


def numbered(name, value):
    """A metric's value as figures by name: a float as name, a dict of order -> float as name_order."""
    return {f"{name}_{order}": score for order, score in value.items()} if isinstance(value, dict) else {name: value}


def compute(samples, data, names=()):
    """Metrics of some Samples by name, all or those of some entries that their data, "text" or "oracle", have."""
    metrics, s = {}, samples
    for entry in METRICS.values():
        if entry.compute and data in entry.data and (not names or entry.name in names):
            most = entry.most_samples
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
