"""TextTask and MusicTask: text of a corpus, scored by likelihood, BLEU and diversity, and melodies by pitch too."""

import functools

import nltk
import numpy as np

import seqgan_tf
from seqgan_tf.data import midi
from seqgan_tf.metrics import catalogue
from seqgan_tf.metrics.bleu import bleu
from seqgan_tf.tasks.task import Task


class TextTask(Task):
    """Text of a corpus.

    Args:
      corpus: data.corpus.Corpus.
      num_samples: sequences of the validation split that are scored in the place of generated ones.
      heldout_size: sequences of the test split, and of the validation split, that are compared with at most.
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
        """What real text reaches: metrics of the validation split in the place of generated text."""
        return {f"{name}_real": score for name, score in self.scores(self.valid[: self._num_samples]).items()}

    def evaluate(self, generator, generated, temperature):
        """Metrics as of every Task, BLEU with the validation split, what real text reaches, and all signatures."""
        metrics = super().evaluate(generator, generated, temperature)
        valid = bleu(self._sentences(generated), self._valid_references, catalogue.BLEU_ORDER)
        metrics |= catalogue.numbered("bleu_valid", valid)
        signatures = self._signatures(metrics, len(generated), temperature)
        signatures |= self._signatures(self._yardsticks, len(self.valid[: self._num_samples]), temperature, "_real")
        return metrics | self._yardsticks | {"signatures": signatures}

    def tradeoff(self, generator, generated, temperature):
        """BLEU-5, Self-BLEU-5 and the likelihoods beside them, of the arguments of `evaluate`."""
        scores = self.scores(generated, ("bleu", "self_bleu"))
        chosen = {name: scores[name] for name in ("bleu_5", "self_bleu_5")}
        return chosen | self.likelihoods(generator, generated, temperature)

    def _signatures(self, metrics, num_samples, temperature, ending=""):
        """All that each metric depends on besides the text: a dict of the entry's name and an ending -> str."""
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
                parts["nltk"] = nltk.__version__
            found[entry.name + ending] = "|".join(f"{key}:{value}" for key, value in (parts | text).items())
        return found


class MusicTask(TextTask):
    """Text whose tokens are names of notes: it also has a distance in pitch, and samples that play."""

    def files(self, tokens):
        """Sequences [S, T] as files of samples: text with a line each, and a MIDI file each."""
        tunes = {f"-{i:02}.mid": midi.midi(names) for i, names in enumerate(self._sentences(tokens), 1)}
        return super().files(tokens) | tunes

    def _melodies(self, tokens):
        length = self.heldout.shape[1]
        return tuple(
            np.stack([midi.pitches(names, length) for names in self._sentences(rows)])
            for rows in (tokens, self.heldout)
        )
