import math
import statistics
import warnings

import hypothesis
import hypothesis.strategies as st
import pytest
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

from seqgan_tf.metrics.bleu import bleu, self_bleu


def nltk_bleu(hypotheses, references_of, max_order, smoothing):
    """The same by NLTK alone; references_of: index -> references."""
    smooth = getattr(SmoothingFunction(), smoothing)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # method0 warns of zeros
        return {
            k: math.fsum(
                sentence_bleu(references_of(i), sentence, [1 / k] * k, smooth)
                for i, sentence in enumerate(hypotheses)
            )
            / len(hypotheses)
            for k in range(2, max_order + 1)
        }


# Few tokens, so that n-grams repeat; empty sentences, single tokens and sentences longer than any reference too.
sentences = st.lists(st.lists(st.sampled_from("abc"), max_size=9), min_size=1, max_size=6)
orders = st.integers(2, 5)
smoothings = st.sampled_from(["method0", "method1", "method2"])


@hypothesis.settings(max_examples=400, deadline=None)
@hypothesis.given(sentences, sentences, orders, smoothings)
def test_bleu_equals_nltk(hypotheses, references, max_order, smoothing):
    expected = nltk_bleu(hypotheses, lambda i: references, max_order, smoothing)
    assert bleu(hypotheses, references, max_order, smoothing) == expected


@hypothesis.settings(max_examples=400, deadline=None)
@hypothesis.given(sentences.filter(lambda s: len(s) > 1), orders, smoothings)
def test_self_bleu_equals_nltk_against_all_others(hypotheses, max_order, smoothing):
    expected = nltk_bleu(hypotheses, lambda i: hypotheses[:i] + hypotheses[i + 1 :], max_order, smoothing)
    assert self_bleu(hypotheses, max_order, smoothing) == expected


def test_by_hand():
    # 1-grams: a clipped to 1, b, c: 3 of 4; 2-grams: "b c" of 3; the reference is shorter, so no penalty.
    scores = bleu([list("aabc")], [list("abc"), list("xbc")], 2)
    assert scores == {2: pytest.approx(math.sqrt(3 / 4 * 2 / 3))}
    assert bleu(["a"], ["ab"], 3)[2] == pytest.approx(math.exp(1 - 2 / 1) * math.sqrt(1 * 0.1 / 1))
    assert statistics.mean(self_bleu(["abc", "abc", "xyz"], 2).values()) == pytest.approx(2 / 3)


def test_bad_arguments():
    for function, args, message in (
        (bleu, ([], ["a"], 2), "hypotheses and references must not be empty, got 0 and 1"),
        (bleu, (["a"], [], 2), "must not be empty, got 1 and 0"),
        (self_bleu, (["a"], 2), "must not be empty, got 1 and 0"),
        (bleu, (["a"], ["a"], 1), "max_order must be 2 or more, got 1"),
        (bleu, (["a"], ["a"], 2, "method9"), "smoothing must be one of method0, method1, method2, got 'method9'"),
    ):
        with pytest.raises(ValueError, match=message):
            function(*args)
