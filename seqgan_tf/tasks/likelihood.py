"""Evaluation: every figure of a run, from its models and data."""

import numpy as np
import tensorflow as tf

from seqgan_tf.losses import token_nll
from seqgan_tf.metrics import METRICS
from seqgan_tf.rewards import discriminator_reward
from seqgan_tf.sampling import sample_sequences


def evaluate(phase, task, generator, discriminator, num, length, seed, temperature):
    """All figures of one moment of a run, from its models alone: so a restored model has the same ones.

    Args:
      phase: "mle", "discriminator" or "adversarial": before the second D is untrained, and in it G does not change.
      task: one of the tasks of tasks.py.
      generator: models.Generator.
      discriminator: models.Discriminator or None.
      num: S, sequences of each kind.
      length: T.
      seed: [2] int32.
      temperature: that of the samples that are scored; D's are drawn at 1, as those it is trained on.

    Returns:
      The figures by name; the samples [S, T] int32 that were scored; and D's scores as `evaluate_discriminator`
      returns them, or {} where it was not asked.
    """
    generated = sample_sequences(generator, num, length, seed, temperature)
    figures = task.evaluate(generator, generated) if phase != "discriminator" else {}
    scores = {}
    if phase != "mle" and discriminator:
        fresh = generated if temperature == 1 else sample_sequences(generator, num, length, seed)
        d_figures, scores = evaluate_discriminator(discriminator, task.train[:num], task.heldout[:num], fresh)
        figures |= d_figures
    return figures, generated, scores


def evaluate_generator(generator, oracle, generated, heldout, temperature=1.0):
    """The three figures that only mean something together.

    Args:
      generator: models.Generator.
      oracle: models.Oracle.
      generated: [S, T] int32, the generator's own samples.
      heldout: [S', T] int32, oracle sequences that are not in the training data.
      temperature: at which `generated` was sampled.

    Returns:
      {"nll_oracle", "nll_test", "entropy"}: floats, nats per token.
    """
    return {
        "nll_oracle": _nll(oracle, generated),
        "nll_test": _nll(generator, heldout, temperature),
        "entropy": _nll(generator, generated, temperature),
    }


def evaluate_discriminator(discriminator, train, heldout, generated):
    """Accuracy and AUC against fresh generated sequences, on real ones that D was trained on and on others.

    A discriminator that does well on the first and not on the second knows its training set by heart, and its
    reward is noise.

    Args:
      discriminator: models.Discriminator.
      train, heldout, generated: [S, T] int32 each.

    Returns:
      A pair: {"d_accuracy_train", "d_auc_train", "d_accuracy_heldout", "d_auc_heldout"}, floats in [0, 1]; and what
      they were computed from, {"train", "heldout", "generated"}: D(Y) of each, [S] float32.
    """
    sequences = {"train": train, "heldout": heldout, "generated": generated}
    scores = {name: real_probability(discriminator, tokens) for name, tokens in sequences.items()}
    figures = {
        f"d_{metric}_{name}": METRICS[metric](scores[name], scores["generated"])
        for name in ("train", "heldout")
        for metric in ("accuracy", "auc")
    }
    return figures, scores


def yardsticks(oracle, heldout, seed):
    """nll_oracle of real data, the best to be had, and of uniform random tokens.

    Args:
      oracle: models.Oracle.
      heldout: [S, T] int32, the oracle's own sequences.
      seed: [2] int32.

    Returns:
      {"nll_oracle_real", "nll_oracle_random"}: floats, nats per token.
    """
    uniform = _uniform_tokens(oracle.vocab_size, heldout.shape[1], seed)
    return {"nll_oracle_real": _nll(oracle, heldout), "nll_oracle_random": _nll(oracle, uniform)}


def _uniform_tokens(vocab_size, length, seed, least=10_000):
    """Random tokens [S, T], S >= least: each id equally often at each place, which spares half of the variance."""
    size = vocab_size * -(-least // vocab_size)
    fold_in, shuffle = tf.random.experimental.stateless_fold_in, tf.random.experimental.index_shuffle
    places = [shuffle(tf.range(size), fold_in(seed, t), size - 1) % vocab_size for t in range(length)]
    return tf.stack(places, 1)


def token_nll_of(model, temperature=1.0):
    """What METRICS["nll"] takes: a function of tokens [M, T] that returns their token NLL and their mask.

    Args:
      model: models.Generator.
      temperature: float, divides the logits.
    """

    def score(tokens):
        tokens = tf.constant(tokens, tf.int32)
        any_size = tf.TensorSpec([None, tokens.shape[1]], tf.int32)  # one trace for slices of any size
        return _token_nll.get_concrete_function(model, any_size, temperature)(model, tokens, temperature)

    return score


def _nll(model, tokens, temperature=1.0):
    return METRICS["nll"](token_nll_of(model, temperature), tokens)


@tf.function(autograph=False)
def _token_nll(model, tokens, temperature):
    return token_nll(model(tokens) / temperature, tokens), model.mask(tokens)


def real_probability(discriminator, tokens, rows=500):
    """D(Y) of sequences [S, T]: [S] float32, `rows` of them at a time."""
    tokens, probability = np.asarray(tokens), discriminator_reward(discriminator)
    parts = [tokens[start : start + rows] for start in range(0, len(tokens), rows)]
    return np.concatenate([probability(tf.constant(part)) for part in parts])
