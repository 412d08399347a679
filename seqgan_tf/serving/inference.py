"""Inference: sample from a loaded run, and score sequences with it."""

import math

import numpy as np

from seqgan_tf.sampling import sample_chunks
from seqgan_tf.tasks.task import token_nll_of

ROWS = 128  # sequences scored at once: bounds the [rows, T, V] logits


def sample(loaded, num, seed, temperature=None, prefix=""):
    """Samples sequences from a loaded run in chunks.

    Args:
      loaded: LoadedRun.
      num: number of sequences.
      seed: int; the same seed gives the same sequences.
      temperature: float between 0.01 and 100; 0 always takes the most probable token; None for the temperature at
        which the run was scored in training.
      prefix: str, the beginning of all sequences; for oracle data, numbers separated by spaces.

    Returns:
      An iterator over int32 arrays [M, T].

    Raises:
      ValueError: at once, if the prefix has unknown or more than T tokens, or the temperature is out of range.
    """
    temperature = loaded.config.temperature if temperature is None else temperature
    ids = loaded.vocabulary.prefix(prefix, loaded.length)
    chunks = sample_chunks(loaded.generator, num, loaded.length, seed, temperature, ids)
    return (chunk.numpy() for chunk in chunks)


def described(loaded, tokens):
    """Returns sequences [S, T] as dicts with tokens (ids), text, and log_prob (nats, at temperature 1)."""
    words, log_probs = loaded.vocabulary, score(loaded, tokens)[0].sum(1).tolist()
    return [
        {"tokens": words.shown(row), "text": words.text(row), "log_prob": log_prob}
        for row, log_prob in zip(tokens, log_probs, strict=True)
    ]


def score(loaded, tokens):
    """Scores tokens [S, T] of a LoadedRun at temperature 1.

    Returns:
      log-probabilities of the tokens [S, T] in nats, 0 after the end;
      number of scored tokens of each sequence [S];
      log-likelihoods of the sequences in nats, a list;
      perplexities of the sequences per token, a list.
    """
    parts = [token_nll_of(loaded.generator, tokens[start : start + ROWS]) for start in range(0, len(tokens), ROWS)]
    nll, masks = (np.concatenate(part) for part in zip(*parts, strict=True))
    log_probs, counts = 0.0 - nll * masks, masks.sum(1).astype(int)
    totals = log_probs.sum(1, dtype=np.float64).tolist()
    return log_probs, counts, totals, list(map(perplexity, totals, counts))


def perplexity(log_prob, num_tokens):
    """Returns the perplexity per token of a log-likelihood in nats. Capped at e^700, as float64 ends at e^709."""
    return math.exp(min(-log_prob / num_tokens, 700))
