"""The catalogue of metrics: name, unit and meaning of each, and how it is computed from samples.

Each metric is an entry in metrics.json. A metric of generated sequences also has a function of `Samples` in COMPUTED.
Training, tables, plots, TensorBoard and docs/metrics.md all read the entry.
"""

import dataclasses
import json
import pathlib
import re
import textwrap
from collections.abc import Callable

from seqgan_tf.metrics.bleu import bleu, self_bleu
from seqgan_tf.metrics.diversity import distinct, memorised, repeated
from seqgan_tf.metrics.pitch import pitch_mse


@dataclasses.dataclass(frozen=True)
class Samples:
    """Generated sequences, and the data that they are compared with.

    Examples:
      >>> sentences = [["a", "b"], ["a", "b"], ["b", "c"]]
      >>> rows = [tuple(sentence) for sentence in sentences]
      >>> samples = Samples(
      ...     sentences=sentences,
      ...     references=[["a", "b"]],
      ...     rows=rows,
      ...     known_rows=rows,
      ...     training_rows=lambda: [("b", "c")],
      ... )
      >>> metrics = compute(samples, "text", names=("memorised", "repeated"))
      >>> {name: round(value, 2) for name, value in metrics.items()}
      {'memorised': 0.33, 'repeated': 0.67}
    """

    sentences: list  # S lists of tokens
    references: list  # lists of tokens, the test split
    rows: list  # S sequences, each as one hashable value
    known_rows: list  # the same, but None for a sequence with an unknown token, which cannot be a copy
    training_rows: Callable  # () -> iterable of training sequences, in the form of `rows`
    melodies: tuple | None = None  # MIDI pitches of the samples and of the test split, [S, T] and [R, T]


@dataclasses.dataclass(frozen=True, eq=False)
class Metric:
    """One entry of the catalogue.

    Examples:
      >>> METRICS["nll_oracle"].unit, METRICS["nll_oracle"].better
      ('nats per token', 'lower')
      >>> length = Metric(
      ...     name="length",
      ...     text="mean length of samples",
      ...     group="diversity",
      ...     unit="tokens",
      ...     compute=lambda samples: sum(map(len, samples.sentences)) / len(samples.sentences),
      ... )
      >>> length.describe()
      'mean length of samples (tokens)'
    """

    name: str  # key in metrics.jsonl, followed by _2, _3, ... if there are several orders
    text: str  # meaning
    group: str  # TensorBoard's group
    unit: str  # and the range, if any
    better: str = ""  # "lower", "higher", or "" if neither is
    label: str = ""  # short name for tables and plots; by default the name
    compute: Callable | None = None  # Samples -> float, or dict of order -> float; {} if not applicable
    data: tuple[str, ...] = ("text",)  # kinds of run that have it: "text", "oracle" or both
    headline: tuple[str, ...] = ()  # names shown in lists of runs, progress, reports and TensorBoard's table
    most_samples: int | None = None  # maximum number of sentences and references used; None: all
    references: str = ""  # what samples are compared with, if anything
    signature: dict = dataclasses.field(default_factory=dict)  # parameters that it depends on

    def describe(self):
        """Returns meaning, unit and which direction is better, as one sentence without a full stop."""
        ending = f"; {self.better} is better" if self.better else ""
        return f"{self.text} ({self.unit}{ending})"


BLEU_ORDER, DISTINCT_ORDER = 5, 4  # greatest orders; the signatures in metrics.json contain them
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
# Metrics of other sequences, for comparison: suffix of the name -> TensorBoard's group, and which sequences.
YARDSTICKS = {"_real": ("real data", "real data"), "_random": ("random tokens", "uniform random tokens")}
STEP = "The x axis counts MLE epochs, then discriminator rounds, then adversarial iterations."


