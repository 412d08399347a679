import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from seqgan_tf.config import PRESETS
from seqgan_tf.records import Records, read_metrics

CONFIG = PRESETS["smoke"]


def test_a_record_goes_to_every_place(tmp_path):
    records = Records(tmp_path / "run", CONFIG)
    record = {"phase": "adversarial", "iteration": 2, "nll_oracle": 3.5, "reward_by_position": [0.25, 0.5]}
    action_values = np.array([[0.0, 0.4], [0.5, 0.6]])
    samples = {".txt": b"1 2\n3 4\n", "-01.mid": b"MThd"}
    records.add(record, step=7, samples=samples, action_values=action_values)
    assert read_metrics(tmp_path / "run") == [record]
    assert (tmp_path / "run/samples/adversarial-00002.txt").read_text() == "1 2\n3 4\n"
    assert (tmp_path / "run/samples/adversarial-00002-01.mid").read_bytes() == b"MThd"
    events = EventAccumulator(str(tmp_path / "run/tensorboard"), {"tensors": 0}).Reload()
    assert {"nll_oracle", "samples", "reward_by_position/01", "reward_by_position/02"} <= set(
        events.Tags()["tensors"]
    )
    (scalar,) = events.Tensors("nll_oracle")
    assert scalar.step == 7 and tf.make_ndarray(scalar.tensor_proto) == 3.5
    (histogram,) = events.Tensors("reward_by_position/02")
    buckets = tf.make_ndarray(histogram.tensor_proto)  # left edge, right edge, count
    assert buckets[0, 0] == pytest.approx(0.4) and buckets[-1, 1] == pytest.approx(0.6)
    assert buckets[:, 2].sum() == 2
    (text,) = events.Tensors("samples")
    assert tf.make_ndarray(text.tensor_proto).item() == b"1 2\n\n3 4\n\n"
    content = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    assert b"num_rollouts" in content


def test_config_and_environment_are_written(tmp_path):
    Records(tmp_path / "run", CONFIG)
    config = json.loads((tmp_path / "run/config.json").read_text())
    assert type(CONFIG)(**{k: tuple(v) if isinstance(v, list) else v for k, v in config.items()}) == CONFIG
    environment = json.loads((tmp_path / "run/environment.json").read_text())
    assert {"python", "tensorflow", "keras", "numpy", "cores"} <= set(environment)


def test_a_folder_of_other_things_is_refused_untouched(tmp_path):
    (tmp_path / "thesis.txt").write_text("dear")
    with pytest.raises(ValueError, match="allowed is a run folder, a new or an empty folder"):
        Records(tmp_path, CONFIG)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_two_processes_cannot_write_one_folder(tmp_path):
    first = Records(tmp_path / "run", CONFIG)
    with pytest.raises(ValueError, match="another process is training now"):
        Records(tmp_path / "run", CONFIG)
    first.close()
    Records(tmp_path / "run", CONFIG)


def test_what_a_kill_leaves_behind_does_not_bar_the_folder(tmp_path):
    for name in ("lock", "config.json.new"):
        (tmp_path / name).touch()
    Records(tmp_path, CONFIG)


def test_a_setting_that_changes_no_number_may_differ(tmp_path):
    Records(tmp_path / "run", CONFIG).close()
    Records(tmp_path / "run", dataclasses.replace(CONFIG, checkpoint_seconds=5.0))


def test_a_damaged_config_is_refused_by_name(tmp_path):
    Records(tmp_path / "run", CONFIG)
    (tmp_path / "run/config.json").write_text('{"seed"')
    with pytest.raises(ValueError, match="config.json is damaged"):
        Records(tmp_path / "run", CONFIG)
