import pytest
import tensorflow as tf

from seqgan_tf.config import PRESETS
from seqgan_tf.runs import counters as counters_module
from seqgan_tf.runs.checkpoints import Diverged
from seqgan_tf.runs.counters import LoopCounters, where


class StopHereError(Exception):
    pass


def run(counters, done):
    """Two nested phases like the trainer's; notes each innermost body that was done."""
    for epoch in counters.loop("mle_epoch", 2):
        for batch in counters.loop("batch", 3):
            done.append(("mle", epoch, batch))
    for iteration in counters.loop("iteration", 2):
        for step in counters.loop("g_step", 2):
            done.append(("g", iteration, step))
        for step in counters.loop("d_step", 2):
            for batch in counters.loop("batch", 2):
                done.append(("d", iteration, step, batch))
        done.append(("end", iteration))


def test_loops_are_ordinary_loops():
    done = []
    run(LoopCounters(lambda: None), done)
    expected = [("mle", epoch, batch) for epoch in range(2) for batch in range(3)]
    for i in range(2):
        expected += [("g", i, 0), ("g", i, 1)]
        expected += [("d", i, step, batch) for step in range(2) for batch in range(2)]
        expected += [("end", i)]
    assert done == expected


def test_stopped_at_any_advance_and_restored_they_do_everything_once(tmp_path):
    whole = []
    advances = []
    run(LoopCounters(lambda: advances.append(None)), whole)
    for stop in range(1, len(advances) + 1):
        done, count = [], []

        def stop_here(stop=stop, count=count):
            count.append(None)
            if len(count) == stop:
                raise StopHereError

        counters = LoopCounters(stop_here)
        try:
            run(counters, done)
        except StopHereError:
            path = tf.train.Checkpoint(counters=counters).write(str(tmp_path / "checkpoint"))
        resumed = LoopCounters(lambda: None)
        tf.train.Checkpoint(counters=resumed).read(path).assert_consumed()
        run(resumed, done)
        assert done == whole


def test_a_body_left_by_an_exception_is_not_counted():
    counters = LoopCounters(lambda: None)
    try:
        for index in counters.loop("d_round", 5):
            if index == 2:
                raise StopHereError
    except StopHereError:
        pass
    assert counters["d_round"] == 2


def test_a_checkpoint_from_before_there_was_a_loop_is_restored(tmp_path, monkeypatch):
    older = tuple(loop for loop in counters_module.LOOPS if loop != "g_step")
    with monkeypatch.context() as patch:
        patch.setattr(counters_module, "LOOPS", older)
        counters = LoopCounters(lambda: None)
        counters.skip("mle_epoch", 4)
        counters.skip("iteration", 2)
        counters.skip("d_step", 3)
        counters.count({"d_loss": 0.5})
        counters.num_records, counters.seconds = 7, 2.5
        path = tf.train.Checkpoint(counters=counters).write(str(tmp_path / "checkpoint"))
    restored = LoopCounters(lambda: None)
    tf.train.Checkpoint(counters=restored).read(path).assert_consumed()
    counters = {loop: restored[loop] for loop in counters_module.LOOPS}
    assert counters == {"mle_epoch": 4, "d_round": 0, "iteration": 2, "g_step": 0, "d_step": 3, "batch": 0}
    assert (restored.num_records, restored.seconds) == (7, 2.5) and restored.take_means() == {"d_loss": 0.5}


def test_running_means_begin_anew_when_they_are_taken():
    counters = LoopCounters(lambda: None)
    for loss in (1.0, 2.0):
        counters.count({"d_loss": loss, "d_accuracy": 0.5})
    counters.count({"pg_loss": tf.constant(3.0)})
    assert counters.take_means() == {"d_loss": 1.5, "d_accuracy": 0.5, "pg_loss": 3.0}
    assert counters.take_means() == {}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_divergence(value):
    with pytest.raises(Diverged, match="d_loss became (nan|inf)"):
        LoopCounters(lambda: None).count({"d_loss": value})


def test_the_moving_mean_is_not_biased_to_its_beginning(tmp_path):
    counters = LoopCounters(lambda: None)
    assert counters.moving_mean() == 0.0
    counters.move_mean(0.5)
    assert counters.moving_mean() == pytest.approx(0.5)
    counters.move_mean(1.0)  # (0.9 * 0.5 + 1.0) / 1.9
    assert counters.moving_mean() == pytest.approx(1.45 / 1.9)
    path = tf.train.Checkpoint(counters=counters).write(str(tmp_path / "checkpoint"))
    restored = LoopCounters(lambda: None)
    tf.train.Checkpoint(counters=restored).read(path).assert_consumed()
    assert restored.moving_mean() == counters.moving_mean()


def test_where_training_stands_in_words():
    counters, config = LoopCounters(lambda: None), PRESETS["smoke"]
    assert where(counters, config) == "in the first epoch"
    counters.skip("mle_epoch", 3)
    assert where(counters, config) == "after epoch 3/4 of the mle phase"
    counters.skip("iteration", 1)
    assert where(counters, config) == "after iteration 1/3 of the adversarial phase"
