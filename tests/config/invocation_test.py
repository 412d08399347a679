import dataclasses

import pytest

from seqgan_tf.cli.commands import COMMANDS
from seqgan_tf.cli.flags import parse
from seqgan_tf.config import PRESETS
from seqgan_tf.config.invocation import flags, nearest_preset

OTHERS = {
    "quick": {"seed": 7, "jit": True, "d_filter_widths": (1, 3), "d_filter_counts": (5, 6), "oracle_file": "a b.pkl"},
    "music": {"temperature": 1.5, "reward": "constant", "lowercase": False},
    "poems": {"corpus": "", "train_file": "my text.txt"},
    "captions": {"lowercase": False, "num_rollouts": 2},
}


@pytest.mark.parametrize(
    "config", [*PRESETS.values(), *(dataclasses.replace(PRESETS[k], **v) for k, v in OTHERS.items())]
)
def test_the_command_line_understands_the_flags_as_the_same_settings(config):
    train = COMMANDS["train"]
    given, rest, _ = parse([*train.flags, *train.settings], flags(config))
    preset = given.pop("preset")
    assert dataclasses.replace(PRESETS[preset], **given) == config and not rest


def test_only_what_differs_from_the_nearest_preset_is_named():
    assert flags(PRESETS["poems"]) == ["--preset=poems"]
    config = dataclasses.replace(PRESETS["smoke"], seed=3, profile=True)
    assert flags(config) == ["--preset=smoke", "--seed=3", "--profile"]
    config = dataclasses.replace(config, g_steps=3)
    assert nearest_preset(config) == ("smoke", ["seed", "g_steps"])  # what changes no number does not count
    assert nearest_preset(config, {"seed"}) == ("smoke", ["g_steps"])
