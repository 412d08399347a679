import dataclasses

import pytest
from command import seqgan

from seqgan_tf.config import PRESETS
from seqgan_tf.studies.benchmark import preset_seconds


def test_replicas_are_compared_with_one(tmp_path):
    process = seqgan(tmp_path, "benchmark", "--preset=smoke", "--strategy=mirrored", "--cpu_devices=2")
    assert process.returncode == 0, process.stderr
    size, _, heads, _, *rows = process.stdout.splitlines()
    assert size == "Sizes: V=50, T=6, batch 8, N=4; 1 process"
    assert heads.split() == ["per", "second", "1", "replica", "2", "replicas", "ratio"] and len(rows) == 4
    for row in rows:
        one, two, ratio = map(float, row.split()[-3:])
        assert one > 0 and two > 0 and ratio == pytest.approx(two / one, abs=0.02)


def test_expected_time_counted_by_hand():
    seconds = {"sample": 100.0, "mle": 3.0, "discriminator": 5.0, "generator": 7.0}  # 0.01 a sequence
    c = dataclasses.replace(
        PRESETS["smoke"],
        **{"train_size": 60, "eval_samples": 30, "mle_epochs": 4, "mle_eval_every": 2, "eval_every": 3},
        **{"d_rounds": 2, "d_epochs": 3, "iterations": 6, "d_steps": 5, "g_steps": 2},
    )
    training = 4 * 3.0 + 6 * 2 * 7.0 + (2 + 6 * 5) * (3 * 5.0 + 60 * 0.01)
    evaluation = 30 * 0.01 + 30 / 60 * 3.0 + 30 / 60 * 5.0 / 2
    assert preset_seconds(c, seconds) == pytest.approx(training + (2 + 2 + 2) * evaluation)
