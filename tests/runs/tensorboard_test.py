"""The event file of a run; tensorboard_http_test.py asks TensorBoard itself."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from seqgan_tf.config import PRESETS
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.runs.tensorboard import Board, roc_picture

CONFIG = PRESETS["smoke"]
PROFILED = dataclasses.replace(CONFIG, profile=True)


def test_a_record_is_shown_with_its_samples_rewards_and_curves(tmp_path):
    board = Board(RunFolder(tmp_path / "run"), CONFIG)
    record = {"phase": "adversarial", "iteration": 2, "step": 7, "nll_oracle": 3.5, "reward_by_position": [0.25, 0.5]}
    action_values = np.array([[0.0, 0.4], [0.5, 0.6]])
    scores = {"train": np.array([0.9, 0.8]), "heldout": np.array([0.5]), "generated": np.array([0.1, 0.6])}
    board.add(record, "1 2\n3 4\n", action_values, scores)
    events = EventAccumulator(str(tmp_path / "run/tensorboard"), {"tensors": 0}).Reload()
    assert set(events.Tags()["tensors"]) == {
        "nll/nll_oracle",
        "samples",
        "reward_by_position/01",
        "reward_by_position/02",
        "discriminator/roc",
        "_hparams_/experiment",
        "_hparams_/session_start_info",
    }
    (scalar,) = events.Tensors("nll/nll_oracle")
    assert scalar.step == 7 and tf.make_ndarray(scalar.tensor_proto) == 3.5
    (histogram,) = events.Tensors("reward_by_position/02")
    buckets = tf.make_ndarray(histogram.tensor_proto)  # left edge, right edge, count
    assert buckets[0, 0] == pytest.approx(0.4) and buckets[-1, 1] == pytest.approx(0.6)
    assert buckets[:, 2].sum() == 2
    (text,) = events.Tensors("samples")
    assert tf.make_ndarray(text.tensor_proto).item() == b"    1 2\n    3 4\n"
    (image,) = events.Tensors("discriminator/roc")
    width, height, png = tf.make_ndarray(image.tensor_proto)
    assert (width, height) == (b"400", b"460")
    np.testing.assert_array_equal(tf.io.decode_png(png), roc_picture(scores))
    content = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    assert b"num_rollouts" in content


def test_some_steps_of_a_phase_are_profiled_and_all_are_passed_on(tmp_path):
    board = Board(RunFolder(tmp_path / "run"), PROFILED)
    folder = tmp_path / "run/tensorboard/plugins/profile"
    seen = []
    for step in board.profiled("mle", iter(range(9))):
        seen.append((step, (folder / "mle").exists()))
    assert [step for step, _ in seen] == list(range(9))
    assert [step for step, written in seen if written] == [6, 7, 8]  # those after the first and five more
    for _ in range(3):  # a loop that is too short is profiled the second time
        assert list(board.profiled("policy_gradient", iter([7]))) == [7]
    assert {path.name for path in folder.iterdir()} == {"mle", "policy_gradient"}
    assert all(list(path.glob("*.xplane.pb")) for path in folder.iterdir())


def test_a_profile_that_is_stopped_ends_and_can_be_made_again(tmp_path):
    def stopped():
        yield from (0, 1)
        raise KeyboardInterrupt

    for _ in range(2):
        board = Board(RunFolder(tmp_path / "run"), PROFILED)
        with pytest.raises(KeyboardInterrupt):
            list(board.profiled("mle", stopped()))
        assert [path.name for path in (tmp_path / "run/tensorboard/plugins/profile").iterdir()] == ["mle"]
        board.close()
    assert list(board.profiled("mle", iter([2]))) == [2]


def columns(pixels, colour):
    """Where a picture has a colour: the columns of its pixels, and their rows, from below."""
    rows, found = np.nonzero((pixels == colour).all(-1))
    return found, len(pixels) - rows


def test_the_picture_of_the_roc_shows_both_curves_where_they_are():
    draw = np.random.default_rng(0)
    scores = {"train": draw.random(400) + 1, "heldout": draw.random(400), "generated": draw.random(400)}
    pixels = roc_picture(scores)
    assert pixels.shape == (460, 400, 3) and pixels.dtype == np.uint8
    x, y = columns(pixels, (204, 121, 167))  # of the training data: all real sequences above all generated ones
    above = y > 130  # the legend is below
    left, top = x[above].min(), y[above].max()
    assert np.mean((x[above] < left + 5) | (y[above] > top - 5)) > 0.99
    x, y = columns(pixels, (0, 0, 0))  # of held-out data: about the diagonal, and the frame and letters
    inside = (x > left + 20) & (x < 390) & (y > 160) & (y < top - 10)
    slope = (y[inside] - y[inside].min()) / np.ptp(y[inside]) - (x[inside] - x[inside].min()) / np.ptp(x[inside])
    assert inside.sum() > 100 and np.abs(slope).max() < 0.2
