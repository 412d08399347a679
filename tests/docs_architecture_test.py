"""The recipes of docs/architecture.md, as they stand there."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from command import ROOT, restored

from seqgan_tf import rewards
from seqgan_tf.data.vocabulary import Vocabulary

RECIPES = re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs/architecture.md").read_text(), re.DOTALL | re.MULTILINE)


@pytest.fixture
def made(monkeypatch):
    """A function (name of a reward in a recipe, task) -> the reward, tried as a user's own is."""
    names = {}
    with restored(rewards.REWARDS):
        for recipe in RECIPES:
            exec(recipe, names)

        def make(name, task):
            monkeypatch.setattr(rewards.registry, "find", lambda _: names[name])
            return rewards.make_reward(f"my_module:{name}", None, task, num=2)

        yield make


def test_a_reward(made):
    assert len(RECIPES) == 2 and "length" in rewards.REWARDS
    tokens = tf.constant([[4, 5, 0, 0], [4, 5, 6, 7]])
    length = made("length", SimpleNamespace(train=tokens.numpy(), vocabulary=range(8)))
    np.testing.assert_allclose(length(tokens), [0.5, 1.0])


def test_a_reward_of_words(made):
    vocabulary = Vocabulary.from_counts({"tea": 3, "time": 2, "teapot": 1})
    sentences = [["time", "tea"], ["teapot", "time"]]
    tokens = tf.constant([vocabulary.ids(" ".join(words), 4)[0] for words in sentences])
    mentions = made("tea", SimpleNamespace(train=tokens.numpy(), vocabulary=vocabulary))
    np.testing.assert_array_equal(mentions(tokens), [1.0, 0.0])
