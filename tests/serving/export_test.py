"""The SavedModel, in a process that has TensorFlow and neither this package nor Keras."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import reference
from command import environment

from seqgan_tf.main import QUIET_AND_FAST, main
from seqgan_tf.models import Discriminator, Generator
from seqgan_tf.runs.loaded import LoadedRun
from seqgan_tf.serving import inference
from seqgan_tf.tasks.evaluation import real_probability

pytestmark = pytest.mark.slow

# Reads calls as JSON, [signature, arguments] each, and writes what the SavedModel answers.
ALONE = """
import json, sys

class Without:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        absent = name.split(".")[0] in ("seqgan_tf", "keras", "nltk")
        return None if absent else self.finder.find_spec(name, path, target)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
for name in ("seqgan_tf", "keras", "nltk"):
    try:
        __import__(name)
    except ModuleNotFoundError:
        continue
    sys.exit(name + " can be imported")
import tensorflow as tf

def plain(value):
    value = value.numpy().tolist()
    return [one.decode() if isinstance(one, bytes) else one for one in value]

signatures = tf.saved_model.load(sys.argv[1]).signatures
types = {"num": tf.int32, "seed": tf.int32, "temperature": tf.float32, "tokens": tf.int32, "text": tf.string}
types["prefix"] = tf.string if "score_tokens" in signatures else tf.int32
answers = [sorted(signatures)]
for name, given in json.load(sys.stdin):
    try:
        found = signatures[name](**{key: tf.constant(value, types[key]) for key, value in given.items()})
        answers.append({key: plain(value) for key, value in found.items()})
    except tf.errors.InvalidArgumentError as error:
        answers.append(str(error))
