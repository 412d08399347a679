"""Trained: the models of a run folder, and what turns text into their ids and back."""

import dataclasses
import json
import pathlib
import sys

import numpy as np

from seqgan_tf.config import Config
from seqgan_tf.data import midi
from seqgan_tf.data.vocabulary import PAD, UNK, Vocabulary
from seqgan_tf.rewards import WITHOUT_DISCRIMINATOR
from seqgan_tf.runs.checkpoints import load_models, model_steps
from seqgan_tf.runs.history import best, last_step, read_metrics
from seqgan_tf.sampling import sample_chunks
from seqgan_tf.tasks.likelihood import real_probability, token_nll_of

ROWS = 128  # sequences scored at once: bounds the [rows, T, V] logits


class Trained:
    """Generator and discriminator of one evaluation of a run.

    Args:
      run: the run folder.
      checkpoint: "last" (with early stopping of maximum likelihood alone the one it has chosen), "best" (the lowest
        nll_oracle, or nll_valid for text, of the adversarial evaluations or, without any, of all), or a step of
        metrics.jsonl, as a str. If its files are damaged, those of the evaluation before it are used, and that is
        said on stderr.

    Attributes:
      path: pathlib.Path, the run folder.
      config: Config of the run.
      record: what metrics.jsonl says of these models, a dict.
      generator: models.Generator.
      discriminator: models.Discriminator, or None where the reward needed none.
      vocabulary: vocabulary.Vocabulary, or None where tokens are numbers.
      length: T.

    Raises:
      ValueError: if there is no such run or checkpoint, naming the flag and what is allowed.
    """

    def __init__(self, run, checkpoint="last"):
        self.path = pathlib.Path(run)
        self.config = read_config(run)
        written = read_metrics(run) if (self.path / "metrics.jsonl").exists() else []
        records = [record for record in written if "step" in record]
        if not records or not model_steps(run):
            why = "a run with no checkpoint yet; allowed is one that has been evaluated, as train does first of all"
            if len(written) > 1:
                why = (
                    "whose models/ is missing, or which is of a version that kept none; allowed is a run with models"
                )
            raise ValueError(f"--run is {run}, {why}.")
        names = {"generator"} | (set() if self.config.reward in WITHOUT_DISCRIMINATOR else {"discriminator"})
        self.record, models = _load(run, records, _chosen(records, checkpoint, self.config.mle_patience), names)
        self.generator, self.discriminator = models["generator"], models.get("discriminator")
        words = self.path / "corpus" / "vocabulary.json"
        is_text = bool(self.config.corpus or self.config.train_file)
        if is_text and not words.exists():
            raise ValueError(f"--run is {run}, whose {words} is missing; allowed is a run folder as train left it.")
        self.vocabulary = Vocabulary.load(words) if is_text else None
        self.length = self.config.max_length

    def ids(self, text):
        """A whole sequence as text, or as numbers where there is no vocabulary -> ([T] int32, unknown tokens).

        Raises:
          ValueError: if it is empty or too long or, of numbers, not T of those that there are.
        """
        if self.vocabulary is None:
            ids = self._numbers(text)
            if len(ids) != self.length:
                raise ValueError(f"{len(ids)} tokens; allowed are {self.length}")
            return np.array(ids, np.int32), 0
        tokens = self.vocabulary.split(text)
        if not 0 < len(tokens) <= self.length:
            raise ValueError(f"{len(tokens)} tokens; allowed are 1 to {self.length}")
        ids = np.array(self.vocabulary.encode(tokens, self.length), np.int32)
        return ids, int((ids == UNK).sum())

    def prefix(self, text):
        """The beginning of a sequence: text, or numbers -> [P] int32.

        Raises:
          ValueError: if it has unknown tokens, or more than T.
        """
        if self.vocabulary is None:
            ids = self._numbers(text)
        else:
            tokens = self.vocabulary.split(text)
            ids = self.vocabulary.encode(tokens, len(tokens))
            unknown = [token for token, index in zip(tokens, ids, strict=True) if index == UNK]
            if unknown:
                raise ValueError(
                    f"unknown words: {', '.join(dict.fromkeys(unknown))}; allowed are the {len(self.vocabulary)} of "
                    "the vocabulary"
                )
        if len(ids) > self.length:
            raise ValueError(f"{len(ids)} tokens; allowed are {self.length} at most")
        return np.array(ids, np.int32)

    def _numbers(self, text):
        words, most = text.split(), self.generator.vocab_size - 1
        if not all(word.isdecimal() and int(word) <= most for word in words):
            raise ValueError(f"tokens that are no number from 0 to {most}; allowed are such numbers with spaces")
        return [int(word) for word in words]

    def sample(self, num, seed, temperature=None, prefix=""):
        """Sequences, in chunks.

        Args:
          num: how many.
          seed: int.
          temperature: as for sampling.sample_chunks; None: the one the run is scored at.
          prefix: text that every sequence begins with.

        Returns:
          An iterator over [M, T] int32 arrays.

        Raises:
          ValueError: as `prefix`, and as sampling.sample_chunks.
        """
        temperature = self.config.temperature if temperature is None else temperature
        ids = self.prefix(prefix)
        return (part.numpy() for part in sample_chunks(self.generator, num, self.length, seed, temperature, ids))

    def lines(self, tokens):
        """Sequences [S, T] as text, or as numbers where there is no vocabulary: a str each."""
        if self.vocabulary is None:
            return [" ".join(map(str, row)) for row in tokens.tolist()]
        return [self.vocabulary.text(row) for row in tokens]

    def shown_ids(self, tokens):
        """Sequences [S, T] as lists of ids, the end token included, what is behind it not."""
        if self.vocabulary is None:
            return tokens.tolist()
        return [[index for index in row if index != PAD] for row in tokens.tolist()]

    def score(self, tokens):
        """Log-likelihoods at temperature 1.

        Args:
          tokens: [S, T] int32.

        Returns:
          (log-probability of each token [S, T], 0 behind the end; tokens [S] that count, the end token among them).
        """
        score = token_nll_of(self.generator)
        parts = [score(tokens[start : start + ROWS]) for start in range(0, len(tokens), ROWS)]
        log_probabilities, masks = (np.concatenate(part) for part in zip(*parts, strict=True))
        return 0.0 - log_probabilities * masks, masks.sum(1).astype(int)

    def real(self, tokens):
        """D(Y) of sequences [S, T], the probability of being real: [S], or None without a discriminator."""
        return None if self.discriminator is None else real_probability(self.discriminator, tokens)

    @property
    def is_music(self):
        """Whether every token is the name of a note or a rest."""
        return self.vocabulary is not None and midi.are_notes(self.vocabulary.tokens[UNK + 1 :])


