import tensorflow as tf

from seqgan_tf.runs.position import Position


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
