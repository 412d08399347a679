"""Diversity: how much generated sentences repeat themselves, each other or the training data."""

import collections


def distinct(hypotheses, max_order):
    """Returns the number of distinct n-grams divided by the number of n-grams in all hypotheses (Li et al. 2016).

    Args:
      hypotheses: list of sentences. A sentence is a list of hashable tokens.
      max_order: greatest n.

    Returns:
      dict: {1: distinct-1, ..., max_order: distinct-max_order}, floats in [0, 1]; 0 if there is no n-gram.

    Examples:
      >>> distinct([["a", "b", "a"], ["a", "b"]], max_order=2)
      {1: 0.4, 2: 0.6666666666666666}
    """
    shares = {}
    for n in range(1, max_order + 1):
        counts = collections.Counter()
        for sentence in hypotheses:
            counts.update(zip(*(sentence[start:] for start in range(n)), strict=False))
        shares[n] = len(counts) / max(1, counts.total())
    return shares


def memorised(hypotheses, training):
    """Returns the share of hypotheses that occur in the training data.

    Args:
      hypotheses: list of at least one hashable sentence.
      training: iterable of hashable sentences; it is read once.

    Returns:
      float: share in [0, 1].

    Examples:
      >>> memorised(["a b", "b c"], training=["a b", "c d"])
      0.5
    """
    found = set(hypotheses).intersection(training)
    return sum(sentence in found for sentence in hypotheses) / len(hypotheses)


def repeated(hypotheses):
    """Returns the share of hypotheses that equal another one.

    Args:
      hypotheses: list of at least one hashable sentence.

    Returns:
      float: share in [0, 1].

    Examples:
      >>> repeated(["a b", "a b", "b c", "c d"])
      0.5
    """
    counts = collections.Counter(hypotheses)
    return sum(counts[sentence] > 1 for sentence in hypotheses) / len(hypotheses)


def commonest(items):
    """Returns the share of the most frequent item; it is high if a generator has collapsed.

    Args:
      items: at least one hashable item: tokens, or sentences.

    Returns:
      float: share in (0, 1].

    Examples:
      >>> commonest(["a", "b", "a", "c"])
      0.5
    """
    counts = collections.Counter(items)
    return max(counts.values()) / counts.total()
