"""TextTask and MusicTask: a corpus, scored by likelihood, BLEU and diversity, and melodies also by pitch."""

import functools
import importlib.metadata

import numpy as np

import seqgan_tf
from seqgan_tf.data import midi
from seqgan_tf.metrics import catalogue
from seqgan_tf.metrics.bleu import bleu
from seqgan_tf.metrics.diversity import commonest
from seqgan_tf.tasks.task import Task


class TextTask(Task):
    """Learning from the text of a corpus.

    Args:
      corpus: data.corpus.Corpus.
      num_samples: maximum number of validation sequences to score like generated ones, as a yardstick.
      heldout_size: maximum number of test sequences, and of validation sequences, to compare with.
      allow_unknown: whether the generator predicts the unknown token.
    """

    def __init__(self, corpus, num_samples, heldout_size, allow_unknown=False):
        self.about, self._unknown = corpus.about, "predicted" if allow_unknown else "never"
        self.vocabulary, self.train = corpus.vocabulary, corpus.train
        self.heldout, self.valid = corpus.test[:heldout_size], corpus.valid[:heldout_size]
        self._in_all = {"test": len(corpus.test), "validation": len(corpus.valid)}
        self._num_samples = num_samples

    @functools.cached_property
    def _valid_references(self):
        return [self.vocabulary.references(row) for row in self.valid]

    @functools.cached_property
    def _yardsticks(self):
        """Returns the metrics of real text: the validation split, scored like generated text."""
        return {f"{name}_real": score for name, score in self.scores(self.valid[: self._num_samples]).items()}

    def evaluate(self, generator, generated, temperature):
        """Returns the metrics of Task.evaluate, BLEU with the validation split, and the metrics of real text.

        The entry "signatures" is a dict of str: what each metric depends on.
        """
        metrics = super().evaluate(generator, generated, temperature)
        valid = bleu(self._sentences(generated), self._valid_references, catalogue.BLEU_ORDER)
        metrics |= catalogue.numbered("bleu_valid", valid)
        signatures = self._signatures(metrics, len(generated), temperature)
        signatures |= self._signatures(self._yardsticks, len(self.valid[: self._num_samples]), temperature, "_real")
        return metrics | self._yardsticks | {"signatures": signatures}

    def tradeoff(self, generator, generated, temperature):
        """Returns BLEU-5, Self-BLEU-5, the share of the commonest sequence and the metrics of `likelihoods`."""
        scores = self.scores(generated, ("bleu", "self_bleu"))
        chosen = {name: scores[name] for name in ("bleu_5", "self_bleu_5")}
        chosen["commonest_sequence"] = commonest(map(bytes, np.asarray(generated)))
        return chosen | self.likelihoods(generator, generated, temperature)

    def _signatures(self, metrics, num_samples, temperature, ending=""):
        """Returns what each metric depends on besides the text, a dict of catalogue name + ending -> signature."""
        compared = {
            "test": f"{len(self.heldout)} of the {self._in_all['test']} in the test split",
            "validation": f"{len(self.valid)} of the {self._in_all['validation']} in the validation split",
            "first": f"the first {len(self.heldout[: catalogue.TEXYGEN])} of the test split",
            "training": f"{len(self.train)} in the training split",
        }
        words = self.vocabulary
        text = {"case": "lower" if words.lowercase else "mixed", "tokens": words.tokenizer, "vocabulary": len(words)}
        text |= {"unknown": self._unknown, "temperature": temperature, "seqgan_tf": seqgan_tf.__version__}
        sequences = {"nll_test": compared["test"], "nll_valid": compared["validation"], "entropy": num_samples}
        found = {}
        for entry in dict.fromkeys(map(catalogue.metric, metrics)):
            hypotheses = min(num_samples, entry.most_samples or num_samples)
            parts = {"sequences": sequences[entry.name]} if entry.name in sequences else {"hypotheses": hypotheses}
            if entry.references:
                parts["references"] = compared.get(entry.references, entry.references)
            parts |= entry.signature
            if "smoothing" in parts:
                parts["nltk"] = importlib.metadata.version("nltk")
            found[entry.name + ending] = "|".join(f"{key}:{value}" for key, value in (parts | text).items())
        return found


class MusicTask(TextTask):
    """Text whose tokens are note names. It also has the metric pitch_mse, and samples as MIDI files."""

    def files(self, tokens):
        """Returns the files of TextTask.files and a MIDI file for each sequence."""
        tunes = {f"-{i:02}.mid": midi.midi(names) for i, names in enumerate(self._sentences(tokens), 1)}
        return super().files(tokens) | tunes

    def _melodies(self, tokens):
        length = self.heldout.shape[1]
        return tuple(
            np.stack([midi.pitches(names, length) for names in self._sentences(rows)])
            for rows in (tokens, self.heldout)
        )
