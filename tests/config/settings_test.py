import dataclasses
import re

import pytest

from seqgan_tf.config import PRESETS, Config
from seqgan_tf.config.presets import ABOUT
from seqgan_tf.config.settings import GROUPS
from seqgan_tf.data.vocabulary import TOKENIZERS
from seqgan_tf.models.cells import CELLS
from seqgan_tf.models.oracle import PUBLISHED_SHA256
from seqgan_tf.rewards import REWARDS


def test_paper_preset_follows_the_authors_settings():
    filters = [(1, 100), (2, 200), (3, 200), (4, 200), (5, 200), (6, 100), (7, 100), (8, 100), (9, 100), (10, 100)]
    filters += [(15, 160), (20, 160)]
    expected = {
        "vocab_size": 5000,
        "max_length": 20,
        "start_token": 0,
        "train_size": 10_000,
        "batch_size": 64,
        "oracle_embedding_dim": 32,
        "oracle_hidden_dim": 32,
        "g_cell": "lstm",
        "g_embedding_dim": 32,
        "g_hidden_dim": 32,
        "mle_epochs": 120,
        "mle_learning_rate": 0.01,
        "pg_learning_rate": 0.01,
        "g_clip_norm": 5.0,
        "d_embedding_dim": 64,
        "d_dropout": 0.25,
        "d_l2": 0.2,
        "d_learning_rate": 1e-4,
        "d_rounds": 50,
        "iterations": 200,
        "g_steps": 1,
        "g_updates": 1,
        "d_steps": 5,
        "d_epochs": 3,
        "num_rollouts": 16,
        "rollout_decay": 0.0,
        "reward": "discriminator",
        "objective": "reinforce",
        "eval_samples": 10_000,
        "heldout_size": 10_000,
    }
    paper = dataclasses.asdict(PRESETS["paper"])
    assert {name: paper[name] for name in expected} == expected
    assert list(zip(paper["d_filter_widths"], paper["d_filter_counts"], strict=True)) == filters


def test_quick_has_the_papers_data_generator_and_roll_outs():
    quick, paper = PRESETS["quick"], PRESETS["paper"]
    same = ("vocab_size", "max_length", "batch_size", "train_size", "g_embedding_dim", "g_hidden_dim")
    same += ("oracle_embedding_dim", "oracle_hidden_dim", "num_rollouts", "mle_learning_rate", "pg_learning_rate")
    for name in same:
        assert getattr(quick, name) == getattr(paper, name), name


def test_every_setting_has_a_help_text_and_every_preset_is_explained():
    for field in dataclasses.fields(Config):
        assert field.metadata["help"].endswith("."), field.name
    assert list(ABOUT) == list(PRESETS)
    for name, about in ABOUT.items():
        score = "bleu_" if PRESETS[name].corpus else "nll_oracle"
        assert "expected time" in about and "expected score" in about and score in about
        assert not re.search("[A-Z]{7,}", about.replace("SeqGAN", "")), "a placeholder is left"


def test_flags_offer_every_reward_cell_and_tokenizer_and_the_published_oracle():
    metadata = {field.name: field.metadata for field in dataclasses.fields(Config)}
    for known, setting in ((REWARDS, "reward"), (CELLS, "g_cell")):
        for name, entry in known.items():
            own = entry.__module__.startswith("seqgan_tf.")  # not registered by another test
            assert not own or re.search(rf"\b{name}\b", metadata[setting]["help"])
    assert {*metadata["tokens"]["choices"]} == {"", *TOKENIZERS} - {
        "glyphs"
    }  # glyphs are for the built-in poems only
    assert Config().oracle_sha256 == PUBLISHED_SHA256


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_rollouts": 0}, "--num_rollouts must be at least 1, got 0."),
        ({"batch_size": 0}, "--batch_size must be at least 1, got 0."),
        ({"batch_size": 65, "train_size": 64}, "--batch_size must be between 1 and 64 (--train_size), got 65."),
        ({"d_dropout": 1.0}, "--d_dropout must be at least 0.0 and less than 1.0, got 1.0."),
        ({"mle_learning_rate": float("nan")}, "--mle_learning_rate must be finite, got nan."),
        ({"d_filter_widths": (1, 0), "d_filter_counts": (1, 1)}, "--d_filter_widths must be at least 1, got 1,0."),
        ({"d_filter_widths": (1, 2)}, "--d_filter_counts must have 2 numbers, as --d_filter_widths does, got 12."),
        ({"d_filter_widths": ()}, "--d_filter_widths must have at least one number, got none."),
        ({"start_token": 5000}, "--start_token must be between 0 and 4999, got 5000."),
        ({"tokens": "bytes"}, "--tokens must be one of words, characters, spaces, got 'bytes'."),
    ],
)
def test_bad_settings_are_refused_with_flag_limits_and_value(settings, message):
    with pytest.raises(ValueError) as error:
        Config(**settings)
    assert str(error.value).startswith(message)


def test_every_setting_is_in_one_group_and_bookkeeping_changes_no_number():
    by_group = {group: Config.names(group) for group in GROUPS}
    everything = [field.name for field in dataclasses.fields(Config)]
    assert sorted(sum(by_group.values(), ())) == sorted(everything)
    assert by_group["bookkeeping"] == ("data_dir", "oracle_sha256", "pretrained", "checkpoint_seconds", "profile")
    assert set(Config.names()) == set(everything) - set(by_group["bookkeeping"])
    both = Config.names("scoring", "data")  # in the order of the fields
    assert set(both) == set(by_group["scoring"] + by_group["data"]) and both[0] == "vocab_size"


def test_settings_that_differ_in_some_groups():
    smoke = PRESETS["smoke"]
    other = dataclasses.replace(smoke, seed=3, mle_epochs=9, d_steps=9, profile=True)
    assert smoke.differences(smoke) == []
    assert smoke.differences(other) == other.differences(smoke) == ["seed", "mle_epochs", "d_steps"]
    assert smoke.differences(other, ("discriminator", "bookkeeping")) == ["d_steps", "profile"]


def test_discriminator_settings_do_not_count_without_a_discriminator():
    constant = dataclasses.replace(PRESETS["smoke"], reward="constant", uses_discriminator=False)
    other = dataclasses.replace(constant, d_steps=9, d_dropout=0.5)
    assert constant.differences(other) == []
    assert PRESETS["smoke"].differences(other) == ["uses_discriminator", "d_dropout", "d_steps", "reward"]


def test_every_setting_but_uses_discriminator_is_a_flag():
    assert [name for name in Config.names(*GROUPS) if not Config.is_flag(name)] == ["uses_discriminator"]


def test_filters_wider_than_a_sequence_are_left_out():
    config = Config(max_length=8)
    assert config.d_filters == list(zip(range(1, 9), (100, 200, 200, 200, 200, 100, 100, 100), strict=True))
    with pytest.raises(ValueError, match=r"--d_filter_widths must be 8 \(--max_length\) or less, got 9"):
        Config(max_length=8, d_filter_widths=(9, 10), d_filter_counts=(1, 1))


def test_a_misspelt_corpus_gets_a_suggestion():
    with pytest.raises(ValueError, match="did you mean 'image_coco'"):
        Config(corpus="image_koco")
