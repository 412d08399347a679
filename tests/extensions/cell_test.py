"""Adding a cell: a small Transformer in this file alone, and the built-in GRU, trained, sampled and exported."""

import json
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from command import one_error_line, records

from seqgan_tf.losses import token_nll
from seqgan_tf.models import Generator
from seqgan_tf.models.cells import CELLS, cell
from seqgan_tf.rollout import action_values
from seqgan_tf.runs.loaded import LoadedRun
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.steps import mle_step


@keras.saving.register_keras_serializable("tests")
class Transformer(keras.layers.Layer):
    """One block of causal self-attention with learned positions; its state holds the keys and values read so far."""

    MOST_POSITIONS = 32

    def __init__(self, units, initializer, **kwargs):
        super().__init__(**kwargs)
        self.units = units

        def dense(width, activation=None):
            return keras.layers.Dense(width, activation, kernel_initializer=initializer(), dtype=self.dtype_policy)

        self.project = dense(units)
        self.positions = keras.layers.Embedding(self.MOST_POSITIONS, units, initializer(), dtype=self.dtype_policy)
        self.query_key_value = dense(3 * units)
        self.widen, self.narrow = dense(2 * units, "relu"), dense(units)

    def build(self, shape):
        self.project.build(shape)
        self.positions.build()
        self.query_key_value.build([*shape[:-1], self.units])
        self.widen.build([*shape[:-1], self.units])
        self.narrow.build([*shape[:-1], 2 * self.units])
        self.built = True

    def initial_state(self, batch_size, length):
        return {name: tf.zeros([batch_size, length, self.units], self.compute_dtype) for name in ("key", "value")}

    def call(self, embedded):
        length = embedded.shape[1]
        features, query, key, value = self._read(embedded, self.positions(tf.range(length)))
        causal = tf.linalg.band_part(tf.ones([length, length], tf.bool), -1, 0)
        return self._write(features, query, key, value, causal)

    def step(self, embedded, state, position):
        features, query, key, value = self._read(embedded[:, None], self.positions(position)[None])
        places = tf.range(state["key"].shape[1])
        here = tf.equal(places, position)[:, None]
        state = {"key": tf.where(here, key, state["key"]), "value": tf.where(here, value, state["value"])}
        hidden = self._write(features, query, state["key"], state["value"], places <= position)
        return hidden[:, 0], state

    def _read(self, embedded, positions):
        """embedded [M, T, E] -> features, query, key, value, each [M, T, H]."""
        features = self.project(embedded) + positions
        return features, *tf.split(self.query_key_value(features), 3, -1)

    def _write(self, features, query, key, value, is_seen):
        scores = tf.matmul(query, key, transpose_b=True) / self.units**0.5
        scores = tf.where(is_seen, scores, tf.constant(-1e9, scores.dtype))
        features += tf.matmul(tf.nn.softmax(scores), value)
        return features + self.narrow(self.widen(features))


@pytest.fixture(scope="module", autouse=True)
def registered():
    """Enters the Transformer for the tests of this file only: those of other files go through all of CELLS."""
    cell("transformer")(Transformer)
    yield
    del CELLS["transformer"]


TOKENS = np.random.default_rng(0).integers(0, 7, [5, 6]).astype(np.int32)
BOTH = pytest.mark.parametrize("name", ["gru", "transformer"])


def make(name, **kwargs):
    return Generator(vocab_size=7, embedding_dim=3, hidden_dim=4, stddev=0.8, seed=3, cell=name, **kwargs)


@BOTH
def test_step_by_step_equals_teacher_forcing_and_goes_through_the_states(name):
    generator = make(name)
    logits, states = generator(TOKENS), generator.states(TOKENS)
    step = generator.stepper()
    state, inputs = generator.initial_state(5, 6), generator.inputs_of(TOKENS)
    for t in range(6):
        tf.nest.map_structure(
            lambda part, all_parts, t=t: np.testing.assert_allclose(part, all_parts[t], atol=1e-6), state, states
        )
        predicted, state = step(inputs[:, t], state, tf.constant(t))
        np.testing.assert_allclose(predicted, logits[:, t], atol=1e-5)


@BOTH
def test_samples_have_the_probabilities_of_the_model(name):
    generator = make(name)
    samples = sample_sequences(generator, 20_000, 2, seed=1).numpy()
    first = tf.nn.softmax(generator(np.zeros([1, 2], np.int32))[0, 0]).numpy()
    np.testing.assert_allclose(np.bincount(samples[:, 0], minlength=7) / 20_000, first, atol=0.02)
    for token in range(7):
        second = tf.nn.softmax(generator(np.array([[token, 0]], np.int32))[0, 1]).numpy()
        after = samples[samples[:, 0] == token, 1]
        if len(after) > 1000:
            np.testing.assert_allclose(np.bincount(after, minlength=7) / len(after), second, atol=0.06)


@BOTH
def test_prefix_continues_greedily_as_the_whole_model_predicts(name):
    generator = make(name)
    samples = sample_sequences(generator, 3, 6, seed=1, temperature=0, prefix=[5, 2]).numpy()
    predicted = tf.argmax(generator(samples), -1).numpy()
    assert (samples[:, :2] == [5, 2]).all()
    np.testing.assert_array_equal(samples[:, 2:], predicted[:, 2:])


