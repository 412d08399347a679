"""How well a discriminator's scores, probabilities of being real, separate real from generated sequences."""

import numpy as np


def accuracy(real_scores, generated_scores):
    """Returns the balanced accuracy at the threshold 0.5: the mean of the accuracies on real and generated sequences.

    Args:
      real_scores: [R] float.
      generated_scores: [S] float.

    Returns:
      float: accuracy in [0, 1]; 0.5 is chance.

    Examples:
      >>> accuracy(real_scores=[0.9, 0.8, 0.4, 0.7], generated_scores=[0.1, 0.6])
      0.625
    """
    return float((np.mean(np.asarray(real_scores) > 0.5) + np.mean(np.asarray(generated_scores) <= 0.5)) / 2)


def auc(real_scores, generated_scores):
    """Returns the area under the ROC curve: the probability that a real sequence scores above a generated one.

    Args:
      real_scores: [R] float.
      generated_scores: [S] float.

    Returns:
      float: area in [0, 1]; 0.5 is chance. Ties count as half.

    Examples:
      >>> auc(real_scores=[0.9, 0.8, 0.4, 0.7], generated_scores=[0.1, 0.6])
      0.875
    """
    ranked = np.sort(generated_scores)
    below, not_above = (np.searchsorted(ranked, real_scores, side) for side in ("left", "right"))
    return float(np.mean(below + not_above) / 2 / len(ranked))


def roc(real_scores, generated_scores):
    """Returns the ROC curve; the area under the straight lines between its points is `auc`.

    Args:
      real_scores: [R] float.
      generated_scores: [S] float.

    Returns:
      [K + 1], [K + 1]: false positive rate (the share of generated sequences at or above a score) and true positive
      rate (the same share of real ones) for K different scores, both rising from 0 to 1.

    Examples:
      >>> false_positive_rate, true_positive_rate = roc(real_scores=[0.9, 0.4], generated_scores=[0.1, 0.6])
      >>> false_positive_rate
      array([0. , 0. , 0.5, 0.5, 1. ])
      >>> true_positive_rate
      array([0. , 0.5, 0.5, 1. , 1. ])
    """
    scores = generated_scores, real_scores
    thresholds = np.unique(np.concatenate(scores))[::-1]
    generated, real = (1 - np.searchsorted(np.sort(kind), thresholds) / len(kind) for kind in scores)
    return np.insert(generated, 0, 0.0), np.insert(real, 0, 0.0)
