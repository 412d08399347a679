"""Teachers and judges: what a run learns from them, the copies it keeps, and which runs are refused."""

import dataclasses
import shutil

import numpy as np
import pytest
import tensorflow as tf
from trainer_test import TINY, records, stop_after, text_config

from seqgan_tf.runs.checkpoints import Stopped
from seqgan_tf.runs.loaded import LoadedRun
from seqgan_tf.trainer import Trainer

pytestmark = pytest.mark.slow
TEACHER = dataclasses.replace(
    TINY, iterations=0, reward="constant", g_hidden_dim=12, g_dropout=0.3, g_variational=True, g_l2=2.0, mle_decay=0.5
)
PUPIL = dataclasses.replace(TINY, iterations=0, reward="constant", mle_average=0.9, mle_decay=0.34, g_l2=2.0)
JUDGED = dataclasses.replace(TINY, mle_epochs=1, reward="language_model", judge_sharpness=2.0)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A folder with the finished run teacher."""
    folder = tmp_path_factory.mktemp("others")
    Trainer(TEACHER, folder / "teacher").train()
    return folder


def stopped_and_resumed(config, run, other, flag, advances):
    """Trains a run that is stopped once, and after which the run it learns from is gone."""
    shutil.copytree(other, run.parent / "other")
    stopped = Trainer(dataclasses.replace(config, **{flag: str(run.parent / "other")}), run)
    stop_after(stopped, advances)
    with pytest.raises(Stopped):
        stopped.train()
    shutil.rmtree(run.parent / "other")
    trainer = Trainer(dataclasses.replace(config, **{flag: str(run.parent / "other")}), run)
    trainer.train()
    return trainer


def test_a_pupil_imitates_its_teacher_also_after_a_stop(runs, tmp_path):
    Trainer(dataclasses.replace(PUPIL, teacher=str(runs / "teacher")), tmp_path / "whole").train()
    trainer = stopped_and_resumed(PUPIL, tmp_path / "run", runs / "teacher", "teacher", 8)  # of 2 epochs of 6 steps
    assert records(tmp_path / "run") == records(tmp_path / "whole")
    (last,) = (line for line in records(tmp_path / "run") if line["iteration"])
    assert last["distillation_loss"] > 0 and "nll_train" not in last
    (copy,) = trainer.session.teachers
    assert not copy.trainable_variables
    for weight, expected in zip(copy.get_weights(), LoadedRun(runs / "teacher").generator.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)
    # What is kept at the end are averages of the weights.
    average = trainer.session.mle_optimizer._model_variables_moving_average
    for weight, expected in zip(trainer.session.generator.get_weights(), average, strict=True):
        np.testing.assert_array_equal(weight, expected.numpy())


def test_the_penalty_counts_the_tokens_of_the_training_data(runs, tmp_path):
    oracle = Trainer(PUPIL, tmp_path / "oracle").session.task
    assert oracle.num_train_tokens() == 24 * 6
    text = Trainer(dataclasses.replace(text_config(tmp_path), reward="constant"), tmp_path / "text-run").session.task
    assert text.num_train_tokens(block=7) == (text.train[:] != 0).sum()  # all but padding


def test_a_judged_generator_is_sharpened_once_and_comes_closer_to_its_judge(runs, tmp_path):
    config = dataclasses.replace(JUDGED, iterations=4, g_steps=10, pg_learning_rate=0.01)
    trainer = Trainer(dataclasses.replace(config, judge=str(runs / "teacher")), tmp_path / "whole")
    before, policy_gradient = [], trainer.policy_gradient
    trainer.policy_gradient = lambda step: (
        before.append(trainer.session.generator.get_weights()) or policy_gradient(step)
    )
    trainer.train()
    pretrained = LoadedRun(tmp_path / "whole", "1").generator.get_weights()
    for index, (weight, expected) in enumerate(zip(before[0], pretrained, strict=True)):
        np.testing.assert_array_equal(weight, expected * (2.0 if index > 3 else 1.0))  # the output layer
    stopped_and_resumed(config, tmp_path / "run", runs / "teacher", "judge", 8)
    assert records(tmp_path / "run") == records(tmp_path / "whole")
    lines = [line for line in records(tmp_path / "run") if line["phase"] == "adversarial"]
    assert len(lines) == 4

    def divergence(weights):  # of G from the sharpened judge
        trainer.session.generator.set_weights(weights)
        tokens = trainer.session.task.heldout
        judge = LoadedRun(runs / "teacher").generator
        judge.sharpen(2.0)
        of_generator, of_judge = (
            tf.nn.log_softmax(model(tokens)).numpy() for model in (trainer.session.generator, judge)
        )
        return (np.exp(of_generator) * (of_generator - of_judge)).sum(-1).mean()

    assert divergence(LoadedRun(tmp_path / "run").generator.get_weights()) < 0.9 * divergence(before[0])


def refused(config, run, message):
    with pytest.raises(ValueError, match=message) as error:
        Trainer(config, run)
    assert not run.exists() and "\n" not in str(error.value)


def test_what_a_run_cannot_learn_from_is_refused(runs, tmp_path):
    teacher, run = str(runs / "teacher"), tmp_path / "run"
    with_teacher = dataclasses.replace(PUPIL, teacher=teacher)
    refused(
        dataclasses.replace(PUPIL, teacher="nowhere"),
        run,
        "^--teacher must be a run folder, got nowhere, which does not exist; train it first",
    )
    refused(
        dataclasses.replace(PUPIL, teacher=str(run)), run, "^--teacher must be another run folder, got .*--run itself"
    )
    judged = dataclasses.replace(JUDGED, judge=f"{teacher},{run}")
    refused(judged, run, "^--judge must be another run folder, got .*run, which is --run itself")
    for settings, words in (
        ({"oracle_seed": 3}, r"oracle_seed \(there 0, here 3\)"),
        ({"vocab_size": 60}, r"vocab_size \(there 50, here 60\)"),
        ({"start_token": 1}, r"start_token \(there 0, here 1\)"),
    ):
        message = f"^--teacher must be a run on the same data, got .*teacher, which differs in {words}"
        refused(dataclasses.replace(with_teacher, **settings), run, message)
    text = dataclasses.replace(text_config(tmp_path), teacher=teacher)
    refused(text, run, "^--teacher must be a run on the same data, got .*teacher, which differs in ")
    shutil.copytree(runs / "teacher", tmp_path / "half")
    lines = (tmp_path / "half/metrics.jsonl").read_text().splitlines()
    (tmp_path / "half/metrics.jsonl").write_text(lines[0] + "\n")
    half = dataclasses.replace(PUPIL, teacher=str(tmp_path / "half"))
    refused(half, run, "^--teacher must be a finished run, got .*half, which is at mle 0/2")
    (model,) = (tmp_path / "half/models").glob("00002/generator.keras")
    model.write_bytes(model.read_bytes()[:100])
    (tmp_path / "half/metrics.jsonl").write_text("\n".join(lines) + "\n")
    refused(half, run, "^--teacher must be a run with intact models, got .*half .*is corrupt")


def test_a_judge_and_its_reward_go_together(runs, tmp_path):
    run, judge = tmp_path / "run", str(runs / "teacher")
    refused(JUDGED, run, "^--judge must be given with --reward=language_model, got --reward=language_model")
    refused(
        dataclasses.replace(TINY, judge=judge), run, "^--judge must be left out without a reward like --reward=lang"
    )
    refused(
        dataclasses.replace(JUDGED, judge=judge, objective="ppo"),
        run,
        "^--objective must be left out with --reward=language_model",
    )


def test_a_judge_that_has_seen_the_test_split_is_refused(runs, tmp_path):
    lines = [" ".join(f"w{(i * j) % 7}" for j in range(1 + i % 5)) for i in range(90)]
    unseen = ["w3 w2 w1 w0", "w6 w5 w4"]  # all others begin with w0
    for name, part in (("train", lines), ("test", unseen), ("all", lines + unseen)):
        (tmp_path / name).write_text("\n".join(part) + "\n")
    config = text_config(tmp_path)
    files = {"valid_file": str(tmp_path / "train"), "test_file": str(tmp_path / "test")}
    ours = dataclasses.replace(config, train_file=str(tmp_path / "train"), **files)
    theirs = dataclasses.replace(
        ours, train_file=str(tmp_path / "all"), iterations=0, reward="constant", mle_epochs=1
    )
    Trainer(theirs, tmp_path / "judge").train()
    ours = dataclasses.replace(ours, reward="language_model", judge=str(tmp_path / "judge"))
    message = (
        "^--judge must be a run that has not seen the test split, got .*judge, which was trained on 2 sequences of"
    )
    refused(ours, tmp_path / "run", message)
