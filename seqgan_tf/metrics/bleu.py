"""BLEU and Self-BLEU: the floats of NLTK's sentence_bleu, without counting all references anew for each sentence."""

import collections
import math
import statistics
import sys

# What a match count of 0 becomes, by NLTK's names (Chen and Cherry 2014): (matches, n-grams, order) -> precision.
SMOOTHINGS = {
    "method0": lambda matches, total, order: matches / total if matches else sys.float_info.min,
    "method1": lambda matches, total, order: (matches or 0.1) / total,
    "method2": lambda matches, total, order: (matches + 1) / (total + 1) if order > 1 else matches / total,
}


def bleu(hypotheses, references, max_order, smoothing="method1"):
    """Mean sentence BLEU of the hypotheses, each against all references (Papineni et al. 2002).

    Both are sequences of hashable tokens. Returns {2: BLEU-2, ..., max_order: BLEU-max_order}, floats in [0, 1];
    BLEU-k weighs the orders 1 to k the same. Smoothing is one of SMOOTHINGS.
    """
    return _mean(hypotheses, references, max_order, smoothing)


def self_bleu(hypotheses, max_order, smoothing="method1"):
    """Mean sentence BLEU of each of two or more hypotheses against all the others (Zhu et al. 2018), like `bleu`."""
    return _mean(hypotheses, hypotheses, max_order, smoothing, range(len(hypotheses)))


def sentence_bleu_against(references, max_order, smoothing="method1"):
    """A function of one sentence that returns its [BLEU-2, ..., BLEU-max_order]; counts the references once.

    Of one that is a reference itself, its index as a second argument leaves it out of the references.
    """
    clip = {}  # n-gram -> largest count in a reference, which reference that is, largest in another one
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
        closest = min(others, key=lambda n: (abs(n - length), n))  # the shorter of two that are as close
        penalty = 1 if length > closest else math.exp(1 - closest / length)  # for brevity
        return [penalty * math.exp(math.fsum(1 / k * log for log in logs[:k])) for k in range(2, max_order + 1)]

    return score


def _ngrams(sentence, max_order):
    """All n-grams of the orders 1 to max_order, as tuples, with their counts."""
    counts = collections.Counter()
    for n in range(1, max_order + 1):
        counts.update(zip(*(sentence[start:] for start in range(n)), strict=False))
    return counts


def _mean(hypotheses, references, max_order, smoothing, *apart_from):
    """{order: mean score}; apart_from: the references' indices to leave out, one for each hypothesis."""
    num, num_references = len(hypotheses), len(references) - len(apart_from)
    if num < 1 or num_references < 1:
        raise ValueError(f"{num} hypotheses, {num_references} references; allowed is 1 or more of each.")
    if max_order < 2:
        raise ValueError(f"max_order is {max_order}; allowed is 2 or more.")
    if smoothing not in SMOOTHINGS:
        raise ValueError(f"smoothing is {smoothing!r}; allowed is one of {', '.join(SMOOTHINGS)}.")
    scores = map(sentence_bleu_against(references, max_order, smoothing), hypotheses, *apart_from)
    return {order: statistics.fmean(column) for order, column in enumerate(zip(*scores, strict=True), 2)}