json.dump(answers, sys.stdout)
"""


def ask(model, *calls):
    """What a process with TensorFlow alone gets: the names of the signatures, then an answer a call."""
    process = subprocess.run(
        [sys.executable, "-I", "-c", ALONE, str(model)],
        input=json.dumps(calls),
        env={key: value for key, value in environment().items() if key != "PYTHONPATH"}
        | QUIET_AND_FAST
        | {"LC_ALL": "tr_TR.UTF-8"},  # where a capital I is lower-cased to another letter
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


@pytest.fixture(scope="module")
def exported(trained, tmp_path_factory):
    """Folders of the exports of the runs quick, captions and constant."""
    folder = tmp_path_factory.mktemp("exports")
    for name in ("quick", "captions", "constant"):
        assert main(["main", "export", f"--run={trained}/runs/{name}", f"--output={folder / name}"]) == 0
    return folder


def texts(trained, tokens):
    return [trained.vocabulary.text(row) for row in tokens]


def sampled(trained, num, seed, temperature, prefix):
    return np.concatenate(list(inference.sample(trained, num, seed, temperature, prefix)))


def test_text_without_the_package_is_sampled_and_scored_the_same(trained, exported):
    run = LoadedRun(trained / "runs" / "captions")
    text = ["A RED BIRD can't see the house.", "the zebra", "“Yard” cannot, gonna -- see..."]
    drawn = {"num": 600, "seed": [0, 5], "temperature": 0.7, "prefix": "A Red"}
    names, sample, default, greedy, score, real = ask(
        exported / "captions" / "1",
        ["sample", drawn],
        ["serving_default", drawn],
        ["sample", drawn | {"num": 2, "temperature": 0.0, "prefix": ""}],
        ["score", {"text": text}],
        ["discriminate", {"text": text}],
    )
    assert names == sorted(
        ("sample", "score", "score_tokens", "discriminate", "discriminate_tokens", "serving_default")
    )
    expected = sampled(run, 600, 5, 0.7, "A Red")
    np.testing.assert_array_equal(sample["tokens"], expected)
    assert sample["text"] == texts(run, expected) and sample == default
    np.testing.assert_allclose(sample["log_prob"], inference.score(run, expected)[0].sum(1), rtol=1e-6)
    np.testing.assert_array_equal(greedy["tokens"], sampled(run, 2, 0, 0.0, ""))
    ids = np.stack([run.vocabulary.ids(one, run.length)[0] for one in text])
    log_probabilities, probabilities = inference.score(run, ids)[0], real_probability(run.discriminator, ids)
    np.testing.assert_array_equal(score["tokens"], ids)
    np.testing.assert_allclose(score["token_log_prob"], log_probabilities, rtol=1e-6)
    np.testing.assert_allclose(score["log_prob"], log_probabilities.sum(1), rtol=1e-6)
    np.testing.assert_allclose(real["probability"], probabilities, rtol=1e-6)


def test_numbers_without_the_package_are_sampled_and_scored_the_same(trained, exported):
    run = LoadedRun(trained / "runs" / "quick")
    sample, score, real = ask(
        exported / "quick" / "1",
        ["sample", {"num": 3, "seed": [0, 5], "temperature": 1.0, "prefix": [3, 0]}],
        ["score", {"tokens": [[1, 2, 3, 4, 5, 6]] * 300}],
        ["discriminate", {"tokens": [[1, 2, 3, 4, 5, 6]]}],
    )[1:]
    expected = sampled(run, 3, 5, 1.0, "3 0")
    np.testing.assert_array_equal(sample["tokens"], expected)
    assert sample["text"] == texts(run, expected)
    ids = np.array([[1, 2, 3, 4, 5, 6]], np.int32)
    log_probabilities, probabilities = inference.score(run, ids)[0], real_probability(run.discriminator, ids)
    np.testing.assert_allclose(score["token_log_prob"], np.repeat(log_probabilities, 300, 0), rtol=1e-6)
    np.testing.assert_allclose(real["probability"], probabilities, rtol=1e-6)


def test_what_cannot_be_done_is_said(exported):
    drawn = {"num": 1, "seed": [0, 5], "temperature": 1.0, "prefix": ""}
    names, *answers = ask(
        exported / "captions" / "1",
        ["sample", drawn | {"num": 0}],
        ["sample", drawn | {"temperature": -1.0}],
        ["sample", drawn | {"prefix": "a purple dog"}],
        ["sample", drawn | {"prefix": "a " * 12}],
        ["score", {"text": ["a", ""]}],
        ["score", {"text": ["a " * 12]}],
    )
    for answer, part in zip(
        answers,
        (
            *(
                "num must be at least 1",
                "temperature must be 0 or between 0.01 and 100.0",
                "prefix must have only words from the vocabulary, got a purple dog",
            ),
            *(
                "prefix must have at most 11 tokens",
                "each text must have between 1 and 11 tokens",
                "must have between 1 and 11 tokens",
            ),
        ),
        strict=True,
    ):
        assert part in answer


def test_ids_that_there_are_not_are_said(exported):
    drawn = {"num": 1, "seed": [0, 5], "temperature": 1.0}
    calls = [["sample", drawn | {"prefix": [50]}], ["sample", drawn | {"prefix": [1] * 7}]]
    calls += [[name, {"tokens": [[0, 1, 2, 3, 4, -1]]}] for name in ("score", "discriminate")]
    parts = (
        "prefix must be ids between 0 and 49",
        "prefix must have at most 6 tokens",
        *["tokens must be ids between 0 and 49"] * 2,
    )
    for answer, part in zip(ask(exported / "quick" / "1", *calls)[1:], parts, strict=True):
        assert part in answer


def test_exported_sampling_follows_the_exact_distribution(trained, exported):
    """Of the last token, behind a prefix of all others: V probabilities from NumPy."""
    run = LoadedRun(trained / "runs" / "quick")
    prefix = [3, 0, 7, 7, 12]
    drawn = {"num": 40_000, "seed": [8, 1], "temperature": 0.7, "prefix": prefix}
    tokens = np.array(ask(exported / "quick" / "1", ["sample", drawn])[1]["tokens"])
    assert (tokens[:, :5] == prefix).all()
    logits = reference.lstm_logits(run.generator.get_weights(), np.array([[*prefix, 0]]))[0, -1]
    probabilities = np.exp(reference.log_softmax(logits / 0.7))
    assert reference.chi_square_p(np.bincount(tokens[:, 5], minlength=50), probabilities) > 1e-4


def test_without_a_discriminator_there_is_no_such_signature(exported):
    assert ask(exported / "constant" / "1")[0] == ["sample", "score", "serving_default"]
    assert not (exported / "constant" / "1" / "assets.extra" / "discriminator.keras").exists()


def test_keras_files_load_after_importing_the_package(trained, exported):
    run, extra = LoadedRun(trained / "runs" / "captions"), exported / "captions" / "1" / "assets.extra"
    tokens = np.array([run.vocabulary.ids("a red dog", run.length)[0]])
    for name, kind in (("generator", Generator), ("discriminator", Discriminator)):
        model = keras.models.load_model(extra / f"{name}.keras")
        assert type(model) is kind
        np.testing.assert_array_equal(model(tokens), getattr(run, name)(tokens))


def test_each_export_is_the_next_version_and_whole(trained, exported, capsys):
    assert (
        main(["main", "export", f"--run={trained}/runs/quick", f"--output={exported}/quick", "--checkpoint=1"]) == 0
    )
    assert f"Exported step 1 of {trained}/runs/quick to {exported}/quick/2" in capsys.readouterr().out
    assert sorted(path.name for path in (exported / "quick").iterdir()) == ["1", "2"]


def test_what_else_is_in_the_folder_stays(trained, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "thesis").write_text("mine")
    assert main(["main", "export", f"--run={trained}/runs/constant", f"--output={tmp_path}"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1", "new"] and (tmp_path / "new" / "thesis").exists()


def test_the_model_moves_to_another_place(exported, tmp_path):
    """Nothing in it depends on the vocabulary file, or on any path."""
    os.rename(exported / "constant" / "1", tmp_path / "elsewhere")
    drawn = {"num": 1, "seed": [0, 5], "temperature": 1.0, "prefix": []}
    assert len(ask(tmp_path / "elsewhere", ["sample", drawn])[1]["tokens"]) == 1
    os.rename(tmp_path / "elsewhere", exported / "constant" / "1")
