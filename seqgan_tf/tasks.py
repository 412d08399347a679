"""Tasks: what is to be learned and how it is scored. Both kinds have the same attributes and methods."""

import nltk
import numpy as np

from seqgan_tf.evaluate import evaluate_generator, token_nll_of, yardsticks
from seqgan_tf.metrics import METRICS
from seqgan_tf.randomness import fold
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.vocabulary import BOS, EOS, SPECIAL, UNK

BLEU_ORDER = 5


class OracleTask:
    """Sequences of an oracle, which can say how good others are (paper, "Synthetic Data Experiments").

    Args:
      oracle: models.Oracle.
      length: T.
      train_size: sequences to train on.
      heldout_size: sequences to evaluate with.
      seed: int.

    Attributes:
      vocab_size, start_token, end_token: as models.Generator takes them.
      train, heldout: [S, T] int32.
    """

    def __init__(self, oracle, length, train_size, heldout_size, seed):
        self.vocab_size, self.start_token, self.end_token = oracle.vocab_size, oracle.start_token, None
        self._oracle = oracle
        self.train = sample_sequences(oracle, train_size, length, fold(seed, "training data")).numpy()
        self.heldout = sample_sequences(oracle, heldout_size, length, fold(seed, "held-out data")).numpy()
        self._yardsticks = yardsticks(oracle, self.heldout, fold(seed, "uniform"))

    def evaluate(self, generator, generated):
        """Figures of a generator and its samples [S, T], by name."""
        return evaluate_generator(generator, self._oracle, generated, self.heldout) | self._yardsticks

    def lines(self, tokens):
        """Sequences [S, T] as text, a str each."""
        return [" ".join(map(str, row)) for row in np.asarray(tokens)]


class TextTask:
    """Text of a corpus, scored by likelihood and by BLEU.

    Args:
      corpus: corpus.Corpus.
      heldout_size: sequences of the test split, and of the validation split, to evaluate with at most.

    Attributes: as for OracleTask; train is a corpus.IdFile.
    """

    def __init__(self, corpus, heldout_size):
        self.vocab_size, self.start_token, self.end_token = len(corpus.vocabulary), BOS, EOS
        self._vocabulary = corpus.vocabulary
        self.train, self.heldout, self._valid = corpus.train, corpus.test[:heldout_size], corpus.valid[:heldout_size]
        # An unknown token of a reference is None there, which no hypothesis has: nobody has guessed it right.
        self._references = [
            [None if token == SPECIAL[UNK] else token for token in sentence]
            for sentence in self._sentences(self.heldout)
        ]
        # What real text reaches: the validation split in the place of generated text.
        self._yardsticks = {f"{name}_real": score for name, score in self._bleu(self._valid).items()}

    def evaluate(self, generator, generated):
        """As for OracleTask: likelihoods, and BLEU against the held-out sequences, as NLTK counts it."""
        score = token_nll_of(generator)
        figures = {
            "nll_test": METRICS["nll"](score, self.heldout),
            "nll_valid": METRICS["nll"](score, self._valid),
            "entropy": METRICS["nll"](score, generated),
        }
        return figures | self._bleu(generated) | self._yardsticks | {"bleu_signature": self._signature(generated)}

    def lines(self, tokens):
        """Sequences [S, T] as text, a str each."""
        return [self._vocabulary.text(row) for row in np.asarray(tokens)]

    def _sentences(self, tokens):
        return [self._vocabulary.decode(row) for row in np.asarray(tokens)]

    def _bleu(self, tokens):
        sentences = self._sentences(tokens)
        bleu = METRICS["bleu"](sentences, self._references, BLEU_ORDER)
        self_bleu = METRICS["self_bleu"](sentences, BLEU_ORDER)
        return {f"bleu_{k}": x for k, x in bleu.items()} | {f"self_bleu_{k}": x for k, x in self_bleu.items()}

    def _signature(self, generated):
        """All that BLEU depends on besides the text."""
        vocabulary = self._vocabulary
        parts = {
            "hypotheses": len(generated),
            "references": len(self._references),
            "weights": "uniform",
            "smoothing": "method1",
            "case": "lower" if vocabulary.lowercase else "mixed",
            "tokens": vocabulary.tokenizer,
            "nltk": nltk.__version__,
        }
        return "|".join(f"{name}:{value}" for name, value in parts.items())
