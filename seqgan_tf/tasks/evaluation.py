"""Evaluation: every metric of one moment of a run."""

import numpy as np
import tensorflow as tf

from seqgan_tf.metrics.discrimination import accuracy, auc
from seqgan_tf.rewards import discriminator_reward
from seqgan_tf.sampling import sample_sequences


def evaluate(phase, task, generator, discriminator, config, seed):
    """All metrics of one moment of a run, from its models alone: so a restored model has the same ones.

    In phase "mle" D is untrained, or None, and in "discriminator" G does not change. Of config it takes eval_samples,
    max_length and temperature, at which samples are scored; D's are drawn at 1, like those it is trained on.

    Returns the metrics by name; the samples [S, T] int32 that were scored; and D's scores, {} where it was not asked.
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
    """Accuracy and AUC of D against fresh generated sequences, on real ones that it was trained on and on others.

    Where it does well on the first only it has memorised them, and its reward is noise. Also returns D(Y) of
    {"train", "heldout", "generated"}, [S] float32 each.
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
    """D(Y) of sequences [S, T]: [S] float32, `rows` of them at a time."""
    tokens, probability = np.asarray(tokens), discriminator_reward(discriminator)
    parts = [tokens[start : start + rows] for start in range(0, len(tokens), rows)]
    return np.concatenate([probability(tf.constant(part)) for part in parts])
