"""Fréchet distance between real and generated data, in the features of a frozen network."""

import numpy as np


def frechet_distance(real, generated):
    """Returns the squared Fréchet distance of two normal distributions with the moments of the features.

    It is |m_r - m_g|^2 + Tr(C_r + C_g - 2 (C_r C_g)^(1/2)) for means m and covariances C (Heusel et al., 2017). It
    notices a loss of variety that a likelihood of generated sequences does not. With fewer sequences it is larger, so
    compare distances of equally many.

    Args:
      real: [R, D] float, features of real sequences; R >= 2.
      generated: [S, D] float, features of generated sequences; S >= 2.

    Returns:
      float: distance, in squared units of the features; 0 if both have the same moments.

    Examples:
      >>> real = [[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0]]
      >>> frechet_distance(real, real)
      0.0
      >>> frechet_distance(real, [[3.0, 0.0], [5.0, 0.0], [3.0, 2.0], [5.0, 2.0]])  # shifted by 3
      9.0
    """
    real, generated = np.asarray(real, np.float64), np.asarray(generated, np.float64)
    shift = real.mean(0) - generated.mean(0)
    covariances = np.cov(real, rowvar=False), np.cov(generated, rowvar=False)
    values, vectors = np.linalg.eigh(np.atleast_2d(covariances[0]))
    root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
    # The product of the covariances has the eigenvalues of this symmetric matrix.
    common = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ np.atleast_2d(covariances[1]) @ root), 0)).sum()
    distance = shift @ shift + sum(np.trace(np.atleast_2d(covariance)) for covariance in covariances) - 2 * common
    return float(max(0.0, round(distance, 12)))
