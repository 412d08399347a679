import pytest
import tensorflow as tf

from seqgan_tf.config import PRESETS
from seqgan_tf.runs import position as position_module
from seqgan_tf.runs.checkpoints import Diverged
from seqgan_tf.runs.position import Position, where


class StopHereError(Exception):
    pass


def run(position, done):
    """Two nested phases like the trainer's; notes each innermost body that was done."""
    for epoch in position.loop("mle_epoch", 2):
        for batch in position.loop("batch", 3):
            done.append(("mle", epoch, batch))
    for iteration in position.loop("iteration", 2):
        for step in position.loop("g_step", 2):
            done.append(("g", iteration, step))
        for step in position.loop("d_step", 2):
            for batch in position.loop("batch", 2):
                done.append(("d", iteration, step, batch))
        done.append(("end", iteration))


def test_loops_are_ordinary_loops():
    done = []
    run(Position(lambda: None), done)
    expected = [("mle", epoch, batch) for epoch in range(2) for batch in range(3)]
    for i in range(2):
        expected += [("g", i, 0), ("g", i, 1)]
        expected += [("d", i, step, batch) for step in range(2) for batch in range(2)]
        expected += [("end", i)]
    assert done == expected


def test_stopped_at_any_advance_and_restored_they_do_everything_once(tmp_path):
    whole = []
    advances = []
    run(Position(lambda: advances.append(None)), whole)
    for stop in range(1, len(advances) + 1):
        done, count = [], []

        def stop_here(stop=stop, count=count):
            count.append(None)
            if len(count) == stop:
                raise StopHereError

        position = Position(stop_here)
        try:
            run(position, done)
        except StopHereError:
            path = tf.train.Checkpoint(position=position).write(str(tmp_path / "checkpoint"))
        resumed = Position(lambda: None)
        tf.train.Checkpoint(position=resumed).read(path).assert_consumed()
        run(resumed, done)
        assert done == whole


def test_a_body_left_by_an_exception_is_not_counted():
    position = Position(lambda: None)
    try:
        for index in position.loop("d_round", 5):
            if index == 2:
                raise StopHereError
    except StopHereError:
        pass
    assert position["d_round"] == 2


def test_a_checkpoint_from_before_there_was_a_loop_is_restored(tmp_path, monkeypatch):
    older = tuple(loop for loop in position_module.LOOPS if loop != "g_step")
    with monkeypatch.context() as patch:
        patch.setattr(position_module, "LOOPS", older)
        position = Position(lambda: None)
        position.skip("mle_epoch", 4)
        position.skip("iteration", 2)
        position.skip("d_step", 3)
        position.count({"d_loss": 0.5})
        position.num_records, position.seconds = 7, 2.5
        path = tf.train.Checkpoint(position=position).write(str(tmp_path / "checkpoint"))
    restored = Position(lambda: None)
    tf.train.Checkpoint(position=restored).read(path).assert_consumed()
    counters = {loop: restored[loop] for loop in position_module.LOOPS}
    assert counters == {"mle_epoch": 4, "d_round": 0, "iteration": 2, "g_step": 0, "d_step": 3, "batch": 0}
    assert (restored.num_records, restored.seconds) == (7, 2.5) and restored.take_means() == {"d_loss": 0.5}


def test_running_means_begin_anew_when_they_are_taken():
    position = Position(lambda: None)
    for loss in (1.0, 2.0):
        position.count({"d_loss": loss, "d_accuracy": 0.5})
    position.count({"pg_loss": tf.constant(3.0)})
    assert position.take_means() == {"d_loss": 1.5, "d_accuracy": 0.5, "pg_loss": 3.0}
    assert position.take_means() == {}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_divergence(value):
    with pytest.raises(Diverged, match="d_loss became (nan|inf)"):
        Position(lambda: None).count({"d_loss": value})


def test_the_moving_mean_is_not_biased_to_its_beginning(tmp_path):
    position = Position(lambda: None)
    assert position.moving_mean() == 0.0
    position.move_mean(0.5)
    assert position.moving_mean() == pytest.approx(0.5)
    position.move_mean(1.0)  # (0.9 * 0.5 + 1.0) / 1.9
    assert position.moving_mean() == pytest.approx(1.45 / 1.9)
    path = tf.train.Checkpoint(position=position).write(str(tmp_path / "checkpoint"))
    restored = Position(lambda: None)
    tf.train.Checkpoint(position=restored).read(path).assert_consumed()
    assert restored.moving_mean() == position.moving_mean()


def test_where_training_stands_in_words():
    position, config = Position(lambda: None), PRESETS["smoke"]
    assert where(position, config) == "in its first epoch"
    position.skip("mle_epoch", 3)
    assert where(position, config) == "after epoch 3/4 of the mle phase"
    position.skip("iteration", 1)
    assert where(position, config) == "after iteration 1/3 of the adversarial phase"