@BOTH
def test_roll_outs_continue_each_prefix_from_its_own_state(name):
    generator = make(name)
    generator.output_layer.kernel.assign(generator.output_layer.kernel * 1000)  # as good as greedy
    generator.output_layer.bias.assign(generator.output_layer.bias * 1000)
    step, seen = generator.stepper(), []

    def reward(rows):
        seen.append(rows.numpy())
        return tf.cast(rows[:, -1], tf.float32)

    action_values(generator, TOKENS, reward, 1, seed=2)
    rolled_out = np.concatenate(seen[1:])
    assert len(rolled_out) == 5 * 5  # each sentence from each proper prefix
    for sentence in TOKENS:
        for t in range(1, 6):
            expected, state = list(sentence[:t]), generator.initial_state(1, 6)
            for position in range(6):
                read = generator.start_token if position == 0 else expected[position - 1]
                logits, state = step(tf.constant([read]), state, tf.constant(position))
                if position >= t:
                    expected.append(int(tf.argmax(logits[0])))
            assert (rolled_out == expected).all(1).any()


@BOTH
def test_mle_step_lowers_the_loss(name):
    generator = make(name)
    optimizer = keras.optimizers.Adam(0.02)
    optimizer.build(generator.trainable_variables)
    before = token_nll(generator(TOKENS), TOKENS).numpy().mean()
    for _ in range(20):
        mle_step(generator, optimizer, TOKENS, clip_norm=5.0)
    assert token_nll(generator(TOKENS), TOKENS).numpy().mean() < before - 0.3


@BOTH
def test_mixed_precision_keeps_logits_in_float32(name):
    generator = make(name, dtype="mixed_bfloat16")
    expected = make(name)(TOKENS).numpy()
    assert 0 < np.abs(generator(TOKENS).numpy() - expected).max() < 0.3
    assert generator(TOKENS).dtype == tf.float32
    assert sample_sequences(generator, 3, 6, seed=1).shape == [3, 6]


@pytest.fixture(scope="module", params=["gru", "transformer"])
def trained(request, command, train, tmp_path_factory):
    """A folder with runs/NAME of a cell, and its name."""
    folder = tmp_path_factory.mktemp(request.param)
    train(folder, f"--g_cell={request.param}", "--reward=random", f"--run=runs/{request.param}")
    return folder, request.param


@pytest.mark.slow
def test_cell_is_named_wherever_runs_are_shown(trained, command, events):
    folder, name = trained
    run = folder / "runs" / name
    lines = records(run)
    assert [line["phase"] for line in lines] == ["mle", "mle", "adversarial"]
    found = events(run)
    assert found.settings["g_cell"] == name
    assert found.scalars["nll/nll_test"][-1] == (2, pytest.approx(lines[-1]["nll_test"]))
    listed = command(folder, "list")
    assert listed.code == 0 and name in listed.out
    reported = command(folder, "report", "--runs=runs", "--output=report")
    assert reported.code == 0, reported.err
    assert f"--g_cell={name}" in (folder / "report" / "report.md").read_text()


@pytest.mark.slow
def test_evaluate_repeats_the_numbers_of_training(trained, command):
    folder, name = trained
    evaluated = command(folder, "evaluate", f"--run=runs/{name}", "--output=scores.json")
    assert evaluated.code == 0, evaluated.err
    found = json.loads((folder / "scores.json").read_text())["metrics"]
    expected = records(folder / "runs" / name)[-1]
    for metric in ("nll_oracle", "nll_test", "entropy"):
        assert found[metric] == pytest.approx(expected[metric], rel=1e-5)


@pytest.mark.slow
def test_exported_samples_equal_those_of_the_model(trained, command):
    folder, name = trained
    exported = command(folder, "export", f"--run=runs/{name}")
    assert exported.code == 0, exported.err
    sample = tf.saved_model.load(str(folder / "runs" / name / "export" / "1")).signatures["sample"]
    found = sample(
        num=tf.constant(30),
        seed=tf.constant([0, 5]),
        temperature=tf.constant(0.7),
        prefix=tf.constant([3, 1]),
    )["tokens"]
    generator = LoadedRun(folder / "runs" / name).generator
    expected = sample_sequences(generator, 30, 6, seed=5, temperature=0.7, prefix=[3, 1])
    np.testing.assert_array_equal(found, expected)


def test_cell_of_a_module_of_the_users_is_found_when_its_model_is_loaded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "my_cells.py").write_text("from seqgan_tf.models.cells import GRU\n\nclass Mine(GRU):\n    pass\n")
    generator = make("my_cells:Mine")
    assert type(generator.cell).__name__ == "Mine"
    generator.save("generator.keras")
    np.testing.assert_array_equal(keras.models.load_model("generator.keras")(TOKENS), generator(TOKENS))


def test_unknown_cell_is_refused_with_the_known_ones(command, tmp_path):
    refused = command(tmp_path, "train", "--preset=smoke", "--g_cell=lstn")
    assert refused.code == 2 and not list(tmp_path.iterdir())
    line = one_error_line(refused.err)
    assert "--g_cell must be one of lstm, gru, transformer" in line and "'lstn'" in line
