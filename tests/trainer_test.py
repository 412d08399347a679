import contextlib
import dataclasses
import json
import signal

import numpy as np
import pytest
import tensorflow as tf
from command import here

from seqgan_tf.config import PRESETS
from seqgan_tf.metrics.catalogue import tag
from seqgan_tf.models import LanguageModelDiscriminator, TokenDiscriminator
from seqgan_tf.objectives import OBJECTIVES, ppo, reinforce_moving_baseline
from seqgan_tf.rewards import REWARDS
from seqgan_tf.runs.checkpoints import Diverged, Stopped
from seqgan_tf.runs.counters import LOOPS, where
from seqgan_tf.runs.loaded import LoadedRun
from seqgan_tf.trainer import Trainer

pytestmark = pytest.mark.slow
TINY = dataclasses.replace(
    PRESETS["smoke"],
    train_size=24,
    eval_samples=16,
    heldout_size=16,
    mle_epochs=2,
    d_rounds=1,
    iterations=2,
    g_steps=2,
)


def records(run):
    """metrics.jsonl without the time that it took."""
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key != "wall_seconds"} for line in lines]


def stop_after(trainer, advances):
    """Raises SIGTERM in the process when training has advanced so often."""
    counters, count = trainer.session.counters, []
    on_advance = counters._on_advance

    def counted():
        count.append(None)
        if len(count) == advances:
            signal.raise_signal(signal.SIGTERM)
        on_advance()

    counters._on_advance = counted


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run from beginning to end."""
    run = tmp_path_factory.mktemp("runs") / "whole"
    trainer = Trainer(TINY, run)
    trainer.train()
    return run, trainer.session.generator.get_weights()


def test_phases_and_figures_of_a_whole_run(whole):
    lines = records(whole[0])
    assert [(line["phase"], line["iteration"]) for line in lines] == [
        ("mle", 0),
        ("mle", 2),
        ("discriminator", 1),
        ("adversarial", 1),
        ("adversarial", 2),
    ]
    yardsticks = {"nll_oracle_real", "nll_oracle_random"}
    nll = {"nll_oracle", "nll_test", "nll_valid", "entropy"} | yardsticks
    d = {"d_loss", "d_accuracy", "d_auc_train", "d_auc_heldout", "d_accuracy_train", "d_accuracy_heldout"}
    g = {"pg_loss", "mean_reward", "reward_by_position"}
    where = {"phase", "iteration", "step"}
    assert [set(line) for line in lines] == [
        where | nll,
        where | nll | {"nll_train"},
        where | d,
        where | nll | d | g,
        where | nll | d | g,
    ]
    assert len(lines[-1]["reward_by_position"]) == TINY.max_length
    assert all_in_named_groups(lines)


def all_in_named_groups(lines):
    """Whether TensorBoard's name of each figure has a group of its own kind."""
    names = {name for line in lines for name, value in line.items() if isinstance(value, float)}
    return names and not any(tag(name)[0].startswith("other/") for name in names)


@pytest.mark.parametrize(("setting", "tolerance"), [("mixed_precision", 0.02), ("jit", 1e-5)])
def test_mixed_precision_and_xla_change_likelihoods_little(whole, tmp_path, setting, tolerance):
    Trainer(dataclasses.replace(TINY, **{setting: True}), tmp_path / "run").train()
    found, expected = records(tmp_path / "run"), records(whole[0])
    assert setting == "jit" or found != expected
    for line, other in zip(found, expected, strict=True):
        for name in {"nll_test", "nll_train", "entropy", "mean_reward"} & line.keys():
            assert line[name] == pytest.approx(other[name], abs=tolerance)


EARLY = {"mle_epochs": 12, "mle_eval_every": 1, "mle_learning_rate": 0.5, "iterations": 1, "g_steps": 1}


def test_early_stopping_takes_the_generator_of_the_lowest_nll_valid_also_after_stops(tmp_path, capsys):
    config = dataclasses.replace(TINY, **EARLY, mle_patience=2)
    started, before = [], 0

    def resumed():
        trainer = Trainer(config, tmp_path / "run")
        policy_gradient = trainer.policy_gradient
        trainer.policy_gradient = lambda step: (
            started.append(trainer.session.generator.get_weights()) or policy_gradient(step)
        )
        return trainer

    for advances in (8, 22, 40):  # in MLE, in pre-training D, behind it
        trainer = resumed()
        stop_after(trainer, advances - before)
        with contextlib.suppress(Stopped):  # the last of them comes after the end
            trainer.train()
        before = advances
    resumed().train()
    mle = [line for line in records(tmp_path / "run") if line["phase"] == "mle"]
    values = [line["nll_valid"] for line in mle]
    assert len(values) < 13 and min(values[:-2]) <= min(values[-2:])  # it stopped early, behind two that are no lower
    assert all(min(values[: i - 2]) > min(values[i - 2 : i]) for i in range(3, len(values)))  # and not later
    said, kept = capsys.readouterr().err, int(np.argmin(values))
    assert f"nll_valid {values[kept]:.3f}" in said
    assert f"early stopping: nll_valid was lowest at epoch {kept}, which is kept" in said
    best = LoadedRun(tmp_path / "run", str(mle[kept]["step"])).generator
    for weight, expected in zip(started[0], best.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)


