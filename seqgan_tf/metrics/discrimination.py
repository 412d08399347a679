"""How well scores, [S] probabilities of being real, tell real sequences from generated ones."""

import numpy as np


def accuracy(real_scores, generated_scores):
    """Share of right answers at the threshold 0.5, real and generated sequences weighing the same; in [0, 1]."""
    return float((np.mean(np.asarray(real_scores) > 0.5) + np.mean(np.asarray(generated_scores) <= 0.5)) / 2)


def auc(real_scores, generated_scores):
    """Area under the ROC curve: the probability that a real sequence scores above a generated one, ties half."""
    ranked = np.sort(generated_scores)
    below = np.searchsorted(ranked, real_scores, "left")
    not_above = np.searchsorted(ranked, real_scores, "right")
    return float(np.mean(below + not_above) / 2 / len(ranked))


def roc(real_scores, generated_scores):
    """The ROC curve: the shares of generated and of real sequences at or above a threshold, which falls.

    A pair of [K + 1] arrays that rise from 0 to 1, for the K different scores; the area under the straight lines
    between these points is `auc`.
    """
    thresholds = np.unique(np.concatenate([real_scores, generated_scores]))[::-1]
    generated, real = (
        1 - np.searchsorted(np.sort(scores), thresholds, "left") / len(scores)
        for scores in (generated_scores, real_scores)
    )
    return np.insert(generated, 0, 0.0), np.insert(real, 0, 0.0)