def metric(name):
    """Returns the entry of a name in metrics.jsonl, such as "bleu_4" or "nll_oracle_real"; None if it has none.

    Examples:
      >>> metric("bleu_4").name, metric("nll_oracle_real").name
      ('bleu', 'nll_oracle')
    """
    name = re.sub(f"({'|'.join(YARDSTICKS)})$", "", name)
    return METRICS.get(name) or METRICS.get(re.sub(r"_\d+$", "", name))


def describe(names):
    """Returns lines "name: meaning (unit; better direction)", one for each entry that the names belong to.

    Examples:
      >>> describe(["bleu_2", "bleu_4"])
      ['bleu: BLEU against the test split (0 to 1; higher is better)']
    """
    return [f"{entry.name}: {entry.describe()}" for entry in dict.fromkeys(map(metric, names)) if entry]


def label(name):
    """Returns the name of a metric in tables and plots: "BLEU-4" for bleu_4, else the name itself.

    Examples:
      >>> label("bleu_4"), label("nll_test")
      ('BLEU-4', 'nll_test')
    """
    entry = metric(name)
    return name.replace(f"{entry.name}_", f"{entry.label}-") if entry and entry.label else name


def headline(names):
    """Returns the names that short tables show, in the order of the catalogue.

    Examples:
      >>> headline({"wall_seconds": 9.5, "bleu_2": 0.8, "nll_test": 3.1})
      ['nll_test', 'bleu_2']
    """
    return [name for entry in METRICS.values() for name in entry.headline if name in names]


def numbered(name, value):
    """Returns {name: value} for a float, and {name_order: score, ...} for a dict of order -> score.

    Examples:
      >>> numbered("bleu", {2: 0.5, 3: 0.25}), numbered("memorised", 0.5)
      ({'bleu_2': 0.5, 'bleu_3': 0.25}, {'memorised': 0.5})
    """
    return {f"{name}_{order}": score for order, score in value.items()} if isinstance(value, dict) else {name: value}


def compute(samples, data, names=()):
    """Computes metrics of samples.

    Args:
      samples: Samples.
      data: "text" or "oracle", the kind of run that the samples are from.
      names: names of entries to compute; by default all that the kind of run has.

    Returns:
      dict: name -> float.

    Examples:
      >>> rows = ["a b", "a b", "b c"]
      >>> samples = Samples(sentences=[], references=[], rows=rows, known_rows=rows, training_rows=lambda: ["b c"])
      >>> compute(samples, "text", names=("memorised",))
      {'memorised': 0.3333333333333333}
    """
    metrics, s = {}, samples
    for entry in METRICS.values():
        if entry.compute and data in entry.data and (not names or entry.name in names):
            most = entry.most_samples
            first = dataclasses.replace(s, sentences=s.sentences[:most], references=s.references[:most])
            metrics |= numbered(entry.name, entry.compute(first))
    return metrics


def tag(name):
    """Returns how TensorBoard shows a metric: its tag, "group/name", and its description.

    Examples:
      >>> tag("bleu_4")[0], tag("bleu_4_real")[0]
      ('bleu/bleu_4', 'real data/bleu_4')
    """
    for ending, (group, whose) in YARDSTICKS.items():
        if name.endswith(ending):
            plain = name.removesuffix(ending)
            return f"{group}/{plain}", f"With {whose} instead of generated sequences: {tag(plain)[1]}"
    entry = metric(name)
    if entry is None:
        return f"other/{name}", STEP
    shown = name.removeprefix("d_") if entry.group == "discriminator" else name
    return f"{entry.group}/{shown}", f"{entry.describe()}. {STEP}"


if __name__ == "__main__":  # `make docs` writes docs/metrics.md
    print("# Metrics\n\nAfter this page you know what each metric means, its unit, and which direction is better.")
    print("\nLogarithms are natural. Metrics per token are means over tokens.\n")
    for entry in METRICS.values():
        print(textwrap.fill(f"- `{entry.name}`: {entry.describe()}.", 118, subsequent_indent="  "))
