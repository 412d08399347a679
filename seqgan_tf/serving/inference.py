"""Inference: sampling from a loaded run, and scoring sequences with it."""

import math

import numpy as np

from seqgan_tf.sampling import sample_chunks
from seqgan_tf.tasks.task import token_nll_of

ROWS = 128  # sequences scored at once: bounds the [rows, T, V] logits


def sample(loaded, num, seed, temperature=None, prefix=""):
    """Yields [M, T] int32 arrays of sequences of a LoadedRun, `num` in all, by seed, an int.

    The temperature is 0.01 to 100, or 0: always the most probable token; None: the one at which the run is scored.
    All begin with the prefix, text, or numbers for an oracle run. Raises ValueError at once, if that has unknown
    tokens or more than T, or temperature is out of its limits.
    """
    temperature = loaded.config.temperature if temperature is None else temperature
    ids = loaded.vocabulary.prefix(prefix, loaded.length)
    chunks = sample_chunks(loaded.generator, num, loaded.length, seed, temperature, ids)
    return (chunk.numpy() for chunk in chunks)


def described(loaded, tokens):
    """Sequences [S, T] as dicts: tokens (ids), text, and log_prob (nats, at temperature 1)."""
    words, log_probs = loaded.vocabulary, score(loaded, tokens)[0].sum(1).tolist()
    return [
        {"tokens": words.shown(row), "text": words.text(row), "log_prob": log_prob}
        for row, log_prob in zip(tokens, log_probs, strict=True)
    ]


def score(loaded, tokens):
    """Scores tokens [S, T] at temperature 1.

    Returns their log-probabilities [S, T], nats, 0 after the end; how many count [S]; and of the sequences the
    log-likelihoods and the perplexities per token, a list each.
    """
    parts = [token_nll_of(loaded.generator, tokens[start : start + ROWS]) for start in range(0, len(tokens), ROWS)]
    nll, masks = (np.concatenate(part) for part in zip(*parts, strict=True))
    log_probs, counts = 0.0 - nll * masks, masks.sum(1).astype(int)
    totals = log_probs.sum(1, dtype=np.float64).tolist()
    return log_probs, counts, totals, list(map(perplexity, totals, counts))


def perplexity(log_prob, num_tokens):
    """Perplexity per token of a log-likelihood in nats; the exponent is bounded, because float64 ends at e^709."""
    return math.exp(min(-log_prob / num_tokens, 700))
