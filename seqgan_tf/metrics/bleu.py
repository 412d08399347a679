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
    _check(len(hypotheses), len(references), max_order, smoothing)
    return _mean(map(sentence_bleu_against(references, max_order, smoothing), hypotheses))


def sentence_bleu_against(references, max_order, smoothing="method1"):
    """A function of one sentence that returns its [BLEU-2, ..., BLEU-max_order]; counts the references once."""
    score = _scorer([_ngrams(sentence, max_order) for sentence in references], references, max_order, smoothing)
    return lambda sentence: score(_ngrams(sentence, max_order), len(sentence))


def self_bleu(hypotheses, max_order, smoothing="method1"):
    """Mean sentence BLEU of each of two or more hypotheses against all the others (Zhu et al. 2018), like `bleu`."""
    _check(len(hypotheses), len(hypotheses) - 1, max_order, smoothing)
    ngrams = [_ngrams(sentence, max_order) for sentence in hypotheses]
    score = _scorer(ngrams, hypotheses, max_order, smoothing)
    return _mean(score(own, len(hypotheses[index]), apart_from=index) for index, own in enumerate(ngrams))


def _scorer(ngrams, references, max_order, smoothing):
    """A function (n-grams, length, apart_from) that scores a sentence, against all references but one's index."""
    clip = {}  # n-gram -> largest count in a reference, which reference that is, largest in another one
    for index, counts in enumerate(ngrams):
        for ngram, count in counts.items():
            largest, owner, second = clip.get(ngram, (0, None, 0))
            if count > largest:
                clip[ngram] = count, index, largest
            elif count > second:
                clip[ngram] = largest, owner, count
    lengths, smooth = collections.Counter(map(len, references)), SMOOTHINGS[smoothing]

    def score(ngrams, length, apart_from=None):
        matches = [0] * (max_order + 1)
        for ngram, count in ngrams.items():
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


def _mean(scores):
    """Iterable of [max_order - 1] scores -> {order: mean}."""
    return {order: statistics.fmean(column) for order, column in enumerate(zip(*scores, strict=True), 2)}


def _check(num_hypotheses, num_references, max_order, smoothing):
    if num_hypotheses < 1 or num_references < 1:
        raise ValueError(f"{num_hypotheses} hypotheses, {num_references} references; allowed is 1 or more of each.")
    if max_order < 2:
        raise ValueError(f"max_order is {max_order}; allowed is 2 or more.")
    if smoothing not in SMOOTHINGS:
        raise ValueError(f"smoothing is {smoothing!r}; allowed is one of {', '.join(SMOOTHINGS)}.")