def test_dropout_and_scheduled_sampling_can_be_stopped_and_continued(whole, tmp_path):
    config = dataclasses.replace(TINY, iterations=0, d_rounds=0, g_dropout=0.3, scheduled_sampling=0.4)
    Trainer(config, tmp_path / "whole").train()
    stopped = Trainer(config, tmp_path / "run")
    stop_after(stopped, 4)
    with pytest.raises(Stopped):
        stopped.train()
    Trainer(config, tmp_path / "run").train()
    assert records(tmp_path / "run") == records(tmp_path / "whole")
    assert records(whole[0])[1]["nll_train"] != records(tmp_path / "whole")[-1]["nll_train"]


def test_a_profile_is_written_and_changes_no_number(whole, tmp_path):
    Trainer(dataclasses.replace(TINY, profile=True), tmp_path / "run").train()
    assert records(tmp_path / "run") == records(whole[0])
    for phase in ("mle", "discriminator", "policy_gradient"):
        (profile,) = (tmp_path / "run/tensorboard/plugins/profile" / phase).glob("*.xplane.pb")
        assert b"train" in profile.read_bytes()  # the mark of a step
    assert not (whole[0] / "tensorboard/plugins").exists()


def test_stopped_or_killed_anywhere_and_continued_a_run_ends_with_the_same_numbers(whole, tmp_path):
    continued, before = Trainer(TINY, tmp_path / "run"), 0
    # MLE in mid-epoch; D's pre-training; between g-steps; in an iteration's second D-step; the last steps of all.
    for advances in (2, 13, 22, 44, 79):
        trainer = continued
        stop_after(trainer, advances - before)
        with pytest.raises(Stopped) as stop:
            trainer.train()
        assert stop.value.args[0] == signal.SIGTERM
        # As after kill -9: the metrics know more than the checkpoint, and the last line is cut off.
        with (tmp_path / "run" / "metrics.jsonl").open("a") as file:
            file.write('{"phase": "adversarial", "iteration": 1}\n{"phase": "adv')
        continued, before = Trainer(TINY, tmp_path / "run"), advances
        assert where(continued.session.counters, TINY) == where(trainer.session.counters, TINY)
        for loop in LOOPS:
            assert continued.session.counters[loop] == trainer.session.counters[loop]
    continued.train()
    assert records(tmp_path / "run") == records(whole[0])
    for weight, expected in zip(continued.session.generator.get_weights(), whole[1], strict=True):
        np.testing.assert_array_equal(weight, expected)


def test_the_previous_signal_handlers_come_back(whole):
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    Trainer(TINY, whole[0]).train()
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


def test_a_finished_run_is_not_trained_again(whole):
    before = (whole[0] / "metrics.jsonl").read_bytes()
    trainer = Trainer(TINY, whole[0])
    trainer.train()
    assert (whole[0] / "metrics.jsonl").read_bytes() == before
    np.testing.assert_array_equal(trainer.session.generator.get_weights()[0], whole[1][0])


def test_another_configuration_is_refused_naming_what_differs(whole):
    other = dataclasses.replace(TINY, seed=5, g_steps=3)
    with pytest.raises(ValueError, match=r"seed \(there 0, here 5\), g_steps \(there 2, here 3\)"):
        Trainer(other, whole[0])


def test_lost_metrics_are_noticed(tmp_path):
    config = dataclasses.replace(TINY, iterations=0, d_rounds=0)
    Trainer(config, tmp_path / "run").train()
    (tmp_path / "run" / "metrics.jsonl").write_text("")
    with pytest.raises(ValueError, match="must have 2 lines in metrics.jsonl to match its checkpoint, got 0"):
        Trainer(config, tmp_path / "run")


def test_a_loss_that_is_no_number_keeps_the_checkpoint_before(tmp_path):
    config = dataclasses.replace(TINY, mle_epochs=1, pg_learning_rate=1e38, checkpoint_seconds=0.0)
    trainer = Trainer(config, tmp_path / "run")
    with pytest.raises(Diverged):
        trainer.train()
    kept = Trainer(config, tmp_path / "run")
    assert kept.session.counters["mle_epoch"] == 1
    assert all(np.isfinite(weight).all() for weight in kept.session.generator.get_weights())


