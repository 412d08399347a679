"""BLEU and Self-BLEU. The scores equal NLTK's sentence_bleu, but the references are counted only once."""

import collections
import math
import statistics
import sys

# Smoothing methods by NLTK's names (Chen and Cherry 2014): (matches, n-grams, order) -> precision.
SMOOTHINGS = {
    "method0": lambda matches, total, order: matches / total if matches else sys.float_info.min,
    "method1": lambda matches, total, order: (matches or 0.1) / total,
    "method2": lambda matches, total, order: (matches + 1) / (total + 1) if order > 1 else matches / total,
}


def bleu(hypotheses, references, max_order, smoothing="method1"):
    """Returns the mean sentence BLEU of the hypotheses, each against all references (Papineni et al. 2002).

    Args:
      hypotheses: list of sentences. A sentence is a list of hashable tokens.
      references: list of sentences.
      max_order: greatest n-gram order, 2 or more.
      smoothing: "method0", "method1" or "method2", as in NLTK.

    Returns:
      dict: {2: BLEU-2, ..., max_order: BLEU-max_order}, floats in [0, 1]. BLEU-k has equal weights for the orders 1
      to k.

    Raises:
      ValueError: if there is no hypothesis or no reference, or max_order or smoothing is invalid.

    Examples:
      >>> hypotheses = ["the cat sat on the mat".split()]
      >>> references = ["the cat sat on a mat".split(), "a dog sat on the mat".split()]
      >>> {order: round(score, 3) for order, score in bleu(hypotheses, references, max_order=3).items()}
      {2: 0.913, 3: 0.941}
    """
    return _mean(hypotheses, references, max_order, smoothing)


def self_bleu(hypotheses, max_order, smoothing="method1"):
    """Returns the mean sentence BLEU of each hypothesis against all the others (Zhu et al. 2018).

    Args:
      hypotheses: list of two or more sentences.
      max_order: as for `bleu`.
      smoothing: as for `bleu`.

    Returns:
      dict: as from `bleu`. High values mean that the hypotheses resemble each other.

    Raises:
      ValueError: as for `bleu`.

    Examples:
      >>> samples = [["a", "dog", "runs"], ["a", "dog", "sits"], ["the", "cat", "sleeps"]]
      >>> {order: round(score, 3) for order, score in self_bleu(samples, max_order=2).items()}
      {2: 0.385}
    """
    return _mean(hypotheses, hypotheses, max_order, smoothing, range(len(hypotheses)))


def sentence_bleu_against(references, max_order, smoothing="method1"):
    """Returns a function that computes [BLEU-2, ..., BLEU-max_order] of one sentence against references.

    The references are counted once, here. If the sentence is itself a reference, pass its index as the second
    argument of the function to leave it out of the references.

    Args:
      references: list of sentences.
      max_order: greatest n-gram order, 2 or more.
      smoothing: as for `bleu`.

    Examples:
      >>> score = sentence_bleu_against([["a", "dog", "runs"], ["a", "cat", "sits"]], max_order=2)
      >>> [round(value, 3) for value in score(["a", "dog", "sits"])]
      [0.707]
    """
    clip = {}  # n-gram -> (largest count in a reference, index of that reference, largest count in any other)
    for index, reference in enumerate(references):
        for ngram, count in _ngrams(reference, max_order).items():
            largest, owner, second = clip.get(ngram, (0, None, 0))
            if count > largest:
                clip[ngram] = count, index, largest
            elif count > second:
                clip[ngram] = largest, owner, count
    lengths, smooth = collections.Counter(map(len, references)), SMOOTHINGS[smoothing]

    def score(sentence, apart_from=None):
        length, matches = len(sentence), [0] * (max_order + 1)
        for ngram, count in _ngrams(sentence, max_order).items():
            largest, owner, second = clip.get(ngram, (0, None, 0))
            matches[len(ngram)] += min(count, second if owner == apart_from else largest)
        if matches[1] == 0:
            return [0.0] * (max_order - 1)
        logs = [math.log(smooth(matches[n], max(1, length - n + 1), n)) for n in range(1, max_order + 1)]
        others = (n for n, count in lengths.items() if count > (n == length and apart_from is not None))
        closest = min(others, key=lambda n: (abs(n - length), n))  # the shorter one in a tie
        penalty = 1 if length > closest else math.exp(1 - closest / length)  # brevity penalty
        return [penalty * math.exp(math.fsum(1 / k * log for log in logs[:k])) for k in range(2, max_order + 1)]

    return score


def _ngrams(sentence, max_order):
    """Returns the counts of all n-grams of orders 1 to max_order, which are tuples."""
    counts = collections.Counter()
    for n in range(1, max_order + 1):
        counts.update(zip(*(sentence[start:] for start in range(n)), strict=False))
    return counts


def _mean(hypotheses, references, max_order, smoothing, *apart_from):
    """Returns {order: mean score}; apart_from: for each hypothesis, the index of the reference to leave out."""
    num, num_references = len(hypotheses), len(references) - len(apart_from)
    if num < 1 or num_references < 1:
        needed = "hypotheses and references must not be empty"
        raise ValueError(f"{needed}, got {num} and {num_references}.")
    if max_order < 2:
        raise ValueError(f"max_order must be 2 or more, got {max_order}.")
    if smoothing not in SMOOTHINGS:
        raise ValueError(f"smoothing must be one of {', '.join(SMOOTHINGS)}, got {smoothing!r}.")
    scores = map(sentence_bleu_against(references, max_order, smoothing), hypotheses, *apart_from)
    return {order: statistics.fmean(column) for order, column in enumerate(zip(*scores, strict=True), 2)}
