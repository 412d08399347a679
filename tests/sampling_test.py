import numpy as np
import pytest
import reference
import tensorflow as tf

from seqgan_tf.models import Generator
from seqgan_tf.sampling import (
    CHUNK_ROWS,
    mixed_with_samples,
    sample,
    sample_categorical,
    sample_chunks,
    sample_sequences,
)

LEAST_P = 1e-4  # a right sampler fails a chi-square test by chance once in ten thousand; seeds make it repeatable


def make(stddev=1.0, vocab_size=3):
    return Generator(vocab_size, embedding_dim=3, hidden_dim=4, stddev=stddev, seed=5)


def test_categorical_of_a_single_class():
    assert list(sample_categorical(tf.constant([[0.3]] * 3), tf.random.stateless_uniform([3, 2], [0, 1]))) == [0] * 3


@pytest.mark.parametrize("num_classes", [2, 7, 50, 5000])
def test_categorical_follows_the_exact_distribution(num_classes):
    logits = np.random.default_rng(num_classes).standard_normal(num_classes).astype(np.float32) * 1.5
    rows, counts = 4000, np.zeros(num_classes)
    for seed in range(50):
        uniform = tf.random.stateless_uniform([rows, 2], [seed, 1])
        counts += np.bincount(sample_categorical(tf.tile(logits[None], [rows, 1]), uniform), minlength=num_classes)
    probabilities = np.exp(reference.log_softmax(np.float64(logits)))
    assert reference.chi_square_p(counts, probabilities) > LEAST_P


def test_categorical_at_the_ends_of_the_uniform_numbers_and_with_impossible_classes():
    last = 1 - 2.0**-23
    uniform = tf.constant([[0.0, 0.0], [last, last], [0.0, last], [last, 0.0]])
    logits = tf.constant([[-1e9] * 40 + [0.3, 0.1] + [-1e9] * 60] * 4)
    assert set(sample_categorical(logits, uniform).numpy()) <= {40, 41}
    assert list(sample_categorical(logits * 1e6, uniform)) == [40] * 4


def test_each_row_has_its_own_distribution():
    logits = tf.one_hot([3, 0, 2, 1], 4) * 100
    uniform = tf.random.stateless_uniform([4, 2], [0, 1])
    assert list(sample_categorical(logits, uniform)) == [3, 0, 2, 1]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_sequences_follow_the_exact_distribution(temperature):
    generator = make()
    sequences, probabilities = reference.all_sequence_probabilities(generator.get_weights(), 3, 3, temperature)
    drawn = sample_sequences(generator, 20_000, 3, seed=7, temperature=temperature)
    counts = np.array([(drawn.numpy() == sequence).all(1).sum() for sequence in sequences])
    assert counts.sum() == 20_000
    assert reference.chi_square_p(counts, probabilities) > LEAST_P


def test_sequences_with_a_prefix_follow_the_conditional_distribution():
    generator = make()
    sequences, probabilities = reference.all_sequence_probabilities(generator.get_weights(), 3, 4)
    allowed = (sequences[:, :2] == [2, 1]).all(1)
    drawn = sample_sequences(generator, 20_000, 4, seed=7, prefix=[2, 1])
    counts = np.array([(drawn.numpy() == sequence).all(1).sum() for sequence in sequences[allowed]])
    assert counts.sum() == 20_000
    conditional = probabilities[allowed] / probabilities[allowed].sum()
    assert reference.chi_square_p(counts, conditional) > LEAST_P


def test_roll_outs_of_every_prefix_follow_the_conditional_distribution():
    generator = make()
    tokens = tf.constant([[2, 1, 0], [0, 0, 1]])
    states = generator.states(tokens)
    copies = 10_000
    inputs = tf.repeat(tf.tile(generator.inputs_of(tokens)[:1], [2, 1]), copies, axis=0)
    state = tuple(tf.repeat(part[1:3, 0], copies, axis=0) for part in states)
    drawn = sample(generator.stepper(), state, inputs, 3, [1, 2], tf.repeat([1, 2], copies), first=1).numpy()
    sequences, probabilities = reference.all_sequence_probabilities(generator.get_weights(), 3, 3)
    for prefix, rows in (([2], drawn[:copies]), ([2, 1], drawn[copies:])):
        assert (rows[:, : len(prefix)] == prefix).all()
        allowed = (sequences[:, : len(prefix)] == prefix).all(1)
        counts = np.array([(rows == sequence).all(1).sum() for sequence in sequences[allowed]])
        conditional = probabilities[allowed] / probabilities[allowed].sum()
        assert reference.chi_square_p(counts, conditional) > LEAST_P


def test_logits_outside_the_range_of_exp_are_sampled_right():
    logits = tf.repeat([[500.0], [-500.0]], 2000, axis=0) + np.log([0.7, 0.2, 0.1]).astype(np.float32)
    inputs = tf.zeros([4000, 1], tf.int32)
    starts = tf.zeros([4000], tf.int32)
    drawn = sample(
        lambda tokens, state, position: (logits, state), (tf.zeros([4000, 1]),), inputs, 5, [0, 0], starts
    ).numpy()
    for rows in (drawn[:2000], drawn[2000:]):
        counts = np.bincount(rows.ravel(), minlength=3)
        assert reference.chi_square_p(counts, [0.7, 0.2, 0.1]) > LEAST_P


