"""Tasks: what is to be learned and how it is scored. All kinds have the same attributes and methods."""

import re

import nltk
import numpy as np

import seqgan_tf
from seqgan_tf.data import midi
from seqgan_tf.data.vocabulary import BOS, EOS, SPECIAL, UNK
from seqgan_tf.metrics import METRICS
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.seeds import fold
from seqgan_tf.tasks.likelihood import evaluate_generator, token_nll_of, yardsticks

BLEU_ORDER, DISTINCT_ORDER = 5, 4
TEXYGEN = 500  # so many first references, and hypotheses, Texygen takes
MOST_HELD_OUT = 10_000  # sequences of a split that are compared with: what BLEU counts stays in memory


class OracleTask:
    """Sequences of an oracle, which can say how good others are (paper, "Synthetic Data Experiments").

    Args:
      oracle: models.Oracle.
      length: T.
      train_size: sequences to train on.
      heldout_size: sequences to evaluate with, and as many to choose by.
      seed: int.
      temperature: that of the samples that are scored: likelihoods are of the distribution that is sampled.

    Attributes:
      vocab_size, start_token, end_token: as models.Generator takes them.
      train, heldout, valid: [S, T] int32.
      vocabulary: vocabulary.Vocabulary, or None where tokens are numbers.
    """

    def __init__(self, oracle, length, train_size, heldout_size, seed, temperature=1.0):
        self.vocab_size, self.start_token, self.end_token = oracle.vocab_size, oracle.start_token, None
        self.vocabulary = None
        self._oracle, self._temperature = oracle, temperature
        self.train = sample_sequences(oracle, train_size, length, fold(seed, "training data")).numpy()
        self.heldout = sample_sequences(oracle, heldout_size, length, fold(seed, "held-out data")).numpy()
        self.valid = sample_sequences(oracle, heldout_size, length, fold(seed, "validation data")).numpy()
        self._yardsticks = yardsticks(oracle, self.heldout, fold(seed, "uniform"))

    def evaluate(self, generator, generated):
        """Figures of a generator and its samples [S, T], by name."""
        figures = evaluate_generator(generator, self._oracle, generated, self.heldout, self._temperature)
        figures["nll_valid"] = METRICS["nll"](token_nll_of(generator, self._temperature), self.valid)
        return figures | self._yardsticks

    def tradeoff(self, generator, generated, temperature):
        """The figures of quality and variety of a generator at a temperature, and its samples [S, T] at it."""
        return evaluate_generator(generator, self._oracle, generated, self.heldout, temperature)

    def lines(self, tokens):
        """Sequences [S, T] as text, a str each."""
        return [" ".join(map(str, row)) for row in np.asarray(tokens)]

    def samples(self, tokens):
        """Sequences [S, T] as files: a dict of how the file's name ends -> bytes; ".txt" has a line each."""
        return {".txt": _text(self.lines(tokens))}

    def sentences(self, tokens):
        """Sequences [S, T] as lists of tokens, as BLEU takes its hypotheses."""
        return np.asarray(tokens).tolist()

    def references(self, tokens):
        """Sequences [S, T] as lists of tokens, as BLEU takes its references."""
        return self.sentences(tokens)


