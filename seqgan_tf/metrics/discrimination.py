"""How well scores, [S] probabilities of being real, tell real sequences from generated ones."""

import numpy as np


def accuracy(real_scores, generated_scores):
    """Share of right answers at the threshold 0.5, real and generated sequences weighing the same; in [0, 1]."""
    return float((np.mean(np.asarray(real_scores) > 0.5) + np.mean(np.asarray(generated_scores) <= 0.5)) / 2)


def auc(real_scores, generated_scores):
    """Area under the ROC curve: the probability that a real sequence scores above a generated one, ties half."""
    ranked = np.sort(generated_scores)
    below, not_above = (np.searchsorted(ranked, real_scores, side) for side in ("left", "right"))
    return float(np.mean(below + not_above) / 2 / len(ranked))


def roc(real_scores, generated_scores):
    """The shares of generated and of real sequences at or above each of K different scores: two [K + 1] arrays.

    They rise from 0 to 1; the area under the straight lines between these points of the ROC curve is `auc`.
    """
    scores = generated_scores, real_scores
    thresholds = np.unique(np.concatenate(scores))[::-1]
    generated, real = (1 - np.searchsorted(np.sort(kind), thresholds) / len(kind) for kind in scores)
    return np.insert(generated, 0, 0.0), np.insert(real, 0, 0.0)
