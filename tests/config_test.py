import dataclasses

import pytest

from seqgan_tf.config import ABOUT, PRESETS, Config


def test_paper_preset_follows_the_authors_settings():
    paper = PRESETS["paper"]
    assert (paper.vocab_size, paper.sequence_length, paper.batch_size, paper.start_token) == (5000, 20, 64, 0)
    assert (paper.g_embedding_dim, paper.g_hidden_dim, paper.mle_epochs, paper.num_rollouts) == (32, 32, 120, 16)
    assert sum(paper.d_filter_counts) == 1720 and max(paper.d_filter_widths) == 20
    assert (paper.d_rounds, paper.d_epochs, paper.iterations, paper.g_steps, paper.d_steps) == (50, 3, 200, 1, 5)
    assert (paper.d_dropout, paper.d_l2, paper.d_learning_rate) == (0.25, 0.2, 1e-4)


def test_quick_has_the_papers_data_generator_and_roll_outs():
    quick, paper = PRESETS["quick"], PRESETS["paper"]
    same = ("vocab_size", "sequence_length", "batch_size", "train_size", "g_embedding_dim", "g_hidden_dim")
    same += ("oracle_embedding_dim", "oracle_hidden_dim", "num_rollouts", "mle_learning_rate", "pg_learning_rate")
    for name in same:
        assert getattr(quick, name) == getattr(paper, name), name


def test_every_setting_has_a_help_text_and_every_preset_is_explained():
    for field in dataclasses.fields(Config):
        assert field.metadata["help"].endswith("."), field.name
    assert list(ABOUT) == list(PRESETS)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_rollouts": 0}, "--num_rollouts is 0; allowed is 1 or more."),
        ({"batch_size": 0}, "--batch_size is 0; allowed is 1 or more."),
        ({"batch_size": 65, "train_size": 64}, "--batch_size is 65; allowed is 1 to 64, the --train_size."),
        ({"sequence_length": 19}, "--sequence_length is 19; allowed is 20 or more, the widest of"),
        ({"d_dropout": 1.0}, "--d_dropout is 1.0; allowed is 0.0 or more and less than 1.0."),
        ({"mle_learning_rate": float("nan")}, "--mle_learning_rate is nan; allowed are finite numbers."),
        ({"d_filter_widths": (1, 0), "d_filter_counts": (1, 1)}, "--d_filter_widths is 1,0; allowed is 1 or more."),
        ({"d_filter_widths": (1, 2)}, "--d_filter_counts has 12 numbers; allowed is one for each of the 2"),
        ({"d_filter_widths": ()}, "--d_filter_widths is empty; allowed is at least one number."),
        ({"start_token": 5000}, "--start_token is 5000; allowed is 0 to 4999."),
        ({"reward": "blue"}, "--reward is 'blue'; allowed is one of discriminator, constant."),
    ],
)
def test_bad_settings_are_refused_naming_flag_value_and_what_is_allowed(settings, message):
    with pytest.raises(ValueError) as error:
        Config(**settings)
    assert str(error.value).startswith(message)
