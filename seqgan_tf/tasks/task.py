"""Task: what the oracle's sequences and text have in common, and likelihoods of sequences under a model."""

import functools

import numpy as np
import tensorflow as tf

from seqgan_tf.data.vocabulary import UNK
from seqgan_tf.losses import token_nll
from seqgan_tf.metrics import catalogue
from seqgan_tf.metrics.nll import nll


class Task:
    """Sequences [S, T] int32 to learn from, train, and to compare with, heldout and valid; and their vocabulary."""

    about = ()  # what was read, lines of text

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


def token_nll_of(model, tokens, temperature=1.0):
    """The NLL of each of tokens [M, T], nats, its logits divided by temperature; and their mask, 0 behind the end."""
    tokens = tf.constant(tokens, tf.int32)
    any_size = tf.TensorSpec([None, tokens.shape[1]], tf.int32)  # one trace for slices of any size
    return _token_nll.get_concrete_function(model, any_size, temperature)(model, tokens, temperature)


@tf.function(autograph=False)
def _token_nll(model, tokens, temperature):
    return token_nll(model(tokens) / temperature, tokens), model.mask(tokens)


def nll_under(model, tokens, temperature=1.0):
    """Mean NLL of sequences [S, T] under a model whose logits are divided by temperature, nats per token."""
    return nll(lambda part: token_nll_of(model, part, temperature), tokens)
