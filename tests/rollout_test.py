import numpy as np
import pytest
import reference
import tensorflow as tf

from seqgan_tf.models import Discriminator, Generator
from seqgan_tf.rewards import discriminator_reward
from seqgan_tf.rollout import action_values
from seqgan_tf.sampling import sample_sequences


def make(vocab_size=30):
    return Generator(vocab_size, embedding_dim=3, hidden_dim=4, stddev=1.0, seed=5)


def token_reward(position):
    """Gives away its place: the id of one token."""
    return lambda tokens: tf.cast(tokens[:, position], tf.float32)


# 7 rows a chunk: one copy of one sentence at a time; 56: chunks that end in the middle of the sentences.
@pytest.mark.parametrize("chunk_rows", [7, 56, 10_000])
@pytest.mark.parametrize("position", [0, 3, 7])
def test_reward_of_the_jth_token_stays_in_its_sentence_and_place(position, chunk_rows):
    generator = make()
    tokens = sample_sequences(generator, 5, 8, seed=1)
    values = action_values(generator, tokens, token_reward(position), 3, seed=2, chunk_rows=chunk_rows).numpy()
    assert values.shape == (5, 8) and values.dtype == np.float32
    # From Y_1:j on, the j-th token is fixed, so Q there is its id in each sentence exactly.
    expected = np.repeat(tokens.numpy()[:, position : position + 1], 8 - position, axis=1)
    np.testing.assert_allclose(values[:, position:], expected, rtol=1e-6)
    # Before it, roll-outs draw it anew.
    assert position == 0 or not np.allclose(values[:, :position], expected[:, :1])


def test_values_equal_the_exact_expectation_with_many_roll_outs():
    generator = make(vocab_size=3)
    tokens = tf.constant([[2, 1, 0], [0, 0, 1]])

    def reward(rows):  # depends on every token and its place
        return tf.cast(rows[:, 0] + 10 * rows[:, 1] + 100 * rows[:, 2], tf.float32)

    values = action_values(generator, tokens, reward, 40_000, seed=2, chunk_rows=20_000).numpy()
    sequences, probabilities = reference.all_sequence_probabilities(generator.get_weights(), 3, 3)
    rewards = sequences @ [1, 10, 100]
    for row, sentence in zip(values, tokens.numpy(), strict=True):
        for t in (1, 2, 3):
            match = (sequences[:, :t] == sentence[:t]).all(1)
            expected = (probabilities * rewards)[match].sum() / probabilities[match].sum()
            assert abs(row[t - 1] - expected) < 2.0  # the standard error is below 0.5


def test_last_value_is_the_reward_of_the_sequence_itself():
    generator = make()
    discriminator = Discriminator(30, 4, (1, 2), (5, 5), dropout=0.9)
    tokens = sample_sequences(generator, 4, 6, seed=1)
    reward = discriminator_reward(discriminator)
    values = action_values(generator, tokens, reward, 2, seed=2)
    real = np.exp(reference.log_softmax(reference.discriminator_logits(discriminator, tokens.numpy())))[:, 1]
    np.testing.assert_allclose(values[:, -1], real, rtol=1e-5)


def test_roll_outs_come_from_the_policy_that_is_given():
    always = make()
    for weight in always.weights:
        weight.assign(tf.zeros_like(weight))
    always.output_layer.bias.assign(tf.one_hot(17, 30) * 1000.0)
    tokens = tf.zeros([2, 5], tf.int32)
    values = action_values(always, tokens, token_reward(4), 2, seed=0)
    np.testing.assert_array_equal(values, [[17, 17, 17, 17, 0]] * 2)


def test_rewards_may_be_numpy_and_whole_numbers():
    generator = make()
    tokens = sample_sequences(generator, 3, 6, seed=1)
    expected = action_values(generator, tokens, token_reward(5), 2, seed=1)
    values = action_values(generator, tokens.numpy().astype(np.int64), lambda rows: rows.numpy()[:, 5], 2, seed=1)
    np.testing.assert_allclose(values, expected)