class TextTask:
    """Text of a corpus, scored by likelihood, BLEU and diversity.

    Args:
      corpus: corpus.Corpus.
      num_samples: sequences that are scored at once, of the validation split as well.
      temperature: as for OracleTask.

    Attributes: as for OracleTask; train is a corpus.IdFile.
    """

    def __init__(self, corpus, num_samples, temperature=1.0):
        self.vocab_size, self.start_token, self.end_token = len(corpus.vocabulary), BOS, EOS
        self.vocabulary = corpus.vocabulary
        self._temperature = temperature
        self.train, self.heldout, self.valid = corpus.train, corpus.test[:MOST_HELD_OUT], corpus.valid[:MOST_HELD_OUT]
        self._in_all = {"test": len(corpus.test), "validation": len(corpus.valid)}
        self._references = self.references(self.heldout)
        self._valid_references = self.references(self.valid)
        # What real text reaches: the validation split in the place of generated text.
        real = self.valid[:num_samples]
        self._yardsticks = {f"{name}_real": score for name, score in self.scores(real).items()}
        self._yardstick_signatures = {f"{name}_real": text for name, text in self._signatures(len(real)).items()}

    def evaluate(self, generator, generated):
        """As for OracleTask: likelihoods, BLEU and diversity; "signatures" says what each figure depends on."""
        score = token_nll_of(generator, self._temperature)
        figures = {
            "nll_test": METRICS["nll"](score, self.heldout),
            "nll_valid": METRICS["nll"](score, self.valid),
            "entropy": METRICS["nll"](score, generated),
        }
        figures |= self.scores(generated)
        valid = METRICS["bleu"](self.sentences(generated), self._valid_references, BLEU_ORDER)
        figures |= _numbered("bleu_valid", valid)
        figures |= self._yardsticks
        signatures = self._signatures(len(generated)) | self._yardstick_signatures
        scored = {re.sub(r"_\d", "", name) for name in figures}  # the orders of a score share a signature
        return figures | {"signatures": {name: text for name, text in signatures.items() if name in scored}}

    def tradeoff(self, generator, generated, temperature):
        """As for OracleTask."""
        score, sentences = token_nll_of(generator, temperature), self.sentences(generated)
        figures = _numbered("bleu", METRICS["bleu"](sentences, self._references, BLEU_ORDER))
        figures |= _self_bleu("self_bleu", sentences)
        nll = {"nll_test": METRICS["nll"](score, self.heldout), "entropy": METRICS["nll"](score, generated)}
        return {name: figures[name] for name in ("bleu_5", "self_bleu_5")} | nll

    def scores(self, tokens):
        """Figures of sequences [S, T] that need no generator, by name."""
        sentences, rows = self.sentences(tokens), [row.tobytes() for row in np.asarray(tokens, np.int32)]
        # Nobody knows which word an unknown one is, so a sentence with one is no copy.
        known = [None if UNK in row else content for row, content in zip(np.asarray(tokens), rows, strict=True)]
        first, references = sentences[:TEXYGEN], self._references[:TEXYGEN]
        return {
            **_numbered("bleu", METRICS["bleu"](sentences, self._references, BLEU_ORDER)),
            **_self_bleu("self_bleu", sentences),
            **_numbered("bleu_first500", METRICS["bleu"](first, references, BLEU_ORDER)),
            **_self_bleu("self_bleu_first500", first),
            **_numbered("distinct", METRICS["distinct"](sentences, DISTINCT_ORDER)),
            "memorised": METRICS["memorised"](known, self._training_rows()),
            "repeated": METRICS["repeated"](rows),
        }

    def lines(self, tokens):
        """Sequences [S, T] as text, a str each."""
        return [self.vocabulary.text(row) for row in np.asarray(tokens)]

    def samples(self, tokens):
        """As for OracleTask."""
        return {".txt": _text(self.lines(tokens))}

    def sentences(self, tokens):
        """Sequences [S, T] as lists of tokens."""
        return [self.vocabulary.decode(row) for row in np.asarray(tokens)]

    def references(self, tokens):
        """Sequences [S, T] as lists of tokens to compare with. An unknown one is None, which no hypothesis has:
        nobody has guessed it right."""
        unknown = SPECIAL[UNK]
        return [[None if token == unknown else token for token in sentence] for sentence in self.sentences(tokens)]

    def _training_rows(self, block=2**12):
        for start in range(0, len(self.train), block):
            yield from (row.tobytes() for row in self.train[start : start + block])

    def _signatures(self, num):
        """All that each figure depends on besides the text, by the beginning of its name."""
        text = {
            "case": "lower" if self.vocabulary.lowercase else "mixed",
            "tokens": self.vocabulary.tokenizer,
            "vocabulary": len(self.vocabulary),
            "temperature": self._temperature,
            "seqgan_tf": seqgan_tf.__version__,
        }
        bleu = {"orders": f"2-{BLEU_ORDER}", "weights": "uniform", "smoothing": "method1", "nltk": nltk.__version__}
        test, valid = (
            f"{len(used)} of the {self._in_all[split]} in the {split} split"
            for split, used in (("test", self.heldout), ("validation", self.valid))
        )
        first = f"the first {len(self._references[:TEXYGEN])} of the test split"
        ours, first_hypotheses = {"hypotheses": num}, {"hypotheses": min(num, TEXYGEN)}
        parts = {
            "nll_test": {"sequences": test},
            "nll_valid": {"sequences": valid},
            "entropy": {"sequences": num},
            "bleu": {**ours, "references": test, **bleu},
            "bleu_valid": {**ours, "references": valid, **bleu},
            "self_bleu": {**ours, "references": "all other hypotheses", **bleu},
            "bleu_first500": {**first_hypotheses, "references": first, **bleu},
            "self_bleu_first500": {**first_hypotheses, "references": "all other hypotheses", **bleu},
            "distinct": {**ours, "orders": f"1-{DISTINCT_ORDER}"},
            "memorised": {**ours, "references": f"{len(self.train)} in the training split"},
            "repeated": ours,
        }
        return {name: "|".join(f"{k}:{v}" for k, v in (part | text).items()) for name, part in parts.items()}


class MusicTask(TextTask):
    """Melodies as text of names of notes: besides what text has, a distance in pitch, and samples that play."""

    def scores(self, tokens):
        """As for TextTask, and "pitch_mse"."""
        melodies, references = (
            np.stack([midi.pitches(names, len(row)) for names, row in zip(self.sentences(rows), rows, strict=True)])
            for rows in (np.asarray(tokens), self.heldout)
        )
        return super().scores(tokens) | {"pitch_mse": METRICS["pitch_mse"](melodies, references)}

    def samples(self, tokens):
        """As for OracleTask, and a MIDI file each."""
        tunes = {f"-{i:02}.mid": midi.midi(names) for i, names in enumerate(self.sentences(tokens), 1)}
        return super().samples(tokens) | tunes

    def _signatures(self, num):
        signatures = super()._signatures(num)
        return signatures | {"pitch_mse": signatures["nll_test"].replace("sequences", f"hypotheses:{num}|references")}


def _numbered(name, scores):
    return {f"{name}_{order}": score for order, score in scores.items()}


def _self_bleu(name, sentences):
    """A single sentence has nothing to be compared with, hence no Self-BLEU."""
    return _numbered(name, METRICS["self_bleu"](sentences, BLEU_ORDER)) if len(sentences) > 1 else {}


def _text(lines):
    return ("\n".join(lines) + "\n").encode()
