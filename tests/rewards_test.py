import types

import numpy as np
import pytest
import reference
import tensorflow as tf
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
from scipy import stats

from seqgan_tf import rewards
from seqgan_tf.data import corpus
from seqgan_tf.models import (
    Discriminator,
    Generator,
    LanguageModelDiscriminator,
    Oracle,
    TokenDiscriminator,
    of_mediator,
)
from seqgan_tf.rewards import REWARDS
from seqgan_tf.rollout import action_values
from seqgan_tf.tasks.oracle import OracleTask
from seqgan_tf.tasks.text import TextTask

SMOOTH = SmoothingFunction().method1
QUARTERS = [0.25] * 4
KINDS = {  # kind of discriminator -> rewards
    True: {"discriminator", "log_discriminator", "maligan", "rankgan"},
    "token": {"stepgan", "scratchgan"},
    "mediator": {"cot"},
    "language_model": {"language_model"},
    False: {"bleu", "constant", "random"},
}
TOKENS = np.array([[4, 5, 6, 2, 0], [6, 4, 4, 5, 2], [3, 3, 2, 0, 0]], np.int32)


def test_rewards_by_name():
    own = {name: factory for name, factory in REWARDS.items() if factory.__module__.startswith("seqgan_tf.rewards.")}
    assert {name: factory.__name__ for name, factory in own.items()} == {
        name: f"{name}_reward" for kind in KINDS.values() for name in kind
    }
    for kind, names in KINDS.items():
        assert {name for name, factory in own.items() if factory.discriminator == kind} == names


def test_constant_gives_the_action_values_of_roll_outs_with_the_reward_1():
    generator = Generator(8, 4, 4, stddev=1.0, seed=1, end_token=0, start_token=1)
    tokens = tf.constant([[3, 2, 5, 7], [4, 0, 0, 0], [2, 6, 0, 0]])
    rolled_out = action_values(generator, tokens, lambda rows: tf.ones([tf.shape(rows)[0]]), num_rollouts=3, seed=0)
    found = action_values(generator, tokens, REWARDS["constant"](None, None), num_rollouts=3, seed=0)
    np.testing.assert_array_equal(found, rolled_out)
    np.testing.assert_array_equal(found, [[1, 1, 1, 1], [1, 1, 0, 0], [1, 1, 1, 0]])


def test_random_is_uniform_and_a_function_of_the_whole_sequence():
    tokens = np.random.default_rng(0).integers(0, 5000, [20_000, 20]).astype(np.int32)
    values = REWARDS["random"](None, None)(tokens).numpy()
    assert stats.kstest(values, "uniform").pvalue > 1e-4
    np.testing.assert_array_equal(REWARDS["random"](None, None)(tokens[7:9]), values[7:9])
    for place in (0, 19):  # one other token, another number
        other = tokens.copy()
        other[:, place] = (other[:, place] + 1) % 5000
        assert abs(np.corrcoef(values, REWARDS["random"](None, None)(other))[0, 1]) < 0.03
    one, two = REWARDS["random"](None, None)(np.array([[1, 23], [12, 3]], np.int32)).numpy()
    assert one != two  # ids are told apart


def test_discriminator_without_dropout():
    discriminator = Discriminator(30, 4, (1, 2), (5, 5), dropout=0.9)
    reward, tokens = REWARDS["discriminator"](discriminator, None), np.zeros([3, 6], np.int32)
    np.testing.assert_array_equal(reward(tokens), reward(tokens))
    logits = discriminator(tokens).numpy()
    np.testing.assert_allclose(reward(tokens), 1 / (1 + np.exp(logits[:, 0] - logits[:, 1])), rtol=1e-5)


def test_bleu_equals_nltk_against_the_training_data():
    task = OracleTask(Oracle.from_seed(0, 6, 4, 4), length=8, train_size=12, heldout_size=20, seed=1)
    expected = [sentence_bleu(task.train.tolist(), row, QUARTERS, SMOOTH) for row in task.heldout.tolist()]
    np.testing.assert_allclose(REWARDS["bleu"](None, task)(task.heldout), expected, rtol=1e-6)
    assert len(set(expected)) > 5