def test_a_seed_decides_the_values():
    generator = make()
    tokens = sample_sequences(generator, 3, 6, seed=1)
    first, same, other = (action_values(generator, tokens, token_reward(5), 2, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


def test_sequences_of_one_token_and_bad_arguments():
    generator = make()
    np.testing.assert_array_equal(action_values(generator, tf.constant([[4]]), token_reward(0), 2, 0), [[4.0]])
    arguments = {
        "generator": generator,
        "tokens": tf.zeros([1, 2], tf.int32),
        "reward": token_reward(0),
        "num_rollouts": 1,
        "seed": 0,
    }
    for bad in ({"num_rollouts": 0}, {"chunk_rows": 0}):
        with pytest.raises(ValueError, match="num_rollouts and chunk_rows must be 1 or more, got"):
            action_values(**arguments | bad)


def test_a_reward_of_each_token_is_its_action_value_and_no_roll_out_is_drawn():
    generator = Generator(6, embedding_dim=3, hidden_dim=4, start_token=1, end_token=2)
    tokens, seen = tf.constant([[3, 2, 0, 0], [4, 5, 3, 4]]), []

    def reward(rows):
        seen.append(rows.numpy())
        return rows.numpy() / 2 + 1

    values = action_values(generator, tokens, reward, num_rollouts=16, seed=0)
    assert len(seen) == 1 and (seen[0] == tokens.numpy()).all()
    np.testing.assert_array_equal(values, [[2.5, 2.0, 0.0, 0.0], [3.0, 3.5, 2.5, 3.0]])  # 0 after the end
    assert values.dtype == tf.float32


def test_sequences_that_have_ended_are_rolled_out_no_further():
    generator = Generator(6, embedding_dim=3, hidden_dim=4, stddev=1.0, seed=5, start_token=1, end_token=2)
    tokens = tf.constant([[3, 2, 0, 0], [4, 5, 3, 4], [2, 0, 0, 0], [5, 5, 5, 2]])
    lengths, seen = [2, 4, 1, 4], []

    def reward(rows):  # depends on every token and its place, padding too
        seen.append(rows.numpy())
        return rows.numpy() @ [1000, 100, 10, 1]

    values = action_values(generator, tokens, reward, 3000, seed=2, chunk_rows=10_000).numpy()
    # D is asked once for each sequence and N times for each prefix that is not yet a whole one.
    assert sum(len(rows) for rows in seen) == 4 + 3000 * sum(length - 1 for length in lengths)
    for rows in seen:  # behind an end there is padding only
        for t in range(3):
            assert (rows[(rows[:, t] == 2) | (rows[:, t] == 0)][:, t + 1] == 0).all()
    final = tokens.numpy() @ [1000, 100, 10, 1]
    for row, length, value in zip(values, lengths, final, strict=True):
        assert row[length - 1] == value and (row[length:] == 0).all()
    # Against the exact expectation: all completions, those that end early filled with padding.
    sequences, probabilities = reference.all_ended_sequence_probabilities(generator, 6, 4)
    rewards = sequences @ [1000, 100, 10, 1]
    for row, sentence, length in zip(values, tokens.numpy(), lengths, strict=True):
        for t in range(1, length):
            match = (sequences[:, :t] == sentence[:t]).all(1)
            chance = probabilities[match] / probabilities[match].sum()
            expected = (chance * rewards[match]).sum()
            deviation = np.sqrt((chance * (rewards[match] - expected) ** 2).sum() / 3000)
            assert abs(row[t - 1] - expected) <= 5 * deviation + 1e-3


def test_a_batch_of_whole_sequences_needs_no_roll_out():
    generator = Generator(30, embedding_dim=3, hidden_dim=4, start_token=1, end_token=2)
    reward = discriminator_reward(Discriminator(30, 4, (1, 2), (5, 5)))
    tokens = tf.constant([[2, 0, 0], [2, 0, 0]])
    values = action_values(generator, tokens, reward, 2, seed=0)
    np.testing.assert_array_equal(values, np.stack([reward(tokens), [0.0] * 2, [0.0] * 2], 1))
