"""Task: what the oracle's sequences and text have in common."""

import functools

import numpy as np

from seqgan_tf.data.vocabulary import UNK
from seqgan_tf.metrics import catalogue
from seqgan_tf.tasks.likelihood import nll_under


class Task:
    """Sequences [S, T] int32 to learn from, train, and to compare with, heldout and valid; and their vocabulary."""

    @functools.cached_property
    def _references(self):
        return [self.vocabulary.references(row) for row in self.heldout]

    def evaluate(self, generator, generated, temperature):
        """Metrics of a generator and its samples [S, T], sampled at a temperature, and of data to compare with.

        Likelihoods are of the distribution that is sampled.
        """
        metrics = self.likelihoods(generator, generated, temperature)
        metrics["nll_valid"] = nll_under(generator, self.valid, temperature)
        return metrics | self.scores(generated)

    def likelihoods(self, generator, generated, temperature):
        """Of the arguments of `evaluate`, those that only mean something together."""
        return {
            "nll_test": nll_under(generator, self.heldout, temperature),
            "entropy": nll_under(generator, generated, temperature),
        }

    def scores(self, tokens, names=()):
        """Metrics of sequences [S, T] that need no generator, by name; names: entries of the catalogue, none: all."""
        tokens, is_text = np.asarray(tokens, np.int32), self.vocabulary.is_text
        rows = [row.tobytes() for row in tokens]
        known = [None if is_text and UNK in row else content for row, content in zip(tokens, rows, strict=True)]
        samples = catalogue.Samples(
            self._sentences(tokens), self._references, rows, known, self._training_rows, self._melodies(tokens)
        )
        return catalogue.compute(samples, "text" if is_text else "oracle", names)

    def _sentences(self, tokens):
        return [self.vocabulary.decode(row) for row in np.asarray(tokens)]

    def _training_rows(self, block=2**12):
        for start in range(0, len(self.train), block):
            yield from (row.tobytes() for row in self.train[start : start + block])

    def _melodies(self, tokens):
        """Pitches of samples and of the test split; None for what is no music."""
        del tokens

    def files(self, tokens):
        """Sequences [S, T] as files of samples: a dict of how the name ends -> bytes; ".txt" has a line each."""
        return {".txt": "".join(self.vocabulary.text(row) + "\n" for row in np.asarray(tokens)).encode()}