def test_a_step_that_always_says_three():
    def step(tokens, state, position):
        return tf.one_hot(tf.fill([len(tokens)], 3), 5) * 1000.0, state

    inputs = tf.constant([[0, 1, 2], [0, 4, 2]])  # prefix lengths 1 and 2
    drawn = sample(step, (tf.zeros([2, 1]),), inputs, 4, [0, 0], tf.constant([1, 2]), first=1)
    np.testing.assert_array_equal(drawn, [[1, 3, 3, 3], [4, 2, 3, 3]])


def test_no_prefix_is_read_again():
    read = []

    def step(tokens, state, position):
        read.append(len(tokens))
        return tf.zeros([len(tokens), 5]), state

    starts = tf.constant([1] * 3 + [2] * 4 + [3] * 5)
    sample(step, (tf.zeros([12, 1]),), tf.zeros([12, 4], tf.int32), 4, [0, 0], starts, first=1)
    assert read == [3, 7, 12]


def test_behind_the_end_token_there_is_padding_only():
    def step(tokens, state, position):  # 0 would be as probable as the others
        return tf.zeros([len(tokens), 5]), state

    inputs = tf.constant([[1, 3, 2], [1, 3, 3]] * 500)  # the first prefix has ended
    starts = tf.fill([1000], 2)
    drawn = sample(step, (tf.zeros([1000, 1]),), inputs, 9, [0, 0], starts, first=2, end_token=2).numpy()
    assert (drawn[::2] == [3, 2] + [0] * 7).all()
    ended = 0
    for row in drawn[1::2]:
        over = np.flatnonzero((row == 2) | (row == 0))  # this step also says 0, which ends a row too
        if len(over):
            assert (row[over[0] + 1 :] == 0).all()
            ended += 1
    assert 450 < ended < 500  # (3/5)^7 of them do not end


def test_a_seed_decides_the_sequences_and_their_number_does_not_change_the_first():
    generator = make(vocab_size=50)
    many = sample_sequences(generator, CHUNK_ROWS + 30, 6, seed=3).numpy()
    np.testing.assert_array_equal(many[:100], sample_sequences(generator, 100, 6, seed=3))
    assert not np.array_equal(many[:100], sample_sequences(generator, 100, 6, seed=4))
    assert not np.array_equal(many[:30], many[CHUNK_ROWS:])
    assert many.shape == (CHUNK_ROWS + 30, 6) and many.dtype == np.int32


def test_edges_and_bad_arguments():
    generator = make()
    assert sample_sequences(generator, 0, 6, seed=3).shape == [0, 6]
    np.testing.assert_array_equal(sample_sequences(generator, 2, 2, seed=3, prefix=[1, 2]), [[1, 2]] * 2)
    for arguments in (
        {"num": -1},
        {"temperature": float("nan")},
        {"temperature": -1.0},
        {"temperature": 0.001},
        {"prefix": [0] * 7},
    ):
        with pytest.raises(ValueError, match=f"{next(iter(arguments))} must "):
            sample_sequences(**{"generator": generator, "num": 2, "length": 6, "seed": 0} | arguments)


def test_chunks_are_the_sequences_in_parts():
    generator = make(vocab_size=50)
    chunks = list(sample_chunks(generator, 2 * CHUNK_ROWS + 5, 6, seed=3, temperature=0.7, prefix=[4]))
    assert [len(chunk) for chunk in chunks] == [CHUNK_ROWS, CHUNK_ROWS, 5]
    whole = sample_sequences(generator, 2 * CHUNK_ROWS + 5, 6, seed=3, temperature=0.7, prefix=[4])
    np.testing.assert_array_equal(np.concatenate(chunks), whole)


def test_temperature_zero_takes_the_most_probable_token():
    generator = make(vocab_size=50)
    drawn = sample_sequences(generator, 3, 6, seed=3, temperature=0.0, prefix=[7, 1]).numpy()
    greedy = [7, 1]
    while len(greedy) < 6:
        logits = generator(tf.constant([[*greedy, 0]])).numpy()[0, -1]
        greedy.append(int(logits.argmax()))
    np.testing.assert_array_equal(drawn, [greedy] * 3)


def test_the_lowest_temperature_is_nearly_greedy():
    generator = make(stddev=2.0, vocab_size=27)  # five blocks of 6: the last is not full
    drawn = sample_sequences(generator, 500, 8, seed=3, temperature=0.01).numpy()
    greedy = sample_sequences(generator, 1, 8, seed=3, temperature=0.0).numpy()
    assert (drawn < 27).all() and (drawn == greedy).mean() > 0.9


def test_the_coin_of_scheduled_sampling_is_tossed_anew_for_every_token():
    generator = make(vocab_size=50)
    tokens = np.full([4000, 5], 7, np.int32)
    noise = tf.random.stateless_uniform([4000, 5, 3], [1, 2])
    for truth in (0.0, 0.25, 1.0):
        mixed = mixed_with_samples(generator, tf.constant(tokens), noise, truth).numpy()
        true = np.asarray(noise)[..., 0] < truth
        assert (mixed[true] == 7).all()
        np.testing.assert_allclose(true.mean(0), truth, atol=0.04)
        if truth == 0.25:  # the coins of neighbours have nothing to do with each other
            assert abs(np.corrcoef(true[:, :-1].ravel(), true[:, 1:].ravel())[0, 1]) < 0.04
    # Where no token is the true one, these are the model's own samples.
    mixed = mixed_with_samples(generator, tf.constant(tokens), noise, 0.0).numpy()
    probabilities = np.exp(reference.log_softmax(reference.lstm_logits(generator.get_weights(), mixed)[0, 0]))
    assert reference.chi_square_p(np.bincount(mixed[:, 0], minlength=50), probabilities) > LEAST_P
