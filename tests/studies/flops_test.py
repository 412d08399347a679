import dataclasses

import pytest

from seqgan_tf.config import PRESETS
from seqgan_tf.studies.flops import discriminator_flop, generator_flop, same_compute, training, work

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


def test_a_gru_has_three_gates_and_a_cell_of_the_user_counts_as_an_lstm():
    assert generator_flop(dataclasses.replace(TINY, g_cell="gru")) == 2 * (3 * 5 * 3 + 3 * 7)
    assert generator_flop(dataclasses.replace(TINY, g_cell="my_cells:Mine")) == generator_flop(TINY)


def test_without_a_discriminator_it_costs_nothing():
    c = dataclasses.replace(TINY, uses_discriminator=False)
    assert discriminator_flop(c) == work(c)["discriminator"] == 0


def test_maximum_likelihood_goes_on_for_the_compute_of_adversarial_training():
    config = dataclasses.replace(PRESETS["smoke"], iterations=5, g_steps=2, d_rounds=3, d_steps=4, d_epochs=6)
    flop = work(config)
    # 5 x 2 generator steps; 3 rounds and 5 x 4 more, of 6 epochs each.
    after = 10 * flop["generator"] + 23 * 6 * flop["discriminator"]
    assert same_compute(config) == round(after / flop["mle"]) > 100
    done = {"mle": 4, "discriminator": 3, "adversarial": 5}
    assert training(config, done, flop) == pytest.approx(4 * flop["mle"] + after)
    assert training(config, {"mle": 2}, flop) == 2 * flop["mle"]
