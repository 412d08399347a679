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


def calibration(real_logits, generated_logits, steps=50):
    """Returns the slope a and the intercept c for which D = sigmoid(a d + c) has the lowest cross entropy.

    A discriminator that ranks well can still be over-confident; its logits d are calibrated by logistic regression.

    Args:
      real_logits: [R] float, log D - log(1 - D) of real sequences.
      generated_logits: [S] float, the same of generated ones.
      steps: Newton steps.

    Returns:
      (a, c), floats. Both classes count the same, whatever R and S are.

    Examples:
      >>> a, c = calibration(real_logits=[1.0, 1.0, 1.0, -1.0], generated_logits=[1.0, -1.0])
      >>> round(a, 3), round(c, 3)  # a + c = log(0.75 / 0.5) and c - a = log(0.25 / 0.5)
      (0.549, -0.144)
    """
    logits = np.concatenate([real_logits, generated_logits]).astype(np.float64)
    labels = np.repeat([1.0, 0.0], [len(real_logits), len(generated_logits)])
    weights = np.repeat(
        [0.5 / len(real_logits), 0.5 / len(generated_logits)], [len(real_logits), len(generated_logits)]
    )
    scale = np.std(logits) or 1.0
    inputs = np.stack([logits / scale, np.ones_like(logits)], 1)
    solution = np.zeros(2)
    for _ in range(steps):
        probabilities = _sigmoid(inputs @ solution)
        gradient = inputs.T @ (weights * (labels - probabilities)) - 1e-9 * solution
        curvature = (inputs.T * (weights * probabilities * (1 - probabilities))) @ inputs + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        solution += step * min(1.0, 5.0 / np.linalg.norm(step)) if np.any(step) else 0.0
    return float(solution[0] / scale), float(solution[1])


def cross_entropy(real_logits, generated_logits):
    """Returns the mean cross entropy of D in nats per sequence; log 2 = 0.693 is chance.

    Examples:
      >>> round(cross_entropy(real_logits=[0.0], generated_logits=[0.0, 0.0]), 3)
      0.693
    """
    real, generated = np.asarray(real_logits, np.float64), np.asarray(generated_logits, np.float64)
    return float((np.mean(np.logaddexp(0, -real)) + np.mean(np.logaddexp(0, generated))) / 2)


def residual_energy_gain(real_logits, generated_logits):
    """Returns by how much G would gain on real data if D's logits d reweighted it, in nats per sequence.

    G(Y) e^d(Y) / Z is a language model with residual energy -d (Deng et al., ICLR 2020). Its log-likelihood of real
    data exceeds that of G by E_data[d] - log E_G[e^d], which no policy gradient against D can exceed either.

    Args:
      real_logits: [R] float, log D - log(1 - D) of held-out real sequences.
      generated_logits: [S] float, the same of sequences sampled from G.

    Examples:
      >>> round(residual_energy_gain(real_logits=[1.0, 1.0], generated_logits=[0.0, 0.0]), 3)
      1.0
      >>> round(residual_energy_gain(real_logits=[0.3, 0.3], generated_logits=[0.3, 0.3]), 3)
      0.0
    """
    generated = np.asarray(generated_logits, np.float64)
    return float(np.mean(real_logits) - np.logaddexp.reduce(generated) + np.log(len(generated)))


def partial_correlation(a, b, given):
    """Returns the correlation of a and b, each [S], after a linear dependence of both on `given` has been removed.

    Examples:
      >>> given = np.array([0.0, 1.0, 2.0, 3.0])
      >>> noise = np.array([1.0, -1.0, -1.0, 1.0])
      >>> round(partial_correlation(given + noise, 2 * given - noise, given), 3)
      -1.0
    """
    inputs = np.stack([given, np.ones(len(given))], 1)
    pair = np.asarray([a, b], np.float64)
    rest = pair - (inputs @ np.linalg.lstsq(inputs, pair.T, rcond=None)[0]).T
    if (np.linalg.norm(rest, axis=1) < 1e-9 * np.linalg.norm(pair, axis=1)).any():  # rounding errors only
        return 0.0
    return float(rest[0] @ rest[1] / np.prod(np.linalg.norm(rest, axis=1)))


def _sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))
