"""Evaluation: all metrics of a run at one step."""

import numpy as np
import tensorflow as tf

from seqgan_tf.metrics.discrimination import accuracy, auc
from seqgan_tf.sampling import sample_sequences


def evaluate(phase, task, generator, discriminator, config, seed):
    """Evaluates the models of a run at one step.

    The result depends on the models alone, so restored models get the same metrics. G is sampled at
    config.temperature. D scores samples drawn at temperature 1, like those it is trained on.

    Args:
      phase: "mle", in which D is not evaluated because it is untrained; "discriminator", in which G is not evaluated
        because it does not change; or "adversarial".
      task: Task.
      generator: models.Generator.
      discriminator: models.Discriminator or None.
      config: Config, of which eval_samples, max_length and temperature are used.
      seed: [2] int32.

    Returns:
      The metrics, a dict by name; the samples of G, [S, T] int32; the scores of `evaluate_discriminator`, or {}.
    """
    num, length, temperature = config.eval_samples, config.max_length, config.temperature
    generated = sample_sequences(generator, num, length, seed, temperature)
    metrics = task.evaluate(generator, generated, temperature) if phase != "discriminator" else {}
    scores = {}
    if phase != "mle" and discriminator:
        fresh = generated if temperature == 1 else sample_sequences(generator, num, length, seed)
        d_metrics, scores = evaluate_discriminator(discriminator, task.train[:num], task.heldout[:num], fresh)
        metrics |= d_metrics
    return metrics, generated, scores


def evaluate_discriminator(discriminator, train, heldout, generated):
    """Evaluates D on training data and on held-out data, against newly generated sequences.

    If D does well on training data only, it has memorised them and its reward is noise.

    Args:
      discriminator: models.Discriminator.
      train: [S, T] int32, real sequences that D was trained on.
      heldout: [S, T] int32, other real sequences.
      generated: [S, T] int32.

    Returns:
      Accuracy and AUC, a dict by metric name; D(Y), a dict of "train", "heldout" and "generated" -> [S] float32.
    """
    sequences = {"train": train, "heldout": heldout, "generated": generated}
    scores = {name: real_probability(discriminator, tokens) for name, tokens in sequences.items()}
    metrics = {
        f"d_{measure.__name__}_{name}": measure(scores[name], scores["generated"])
        for name in ("train", "heldout")
        for measure in (accuracy, auc)
    }
    return metrics, scores


def real_probability(discriminator, tokens, rows=500):
    """Returns D(Y) of sequences [S, T], [S] float32. `rows` sequences at a time bound the memory."""
    tokens = np.asarray(tokens)
    parts = [tokens[start : start + rows] for start in range(0, len(tokens), rows)]
    return np.concatenate([discriminator.probability(tf.constant(part)) for part in parts])