def test_bleu_of_text_stops_at_the_end_and_an_unknown_word_is_never_right(tmp_path):
    (tmp_path / "train").write_text("a b c d\na b x y\nd c b a\n")  # x, y: only once
    (tmp_path / "held").write_text("a b\n")
    files = {"train": tmp_path / "train", "valid": tmp_path / "held", "test": tmp_path / "held"}
    made = corpus.make(tmp_path / "ids", corpus.text_files(files), 5, 0, "spaces", min_count=2)
    task = TextTask(made, num_samples=100, heldout_size=100)
    ids = [task.vocabulary.encode(line.split(), 5) for line in ("a b c d", "a b <unk> <unk>", "a b", "")]
    ids.append(ids[2][:3] + ids[0][:2])  # "a b", the end, and what does not count
    scores = REWARDS["bleu"](None, task)(np.array(ids)).numpy()
    references = [["a", "b", "c", "d"], ["a", "b", "1", "2"], ["d", "c", "b", "a"]]
    hypotheses = [["a", "b", "c", "d"], ["a", "b", "?", "?"], ["a", "b"], [], ["a", "b"]]
    assert scores == pytest.approx([sentence_bleu(references, h, QUARTERS, SMOOTH) for h in hypotheses], rel=1e-6)


@pytest.fixture
def make(monkeypatch):
    """A function that makes a reward "mine" of a function of tokens [3, 6]."""

    def made(function):
        monkeypatch.setattr(rewards.registry, "find", lambda name: lambda discriminator, task: function)
        return rewards.make_reward(
            "mine", None, types.SimpleNamespace(train=np.zeros([5, 6], np.int32), vocabulary=range(7)), 3
        )

    return made


@pytest.mark.parametrize(
    "values", [np.zeros(3), np.ones([3, 6, 7]), np.ones([3, 6], np.int64), [1.0, 2.0, 3.0], np.float16([0, 1, 2])]
)
def test_a_reward_of_each_sequence_or_token_or_action_is_taken(make, values):
    assert make(lambda tokens: values)(None) is values


@pytest.mark.parametrize(
    ("reward", "message"),
    [
        (
            lambda tokens: 1 / 0,
            r"failed on tokens of shape \(3, 6\) \(ZeroDivisionError: .* zero, in rewards_test.py, line \d+\)\.$",
        ),
        (lambda tokens: 1.0, r"must return shape \(3,\), \(3, 6\) or \(3, 6, 7\), got \(\)\.$"),
        (lambda tokens: np.zeros([3, 1]), r"got \(3, 1\)\.$"),
        (lambda tokens: np.zeros([6]), r"got \(6,\)\.$"),
        (lambda tokens: np.zeros([3, 6, 8]), r"got \(3, 6, 8\)\.$"),
        (lambda tokens: [0.0, np.nan, 1.0], "must return finite numbers, got"),
        (lambda tokens: [0.0, np.inf, 1.0], "must return finite numbers, got"),
        (lambda tokens: ["a", "b", "c"], "must return finite numbers, got"),
    ],
)
def test_what_a_reward_must_not_return_is_refused(make, reward, message):
    with pytest.raises(ValueError, match=f"^--reward mine .*{message}") as error:
        make(reward)
    assert "\n" not in str(error.value)


def test_the_language_model_reward_compares_judge_and_generator_token_by_token():
    judges = [Generator(5, 2, 3, stddev=0.5, seed=seed) for seed in (1, 2)]
    generator, tokens = Generator(5, 2, 3, stddev=0.5, seed=3), np.array([[1, 4, 2], [0, 3, 3]], np.int32)
    models = LanguageModelDiscriminator(judges, generator, sharpness=1.5)
    found = REWARDS["language_model"](models, None)(tf.constant(tokens)).numpy()
    of_judges = [reference.log_softmax(reference.lstm_logits(judge.get_weights(), tokens)) for judge in judges]
    of_generator = reference.log_softmax(reference.lstm_logits(generator.get_weights(), tokens))
    mean = np.log(np.mean(np.exp(of_judges), 0))
    np.testing.assert_allclose(found, mean - of_generator / 1.5, rtol=1e-4, atol=1e-5)
    expected = np.take_along_axis(mean - of_generator, tokens[..., None], -1).sum((1, 2))
    np.testing.assert_allclose(models.logit(tokens), expected, rtol=1e-4, atol=1e-5)
    generator.sharpen(2.0)  # the reward looks at the generator as it is now
    of_generator = reference.log_softmax(reference.lstm_logits(generator.get_weights(), tokens))
    found = REWARDS["language_model"](models, None)(tf.constant(tokens)).numpy()
    np.testing.assert_allclose(found, mean - of_generator / 1.5, rtol=1e-4, atol=1e-5)