def test_roll_out_policy_follows_the_generator_or_its_moving_average(tmp_path):
    for decay in (0.0, 0.75):
        config = dataclasses.replace(TINY, rollout_decay=decay, iterations=1, mle_epochs=1, reward="constant")
        trainer = Trainer(config, tmp_path / str(decay))
        pretrained, update = [], trainer.update_rollout_policy

        def note(decay, trainer=trainer, pretrained=pretrained, update=update):
            update(decay)
            pretrained.append(trainer.session.rollout_policy.get_weights()[4])

        trainer.update_rollout_policy = note
        trainer.train()
        after_mle, last = pretrained[-2:]
        theta = trainer.session.generator.get_weights()[4]
        assert not np.array_equal(after_mle, theta)
        np.testing.assert_allclose(last, decay * after_mle + (1 - decay) * theta, rtol=1e-6)


def test_with_another_reward_no_discriminator_is_made_or_trained(tmp_path):
    config = dataclasses.replace(TINY, reward="constant")
    trainer = Trainer(config, tmp_path / "run")
    trainer.train()
    assert trainer.session.discriminator is None
    last = records(tmp_path / "run")[-1]
    assert last["reward_by_position"] == [1.0] * TINY.max_length
    assert not any(name.startswith("d_") for name in last)


def test_a_new_reward_may_use_the_discriminator(tmp_path, monkeypatch):
    def doubtful(discriminator, task):
        """1 - D(Y)."""
        return lambda tokens: 1.0 - REWARDS["discriminator"](discriminator, task)(tokens)

    monkeypatch.setitem(REWARDS, "doubtful", doubtful)
    config = dataclasses.replace(TINY, mle_epochs=0, iterations=1, reward="doubtful")
    trainer = Trainer(config, tmp_path / "run")
    trainer.train()
    assert trainer.session.discriminator and records(tmp_path / "run")[-1]["d_auc_heldout"] >= 0


def test_a_full_disk_is_said(tmp_path, monkeypatch):
    trainer = Trainer(TINY, tmp_path / "run")

    def full():
        raise tf.errors.ResourceExhaustedError(None, None, "No space left on device\nmore")

    monkeypatch.setattr(trainer.session.checkpoints._manager, "save", full)
    with pytest.raises(OSError, match="^No space left on device$"):
        trainer.train()


