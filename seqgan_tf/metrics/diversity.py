"""Diversity: how much generated sentences repeat themselves, each other and the training data."""

import collections


def distinct(hypotheses, max_order):
    """{n: distinct n-grams per n-gram of all hypotheses (Li et al. 2016), in [0, 1]; 0 without any} from n = 1 on."""
    shares = {}
    for n in range(1, max_order + 1):
        counts = collections.Counter()
        for sentence in hypotheses:
            counts.update(zip(*(sentence[start:] for start in range(n)), strict=False))
        shares[n] = len(counts) / max(1, counts.total())
    return shares


def memorised(hypotheses, training):
    """Share of one or more hypotheses, hashable, that stand in an iterable of training data, read once: in [0, 1]."""
    found = set(hypotheses).intersection(training)
    return sum(sentence in found for sentence in hypotheses) / len(hypotheses)


def repeated(hypotheses):
    """Share of the hypotheses, hashable sentences, at least one, that equal another one: float in [0, 1]."""
    counts = collections.Counter(hypotheses)
    return sum(counts[sentence] > 1 for sentence in hypotheses) / len(hypotheses)
