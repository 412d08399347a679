import dataclasses

import pytest
from command import seqgan

from seqgan_tf.config import PRESETS
from seqgan_tf.studies.benchmark import discriminator_flop, generator_flop, preset_seconds, work

TINY = dataclasses.replace(
    PRESETS["smoke"],
    vocab_size=7,
    g_embedding_dim=2,
    g_hidden_dim=3,
    max_length=4,
    d_embedding_dim=2,
    d_filter_widths=(1, 3),
    d_filter_counts=(5, 6),
)


def test_replicas_are_compared_with_one(tmp_path):
    process = seqgan(tmp_path, "benchmark", "--preset=smoke", "--strategy=mirrored", "--cpu_devices=2")
    assert process.returncode == 0, process.stderr
    size, _, heads, *rows = process.stdout.splitlines()
    assert size == "Sizes: V=50, T=6, batch 8, N=4; 1 process"
    assert heads.split() == ["a", "second", "1", "replica", "2", "replicas", "ratio"] and len(rows) == 4
    for row in rows:
        one, two, ratio = map(float, row.split()[-3:])
        assert one > 0 and two > 0 and ratio == pytest.approx(two / one, abs=0.02)


def test_flop_counted_by_hand():
    # LSTM: four gates of [2 + 3] x 3; output layer 3 x 7.
    assert generator_flop(TINY) == 2 * (4 * 5 * 3 + 3 * 7)
    # 4 windows of 1 x 2 with 5 filters, 2 windows of 3 x 2 with 6; two highway products 11 x 11; output 11 x 2.
    assert discriminator_flop(TINY) == 2 * (4 * 2 * 5 + 2 * 6 * 6 + 2 * 121 + 22)


def test_work_of_a_generator_step_is_counted_row_by_row():
    c = dataclasses.replace(TINY, batch_size=2, num_rollouts=3)
    # Each of 2 x 3 roll-outs from prefixes of length 1, 2, 3 draws 3, 2, 1 tokens; D sees each, and Y itself.
    tokens = 2 * 3 * (3 + 2 + 1)
    sequences = 2 * 3 * 3 + 2
    # Y is sampled once (2 x 4 tokens), and its gradient costs three times a forward pass.
    expected = (tokens + 4 * 2 * 4) * generator_flop(c) + sequences * discriminator_flop(c)
    assert work(c)["generator"] == expected


def test_work_at_the_papers_sizes_is_what_others_count():
    giga = {name: flop / 1e9 for name, flop in work(PRESETS["paper"]).items()}
    assert giga["sample"] == pytest.approx(66, rel=0.05)
    assert giga["mle"] == pytest.approx(190, rel=0.07)
    assert giga["discriminator"] == pytest.approx(1600, rel=0.03)
    assert giga["generator"] == pytest.approx(590, rel=0.03)


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