def test_the_oracle_file_must_fit_the_configuration(published_oracle_path, tmp_path):
    config = dataclasses.replace(TINY, oracle_file=published_oracle_path)
    with pytest.raises(ValueError, match="--vocab_size must be 5000 with --oracle_file=.*, got 50"):
        Trainer(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


BETWEEN = 9  # advances to a moment between two steps of G


def both(*, action_values, statistics, **tensors):
    """PPO, and REINFORCE with the moving baseline."""
    tensors |= {"action_values": action_values, "statistics": statistics}
    return ppo(**tensors) + reinforce_moving_baseline(**tensors)


def test_with_other_objectives_and_another_cell_a_run_can_be_stopped_and_continued(tmp_path, monkeypatch):
    monkeypatch.setitem(OBJECTIVES, "both", both)
    both.entropy = False
    config = dataclasses.replace(
        TINY, iterations=1, reward="random", objective="both", g_updates=3, g_cell="gru", mle_epochs=1
    )
    Trainer(config, tmp_path / "whole").train()
    stopped = Trainer(config, tmp_path / "run")
    stop_after(stopped, BETWEEN - 4)
    with pytest.raises(Stopped):
        stopped.train()
    Trainer(config, tmp_path / "run").train()
    assert records(tmp_path / "run") == records(tmp_path / "whole")


@pytest.mark.parametrize(
    ("reward", "kind"), [("scratchgan", TokenDiscriminator), ("cot", LanguageModelDiscriminator)]
)
def test_other_kinds_of_discriminators_can_be_stopped_evaluated_and_exported(tmp_path, reward, kind):
    config = dataclasses.replace(TINY, iterations=1, mle_epochs=1, d_embedding_dim=4, d_steps=1, reward=reward)
    Trainer(config, tmp_path / "whole").train()
    last = records(tmp_path / "whole")[-1]
    assert 0 < last["d_auc_heldout"] < 1 and np.isfinite(last["pg_loss"])
    assert ("mediator_nll" in last) == (reward == "cot") and ("d_loss" in last) == (reward != "cot")
    stopped = Trainer(config, tmp_path / "run")
    stop_after(stopped, BETWEEN - 2)  # in a discriminator round
    with pytest.raises(Stopped):
        stopped.train()
    Trainer(config, tmp_path / "run").train()
    assert records(tmp_path / "run") == records(tmp_path / "whole")
    loaded = LoadedRun(tmp_path / "run")
    assert type(loaded.discriminator) is kind
    assert here(tmp_path, "export", "--run=run").returncode == 0
    tokens = np.random.default_rng(0).integers(0, 50, [3, 6]).astype(np.int32)
    exported = tf.saved_model.load(tmp_path / "run/export/1").signatures["discriminate"](tokens=tf.constant(tokens))
    np.testing.assert_allclose(exported["probability"], loaded.discriminator.probability(tokens), rtol=1e-4)
    assert len(set(exported["probability"].numpy())) == 3


WORDS = {"tokens": "spaces", "max_length": 5, "mle_eval_every": 1}


def text_config(folder, **kwargs):
    """A configuration for a file of 90 lines with sentences of 1 to 5 words."""
    path = folder / "text"
    path.write_text("".join(" ".join(f"w{(i * j) % 7}" for j in range(1 + i % 5)) + "\n" for i in range(90)))
    return dataclasses.replace(TINY, train_file=str(path), **WORDS, **kwargs)


@pytest.fixture(scope="module")
def whole_text(tmp_path_factory):
    """The run folder of text_config from beginning to end."""
    folder = tmp_path_factory.mktemp("text")
    Trainer(text_config(folder), folder / "run").train()
    return folder / "run"


def test_text_is_trained_on_stopped_and_continued_like_an_oracle(whole_text, tmp_path):
    config = text_config(tmp_path)
    lines = records(whole_text)
    assert lines[-1]["phase"] == "adversarial" and "nll_oracle" not in lines[-1]
    assert {"nll_test", "nll_valid", "entropy", "bleu_2", "bleu_5", "self_bleu_4", "bleu_2_real"} <= set(lines[-1])
    assert all_in_named_groups(lines)
    assert len(lines[-1]["reward_by_position"]) == 5
    sample = (whole_text / "samples/adversarial-00002.txt").read_text()
    assert set(sample.split()) <= {f"w{i}" for i in range(7)} | {"<unk>"}
    stopped = Trainer(config, tmp_path / "run")
    stop_after(stopped, 20)
    with pytest.raises(Stopped):
        stopped.train()
    (tmp_path / "text").unlink()  # the run folder has all that is needed
    Trainer(config, tmp_path / "run").train()
    assert records(tmp_path / "run") == lines
    # A checkpoint alone says what its ids mean.
    latest = tf.train.load_checkpoint(tmp_path / "run" / "checkpoints")
    saved = latest.get_tensor("vocabulary/.ATTRIBUTES/VARIABLE_VALUE").decode()
    assert json.loads(saved) == json.loads((tmp_path / "run/corpus/vocabulary.json").read_text())
    assert set(json.loads(saved)["tokens"]) == {f"w{i}" for i in range(7)}


def test_temperature_changes_what_is_scored_and_nothing_else(whole_text, tmp_path):
    Trainer(text_config(tmp_path, temperature=0.05), tmp_path / "run").train()
    same = ("nll_train", "d_loss", "mean_reward", "reward_by_position", "d_auc_train", "d_auc_heldout")
    for plain, sharp in zip(records(whole_text), records(tmp_path / "run"), strict=True):
        assert [plain.get(name) for name in same] == [sharp.get(name) for name in same]
        assert "entropy" not in plain or sharp["entropy"] < plain["entropy"]


def test_bad_text_leaves_no_run_folder(tmp_path):
    for content, message in (
        (b"a b\n\xff\n", "must be UTF-8, got .*, line 2; "),
        (
            b"a b\nb c\nc d\n" * 3,
            "--batch_size must be between 1 and [1-7], .* got 8|must have lines of 1 to ",
        ),
    ):
        config = text_config(tmp_path)
        (tmp_path / "text").write_bytes(content)
        with pytest.raises(ValueError, match=message):
            Trainer(config, tmp_path / "a" / "run")
        assert [path.name for path in tmp_path.iterdir()] == ["text"]


def test_of_a_large_corpus_the_discriminator_sees_train_size_sequences_in_a_round(tmp_path):
    trainer = Trainer(text_config(tmp_path, train_size=16), tmp_path / "run")
    assert len(trainer.session.task.train) > 60 and trainer.session.d_size == 16
    seen = []
    trainer.session.count = seen.append
    with trainer.session.training():
        for _ in trainer.session.phase("discriminator"):
            trainer.discriminator_round("pre-training", 0)
    assert len(seen) == 2 * 4  # two epochs of 32 sequences in batches of 8
