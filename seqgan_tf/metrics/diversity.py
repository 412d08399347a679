"""Diversity: how much generated sentences repeat themselves, each other and the training data."""

import collections


def distinct(hypotheses, max_order):
    """Distinct-n: distinct n-grams per n-gram of all hypotheses (Li et al. 2016). It falls with their number.

    Returns {1: distinct-1, ..., max_order: distinct-max_order}, floats in [0, 1]; 0 where there is no n-gram.
    """
    shares = {}
    for n in range(1, max_order + 1):
        counts = collections.Counter()
        for sentence in hypotheses:
            counts.update(zip(*(sentence[start:] for start in range(n)), strict=False))
        shares[n] = len(counts) / max(1, counts.total())
    return shares


def memorised(hypotheses, training):
    """Share of one or more hypotheses that stand in the training data, token for token: float in [0, 1].

    Sentences are hashable; training is an iterable of them that is read once, and none of it is kept.
    """
    asked = set(hypotheses)
    found = {sentence for sentence in training if sentence in asked}
    return sum(sentence in found for sentence in hypotheses) / len(hypotheses)


def repeated(hypotheses):
    """Share of the hypotheses, hashable sentences, at least one, that equal another one: float in [0, 1]."""
    counts = collections.Counter(hypotheses)
    return sum(counts[sentence] > 1 for sentence in hypotheses) / len(hypotheses)
