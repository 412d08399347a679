"""Task: the base of all tasks, and likelihoods of sequences under a model."""

import functools

import numpy as np
import tensorflow as tf

from seqgan_tf.data.vocabulary import PAD, UNK
from seqgan_tf.losses import token_nll
from seqgan_tf.metrics import catalogue
from seqgan_tf.metrics.nll import nll


class Task:
    """What a run learns from and how it is scored.

    Subclasses have the sequences train, heldout (the test split) and valid, each [S, T] int32, and a vocabulary.
    """

    about = ()  # str: a summary of what was read, and warnings

    @functools.cached_property
    def _references(self):
        return [self.vocabulary.references(row) for row in self.heldout]

    def num_train_tokens(self, block=2**12):
        """Returns the number of tokens of the training split, with end tokens."""
        if not self.vocabulary.is_text:
            return self.train.size
        starts = range(0, len(self.train), block)
        return int(sum(np.count_nonzero(self.train[start : start + block] != PAD) for start in starts))

    def evaluate(self, generator, generated, temperature):
        """Returns the metrics of a generator, a dict by name.

        Args:
          generator: models.Generator.
          generated: [S, T] int32, its samples.
          temperature: of the samples. Likelihoods are those of the distribution at this temperature.
        """
        metrics = self.likelihoods(generator, generated, temperature)
        metrics["nll_valid"] = nll_under(generator, self.valid, temperature)
        return metrics | self.scores(generated)

    def likelihoods(self, generator, generated, temperature):
        """Returns nll_test and entropy, nats per token, to be read together. Takes what `evaluate` takes."""
        return {
            "nll_test": nll_under(generator, self.heldout, temperature),
            "entropy": nll_under(generator, generated, temperature),
        }

    def scores(self, tokens, names=()):
        """Returns the metrics of sequences [S, T] that need no generator, a dict by name.

        Args:
          tokens: [S, T] int32.
          names: entries of the catalogue; () for all.
        """
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
        """Returns the pitches of samples and of the test split; None if the task is not music."""
        del tokens

    def files(self, tokens):
        """Returns sequences [S, T] as files, a dict of file name ending -> bytes; ".txt" has a sequence per line."""
        return {".txt": "".join(self.vocabulary.text(row) + "\n" for row in np.asarray(tokens)).encode()}


def token_nll_of(model, tokens, temperature=1.0):
    """Returns the NLL of each of tokens [M, T] in nats, and the mask, 0 after the end token; both are [M, T].

    The logits are divided by temperature.
    """
    tokens = tf.constant(tokens, tf.int32)
    # One trace for slices of any size at temperature 1, without a pass over the logits, and one for all others.
    any_size, scalar = tf.TensorSpec([None, tokens.shape[1]], tf.int32), tf.TensorSpec([])
    factor = None if temperature == 1 else 1.0 / tf.constant(temperature, tf.float32)
    trace = _token_nll.get_concrete_function(model, any_size, None if factor is None else scalar)
    return trace(model, tokens, factor)


@tf.function(autograph=False)
def _token_nll(model, tokens, factor):
    logits = model(tokens)
    return token_nll(logits if factor is None else logits * factor, tokens), model.mask(tokens)


def nll_under(model, tokens, temperature=1.0):
    """Returns the mean NLL of sequences [S, T] under a model, nats per token. temperature divides the logits."""
    return nll(lambda part: token_nll_of(model, part, temperature), tokens)