def softmax_of_real(discriminator, tokens):
    logits = reference.discriminator_logits(discriminator, tokens)
    return np.exp(reference.log_softmax(logits))[:, 1]


def test_log_discriminator_and_maligan_are_functions_of_the_probability():
    discriminator = Discriminator(9, 4, (1, 2), (5, 5), dropout=0.9, seed=1)
    probability = softmax_of_real(discriminator, TOKENS)
    found = REWARDS["log_discriminator"](discriminator, None)(tf.constant(TOKENS))
    np.testing.assert_allclose(found, np.log(probability), rtol=1e-4)
    found = REWARDS["maligan"](discriminator, None)(tf.constant(TOKENS))
    np.testing.assert_allclose(found, probability / (1 - probability), rtol=1e-4)


def test_rankgan_is_the_mean_softmax_of_cosines_of_features():
    discriminator = Discriminator(9, 4, (1, 2), (5, 5), seed=1)
    train = np.random.default_rng(0).integers(0, 9, [40, 5]).astype(np.int32)
    features = discriminator.features(np.concatenate([train[:32], TOKENS])).numpy().astype(np.float64)
    directions = features / np.linalg.norm(features, axis=1, keepdims=True)
    expected = []
    for own in directions[32:]:
        chances = []
        for reference_ in directions[:16]:
            against = [np.exp(other @ reference_) for other in directions[16:32]]
            chances.append(np.exp(own @ reference_) / (np.exp(own @ reference_) + sum(against)))
        expected.append(np.mean(chances))
    found = REWARDS["rankgan"](discriminator, types.SimpleNamespace(train=train))(tf.constant(TOKENS))
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert np.ptp(found) > 1e-4


@pytest.mark.parametrize("end_token", [2, None])
def test_scratchgan_discounts_the_rewards_up_to_the_end(end_token):
    discriminator = TokenDiscriminator(9, 4, 5, dropout=0.9, seed=1)
    probability = discriminator.prefix_probability(TOKENS).numpy()
    lengths = [4, 5, 3] if end_token else [5, 5, 5]
    expected = np.zeros([3, 5])
    for row, length in enumerate(lengths):
        for t in range(length):
            expected[row, t] = sum(0.23 ** (s - t) * (2 * probability[row, s] - 1) for s in range(t, length))
    task = types.SimpleNamespace(vocabulary=types.SimpleNamespace(end_token=end_token))
    found = REWARDS["scratchgan"](discriminator, task)(tf.constant(TOKENS))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_stepgan_values_a_token_with_the_probability_of_its_prefix():
    discriminator = TokenDiscriminator(9, 4, 5, dropout=0.9, seed=1)
    found = REWARDS["stepgan"](discriminator, None)(tf.constant(TOKENS)).numpy()
    for t in range(1, 6):
        np.testing.assert_allclose(found[:, t - 1], discriminator.probability(TOKENS[:, :t]), rtol=1e-5)


def test_cot_is_the_log_ratio_of_mediator_and_generator():
    mediator, generator = (Generator(5, 2, 3, stddev=0.5, seed=seed) for seed in (1, 2))
    tokens = np.array([[1, 4, 2], [0, 3, 3]], np.int32)
    found = REWARDS["cot"](of_mediator(mediator, generator), None)(tf.constant(tokens))
    of_both = [reference.log_softmax(reference.lstm_logits(g.get_weights(), tokens)) for g in (mediator, generator)]
    np.testing.assert_allclose(found, of_both[0] - of_both[1], rtol=1e-4, atol=1e-5)
