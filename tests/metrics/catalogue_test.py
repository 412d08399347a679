import numpy as np
import pytest

from seqgan_tf.metrics import catalogue
from seqgan_tf.metrics.bleu import bleu, self_bleu
from seqgan_tf.metrics.catalogue import METRICS, Samples
from seqgan_tf.metrics.diversity import distinct


@pytest.mark.parametrize(
    ("name", "shown", "word"),
    [
        ("nll_oracle", "nll/nll_oracle", "nats per token; lower is better"),
        ("nll_train", "training/nll_train", "nats per token"),
        ("d_auc_heldout", "discriminator/auc_heldout", "held-out real data"),
        ("d_accuracy_train", "discriminator/accuracy_train", "0.5 is chance"),
        ("d_accuracy", "training/d_accuracy", "dropout on"),
        ("bleu_2", "bleu/bleu_2", "test split"),
        ("bleu_valid_2", "bleu/bleu_valid_2", "validation split"),
        (
            "bleu_first500_5_real",
            "real data/bleu_first500_5",
            "With real data instead of generated sequences: BLEU",
        ),
        ("nll_oracle_random", "random tokens/nll_oracle", "With uniform random tokens"),
        ("self_bleu_first500_3", "self_bleu/self_bleu_first500_3", "lower is better"),
        ("pitch_mse_real", "real data/pitch_mse", "squared semitones"),
        ("a_new_one", "other/a_new_one", "iterations"),
    ],
)
def test_tags_say_group_and_unit(name, shown, word):
    found, description = catalogue.tag(name)
    assert found == shown and word in description


def test_every_entry_is_complete():
    for name, entry in METRICS.items():
        assert entry.name == name and entry.group and entry.unit and entry.text and not entry.text.endswith(".")
        assert entry.better in ("lower", "higher", "")
        assert all(catalogue.metric(figure) is entry for figure in entry.headline)


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("bleu_4", "bleu"),
        ("bleu_first500_4", "bleu_first500"),
        ("bleu_valid_2_real", "bleu_valid"),
        ("nll_oracle_random", "nll_oracle"),
        ("d_auc_train", "d_auc_train"),
        ("reward_by_position", None),
    ],
)
def test_entries_by_the_name_of_a_metric(name, entry):
    assert catalogue.metric(name) is METRICS.get(entry)


def test_names_for_tables():
    assert [catalogue.label(name) for name in ("bleu_4", "self_bleu_2", "nll_test", "unknown")] == [
        "BLEU-4",
        "Self-BLEU-2",
        "nll_test",
        "unknown",
    ]
    assert catalogue.headline({"d_auc_heldout", "wall_seconds", "bleu_2", "nll_test"}) == [
        "nll_test",
        "bleu_2",
        "d_auc_heldout",
    ]
    (line,) = catalogue.describe(["bleu_2", "bleu_4_real", "no such metric"])
    assert line.startswith("bleu: BLEU against") and line.endswith("(0 to 1; higher is better)")
    assert catalogue.numbered("bleu", {2: 0.5, 3: 0.25}) == {"bleu_2": 0.5, "bleu_3": 0.25}
    assert catalogue.numbered("memorised", 0.5) == {"memorised": 0.5}


SENTENCES = [["a", "b", "c"], ["a", "b"], ["a", "b"], ["c", "a"]]
REFERENCES = [["a", "b", "c"], ["b", "c"]]


def samples(**changes):
    given = {
        "sentences": SENTENCES,
        "references": REFERENCES,
        "rows": ["abc", "ab", "ab", "ca"],
        "known_rows": ["abc", "ab", "ab", None],
        "training_rows": lambda: iter(["abc", "ca"]),
    }
    return Samples(**given | changes)


def test_metrics_of_samples_are_those_of_their_functions():
    metrics = catalogue.compute(samples(), "text")
    expected = {f"bleu_{n}": score for n, score in bleu(SENTENCES, REFERENCES, 5).items()}
    expected |= {f"self_bleu_{n}": score for n, score in self_bleu(SENTENCES, 5).items()}
    expected |= {f"distinct_{n}": score for n, score in distinct(SENTENCES, 4).items()}
    expected |= {name.replace("bleu", "bleu_first500"): s for name, s in expected.items() if "bleu" in name}
    expected |= {"memorised": 1 / 4, "repeated": 2 / 4}  # of the last, an unknown word is no copy
    assert metrics == expected
    for entry in filter(lambda entry: "orders" in entry.signature, map(catalogue.metric, metrics)):
        low, high = entry.signature["orders"].split("-")
        assert [f"{entry.name}_{n}" for n in range(int(low), int(high) + 1)] == [
            name for name in metrics if catalogue.metric(name) is entry
        ]


def test_metrics_that_do_not_apply_or_are_not_asked_for_are_left_out():
    assert catalogue.compute(samples(), "oracle") == {}
    assert catalogue.compute(samples(), "text", ("repeated",)) == {"repeated": 1 / 2}
    one = samples(sentences=SENTENCES[:1], rows=["abc"], known_rows=["abc"])
    names = catalogue.compute(one, "text")
    assert "bleu_2" in names and not any(name.startswith("self_bleu") for name in names)
    melodies = np.array([[60.0, 62.0]]), np.array([[61.0, 62.0]])
    assert catalogue.compute(samples(melodies=melodies), "text", ("pitch_mse",)) == {"pitch_mse": 1 / 2}