def read_config(run):
    """The Config of a run folder.

    Raises:
      ValueError: if it is no run folder.
    """
    path = pathlib.Path(run) / "config.json"
    try:
        content = json.loads(path.read_text())
        names = {field.name for field in dataclasses.fields(Config)}
        known = {name: value for name, value in content.items() if name in names}  # of another version, perhaps
        return Config(**{name: tuple(value) if isinstance(value, list) else value for name, value in known.items()})
    except OSError as error:
        raise ValueError(f"--run is {run}, which is no run folder; allowed is one that train has made.") from error
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise ValueError(f"--run is {run}, whose config.json is damaged ({error}).") from error


def _chosen(records, checkpoint, patience):
    """Index of the record that a checkpoint's name means."""
    if checkpoint == "best":
        return records.index(best(records))
    steps = [str(record["step"]) for record in records]
    if checkpoint == "last":
        return steps.index(str(last_step(records, patience)))
    checkpoint = checkpoint.lstrip("0") or "0"  # as the folders of models/ are called
    if checkpoint not in steps:
        raise ValueError(f"--checkpoint is {checkpoint}; allowed is best, last or a step: {', '.join(steps)}.")
    return steps.index(checkpoint)


def _load(run, records, index, names):
    errors = []
    for record in reversed(records[: index + 1]):
        try:
            models = load_models(run, record["step"], names)
        except ValueError as error:
            errors.append(error)
            continue
        if errors:
            print(f"{errors[0]}; the checkpoint before it is used, step {record['step']}.", file=sys.stderr)
        return record, models
    raise ValueError(
        f"--run is {run}, whose checkpoint and all before it are damaged; allowed is one that is whole. "
        f"The last: {errors[0]}."
    )
