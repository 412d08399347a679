import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from seqgan_tf.config import PRESETS
from seqgan_tf.metrics.catalogue import tag
from seqgan_tf.runs.history import read_metrics
from seqgan_tf.runs.records import Records

CONFIG = PRESETS["smoke"]


def test_a_record_goes_to_every_place(tmp_path):
    records = Records(tmp_path / "run", CONFIG)
    record = {"phase": "adversarial", "iteration": 2, "nll_oracle": 3.5, "reward_by_position": [0.25, 0.5]}
    action_values = np.array([[0.0, 0.4], [0.5, 0.6]])
    samples = {".txt": b"1 2\n3 4\n", "-01.mid": b"MThd"}
    pixels = np.full([4, 6, 3], 200, np.uint8)
    records.add(record, 7, samples, action_values, images={"discriminator/roc": pixels})
    assert read_metrics(tmp_path / "run") == [record]
    assert (tmp_path / "run/samples/adversarial-00002.txt").read_text() == "1 2\n3 4\n"
    assert (tmp_path / "run/samples/adversarial-00002-01.mid").read_bytes() == b"MThd"
    events = EventAccumulator(str(tmp_path / "run/tensorboard"), {"tensors": 0}).Reload()
    assert set(events.Tags()["tensors"]) == {
        *("nll/nll_oracle", "samples", "reward_by_position/01", "reward_by_position/02", "discriminator/roc"),
        *("_hparams_/experiment", "_hparams_/session_start_info"),
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
    assert (width, height) == (b"6", b"4")
    np.testing.assert_array_equal(tf.io.decode_png(png), pixels)
    content = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    assert b"num_rollouts" in content


@pytest.mark.parametrize(
    ("name", "shown", "word"),
    [
        ("nll_oracle", "nll/nll_oracle", "nats per token; lower is better"),
        ("nll_train", "training/nll_train", "nats per token"),
        ("d_auc_heldout", "discriminator/auc_heldout", "real sequence"),
        ("d_accuracy_train", "discriminator/accuracy_train", "0.5 is chance"),
        ("d_accuracy", "training/d_accuracy", "dropout on"),
        ("bleu_2", "bleu/bleu_2", "test split"),
        ("bleu_valid_2", "bleu/bleu_valid_2", "validation split"),
        (
            "bleu_first500_5_real",
            "real data/bleu_first500_5",
            "With real data in the place of generated sequences: BLEU",
        ),
        ("nll_oracle_random", "random tokens/nll_oracle", "With uniform random tokens"),
        ("self_bleu_first500_3", "self_bleu/self_bleu_first500_3", "lower is more varied"),
        ("pitch_mse_real", "real data/pitch_mse", "squared semitones"),
        ("a_new_one", "other/a_new_one", "iterations"),
    ],
)
def test_tags_say_group_and_unit(name, shown, word):
    found, description = tag(name)
    assert found == shown and word in description


def test_some_steps_of_a_phase_are_profiled_and_all_are_passed_on(tmp_path):
    records = Records(tmp_path / "run", dataclasses.replace(CONFIG, profile=True))
    folder = tmp_path / "run/tensorboard/plugins/profile"
    seen = []
    for step in records.profiled("mle", iter(range(9))):
        seen.append((step, (folder / "mle").exists()))
    assert [step for step, _ in seen] == list(range(9))
    assert [step for step, written in seen if written] == [6, 7, 8]  # those after the first and five more
    for _ in range(3):  # a loop that is too short is profiled the second time
        assert list(records.profiled("policy_gradient", iter([7]))) == [7]
    assert {path.name for path in folder.iterdir()} == {"mle", "policy_gradient"}
    assert all(list(path.glob("*.xplane.pb")) for path in folder.iterdir())


def test_a_profile_that_is_stopped_ends_and_can_be_made_again(tmp_path):
    def stopped():
        yield from (0, 1)
        raise KeyboardInterrupt

    for _ in range(2):
        records = Records(tmp_path / "run", dataclasses.replace(CONFIG, profile=True))
        with pytest.raises(KeyboardInterrupt):
            list(records.profiled("mle", stopped()))
        assert [path.name for path in (tmp_path / "run/tensorboard/plugins/profile").iterdir()] == ["mle"]
        records.close()
    assert list(records.profiled("mle", iter([2]))) == [2]


def test_a_run_from_before_a_setting_that_changes_no_number_goes_on(tmp_path):
    Records(tmp_path / "run", CONFIG).close()
    path = tmp_path / "run/config.json"
    config = json.loads(path.read_text())
    del config["profile"]
    path.write_text(json.dumps(config))
    Records(tmp_path / "run", dataclasses.replace(CONFIG, profile=True))


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
