"""TextTask: text of a corpus, scored by likelihood, BLEU and diversity."""

import functools

import nltk
import numpy as np

import seqgan_tf
from seqgan_tf.data.vocabulary import UNK
from seqgan_tf.metrics import catalogue
from seqgan_tf.metrics.bleu import bleu
from seqgan_tf.tasks.likelihood import nll_under


class TextTask:
    """Text of a corpus.

    Args:
      corpus: data.corpus.Corpus.
      num_samples: sequences of the validation split that are scored in the place of generated ones.
      heldout_size: sequences of the test split, and of the validation split, that are compared with at most.

    Attributes:
      vocabulary, train: of the corpus.
      heldout, valid: [S, T] int32.
    """

    def __init__(self, corpus, num_samples, heldout_size):
        self.vocabulary, self.train = corpus.vocabulary, corpus.train
        self.heldout, self.valid = corpus.test[:heldout_size], corpus.valid[:heldout_size]
        self._in_all = {"test": len(corpus.test), "validation": len(corpus.valid)}
        self._num_samples = num_samples

    @functools.cached_property
    def _references(self):
        return [self.vocabulary.references(row) for row in self.heldout]

    @functools.cached_property
    def _valid_references(self):
        return [self.vocabulary.references(row) for row in self.valid]

    @functools.cached_property
    def _yardsticks(self):
        """What real text reaches: metrics of the validation split in the place of generated text."""
        return {f"{name}_real": score for name, score in self.scores(self.valid[: self._num_samples]).items()}

    def evaluate(self, generator, generated, temperature):
        """Metrics of a generator and its samples [S, T], sampled at a temperature, and of real data.

        Likelihoods are of the distribution that is sampled. "signatures" says what each metric depends on besides the
        text.
        """
        metrics = self._likelihoods(generator, generated, temperature)
        metrics["nll_valid"] = nll_under(generator, self.valid, temperature)
        metrics |= self.scores(generated)
        valid = bleu(self._sentences(generated), self._valid_references, catalogue.BLEU_ORDER)
        metrics |= catalogue.numbered("bleu_valid", valid)
        signatures = self._signatures(metrics, len(generated), temperature)
        of_real = self._signatures(self._yardsticks, len(self.valid[: self._num_samples]), temperature)
        signatures |= {f"{name}_real": text for name, text in of_real.items()}
        return metrics | self._yardsticks | {"signatures": signatures}

    def tradeoff(self, generator, generated, temperature):
        """BLEU-5, Self-BLEU-5 and the likelihoods beside them, of the arguments of `evaluate`."""
        scores = self.scores(generated, ("bleu", "self_bleu"))
        chosen = {name: scores[name] for name in ("bleu_5", "self_bleu_5")}
        return chosen | self._likelihoods(generator, generated, temperature)

    def _likelihoods(self, generator, generated, temperature):
        return {
            "nll_test": nll_under(generator, self.heldout, temperature),
            "entropy": nll_under(generator, generated, temperature),
        }

    def scores(self, tokens, names=()):
        """Metrics of sequences [S, T] that need no generator, by name; names: entries of the catalogue, none: all."""
        tokens = np.asarray(tokens, np.int32)
        rows = [row.tobytes() for row in tokens]
        known = [None if UNK in row else content for row, content in zip(tokens, rows, strict=True)]
        samples = catalogue.Samples(
            self._sentences(tokens), self._references, rows, known, self._training_rows, self._melodies(tokens)
        )
        return catalogue.compute(samples, "text", names)

    def files(self, tokens):
        """Sequences [S, T] as files of samples: a dict of how the name ends -> bytes; ".txt" has a line each."""
        return {".txt": "".join(self.vocabulary.text(row) + "\n" for row in np.asarray(tokens)).encode()}

    def _sentences(self, tokens):
        return [self.vocabulary.decode(row) for row in np.asarray(tokens)]

    def _melodies(self, tokens):
        """Pitches of samples and of the test split; None for text that is no music."""
        del tokens

    def _training_rows(self, block=2**12):
        for start in range(0, len(self.train), block):
            yield from (row.tobytes() for row in self.train[start : start + block])

    def _signatures(self, metrics, num_samples, temperature):
        """All that each metric depends on besides the text: a dict of the entry's name -> str."""
        compared = {
            "test": f"{len(self.heldout)} of the {self._in_all['test']} in the test split",
            "validation": f"{len(self.valid)} of the {self._in_all['validation']} in the validation split",
            "first": f"the first {len(self.heldout[: catalogue.TEXYGEN])} of the test split",
            "training": f"{len(self.train)} in the training split",
        }
        text = {
            "case": "lower" if self.vocabulary.lowercase else "mixed",
            "tokens": self.vocabulary.tokenizer,
            "vocabulary": len(self.vocabulary),
            "temperature": temperature,
            "seqgan_tf": seqgan_tf.__version__,
        }
        sequences = {"nll_test": compared["test"], "nll_valid": compared["validation"], "entropy": num_samples}
        found = {}
        for entry in dict.fromkeys(map(catalogue.metric, metrics)):
            if entry.name in sequences:
                parts = {"sequences": sequences[entry.name]}
            else:
                parts = {"hypotheses": min(num_samples, entry.most_samples or num_samples)}
            if entry.references:
                parts["references"] = compared.get(entry.references, entry.references)
            parts |= entry.signature
            if "smoothing" in parts:
                parts["nltk"] = nltk.__version__
            found[entry.name] = "|".join(f"{key}:{value}" for key, value in (parts | text).items())
        return found
