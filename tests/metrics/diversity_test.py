import collections
import itertools

import hypothesis
import hypothesis.strategies as st
from nltk import ngrams

from seqgan_tf.metrics.diversity import commonest, distinct, memorised, repeated

sentences = st.lists(st.text("abc", max_size=5), min_size=1, max_size=8)


@hypothesis.settings(max_examples=200, deadline=None)
@hypothesis.given(sentences)
def test_distinct_equals_a_count_of_nltks_ngrams(hypotheses):
    for n, share in distinct(hypotheses, 4).items():
        grams = [gram for sentence in hypotheses for gram in ngrams(sentence, n)]
        assert share == (len(set(grams)) / len(grams) if grams else 0)


@hypothesis.settings(max_examples=200, deadline=None)
@hypothesis.given(sentences, sentences)
def test_memorised_and_repeated_equal_a_count_of_pairs(hypotheses, training):
    in_training = [any(h == t for t in training) for h in hypotheses]
    assert memorised(hypotheses, iter(training)) == sum(in_training) / len(hypotheses)
    twice = [any(h == other for j, other in enumerate(hypotheses) if j != i) for i, h in enumerate(hypotheses)]
    assert repeated(hypotheses) == sum(twice) / len(hypotheses)


def test_by_hand():
    assert distinct(["aab", "ab"], 2) == {1: 2 / 5, 2: 2 / 3}
    assert memorised(["ab", "ab", "c", "d"], ["ab", "c", "c"]) == 3 / 4
    assert repeated(["ab", "ab", "c", "d"]) == 2 / 4


def test_training_data_are_read_once_and_not_kept():
    alive = collections.Counter()

    class Sentence(str):
        def __init__(self, *_):
            alive.update(["now"])
            alive["most"] = max(alive["most"], alive["now"])

        def __del__(self):
            alive["now"] -= 1

    memorised(["x"], (Sentence(i) for i in range(1000)))
    assert alive["most"] < 5


@hypothesis.given(sentences)
def test_commonest_equals_the_longest_run_of_sorted_items(items):
    assert commonest(iter(items)) == max(len(list(run)) for _, run in itertools.groupby(sorted(items))) / len(items)
