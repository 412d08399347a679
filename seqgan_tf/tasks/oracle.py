"""OracleTask: the paper's synthetic benchmark."""

import functools

import numpy as np
import tensorflow as tf

from seqgan_tf.data.vocabulary import NumberVocabulary
from seqgan_tf.metrics.diversity import commonest
from seqgan_tf.metrics.frechet import frechet_distance
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.seeds import fold
from seqgan_tf.tasks.task import Task, nll_under


class OracleTask(Task):
    """Learning from the sequences of an oracle, which also scores generated ones.

    See "Synthetic Data Experiments" in the paper.

    Args:
      oracle: models.Oracle.
      length: T.
      train_size: number of training sequences.
      heldout_size: number of test sequences, and of validation sequences.
      seed: int.
    """

    def __init__(self, oracle, length, train_size, heldout_size, seed):
        self._oracle, self._length, self._seed = oracle, length, seed
        self._train_size, self._heldout_size = train_size, heldout_size
        self.vocabulary = NumberVocabulary(oracle.vocab_size, oracle.start_token)

    # Drawn on first use, because not every user of a task needs its data.
    train = functools.cached_property(lambda self: self._drawn(self._train_size, "training data"))
    heldout = functools.cached_property(lambda self: self._drawn(self._heldout_size, "held-out data"))
    valid = functools.cached_property(lambda self: self._drawn(self._heldout_size, "validation data"))

    def _drawn(self, size, name):
        return sample_sequences(self._oracle, size, self._length, fold(self._seed, name)).numpy()

    @functools.cached_property
    def _yardsticks(self):
        """Returns nll_oracle of real data, which is the best possible, and of uniform random tokens."""
        uniform = uniform_tokens(self._oracle.vocab_size, self._length, fold(self._seed, "uniform"))
        return {
            "nll_oracle_real": nll_under(self._oracle, self.heldout),
            "nll_oracle_random": nll_under(self._oracle, uniform),
        }

    def evaluate(self, generator, generated, temperature):
        """Returns the metrics of Task.evaluate, and nll_oracle of real data and of random tokens."""
        return super().evaluate(generator, generated, temperature) | self._yardsticks

    def likelihoods(self, generator, generated, temperature):
        """Returns the metrics of Task.likelihoods and nll_oracle, nats per token."""
        likelihoods = super().likelihoods(generator, generated, temperature)
        return {"nll_oracle": nll_under(self._oracle, generated)} | likelihoods

    def tradeoff(self, generator, generated, temperature):
        """Returns the metrics of `likelihoods` and those that show a collapse: frechet and commonest_token."""
        generated = np.asarray(generated)
        real = self._features(self.heldout[: len(generated)])
        distance = frechet_distance(real, self._features(generated))
        collapse = {"frechet": distance, "commonest_token": commonest(generated.ravel().tolist())}
        return self.likelihoods(generator, generated, temperature) | collapse

    def _features(self, tokens):
        return np.concatenate(
            [self._oracle.features(tokens[start : start + 500]) for start in range(0, len(tokens), 500)]
        )


def uniform_tokens(vocab_size, length, seed, least=10_000):
    """Returns random tokens [S, T], S >= least. Ids are equally frequent at each place, to halve the variance."""
    size = vocab_size * -(-least // vocab_size)
    fold_in, shuffle = tf.random.experimental.stateless_fold_in, tf.random.experimental.index_shuffle
    places = [shuffle(tf.range(size), fold_in(seed, t), size - 1) % vocab_size for t in range(length)]
    return tf.stack(places, 1)
