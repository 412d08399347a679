"""Config: every setting once, with its unit, source and group."""

import dataclasses
import difflib
import functools
import math

from seqgan_tf.config import corpora

# Sources: [P] the paper, [C] its authors' code (LantaoYu/SeqGAN), [here] chosen for this project.
# What a setting decides: data, training (all networks), generator (and its pre-training), discriminator, adversarial
# training, scoring; bookkeeping changes no number.
GROUPS = ("data", "training", "generator", "discriminator", "adversarial", "scoring", "bookkeeping")
TOKENS = ("words", "characters", "spaces")  # data.vocabulary.TOKENIZERS
PUBLISHED_SHA256 = "5ac794a695dd6e0eb2bb689f3dfda55e4e0053e8c0399e6242630a95f1e60e8a"


def _setting(group, default, text, minimum=None, below=None, choices=None, flag=True, featured=False):
    """A field of Config; flag: it can be set on the command line; featured: TensorBoard's table has it first."""
    limits = {"minimum": minimum, "below": below, "choices": choices}
    metadata = limits | {"group": group, "help": text, "flag": flag, "featured": featured}
    return dataclasses.field(default=default, metadata=metadata)


_data, _training, _generator, _discriminator, _adversarial, _scoring, _bookkeeping = (
    functools.partial(_setting, group) for group in GROUPS
)


@dataclasses.dataclass(frozen=True)
class Config:
    """All settings of a run, by default the paper's synthetic benchmark; a ValueError names a flag that is wrong."""

    seed: int = _training(0, "Seed of every random draw but the oracle's parameters.", 0, featured=True)
    vocab_size: int = _data(5000, "V, number of token ids; for text at most so many [P].", 5)
    max_length: int = _data(20, "T, tokens in a sequence; longer lines of text are left out [P].", 2)
    batch_size: int = _training(64, "Sequences in a batch [C].", 1)
    train_size: int = _training(10_000, "Oracle sequences to train on; of text the most D sees in an epoch [P].", 1)
    corpus: str = _data(
        "", "Built-in text to train on instead of an oracle.", choices=("", *corpora.names()), featured=True
    )
    data_dir: str = _bookkeeping("", "Folder of built-in corpora; without it TFDS's, ~/tensorflow_datasets.")
    train_file: str = _data("", "Text to train on instead of an oracle: UTF-8, one sequence per line, plain or gzip.")
    valid_file: str = _data("", "Text for validation; without it a tenth of --train_file.")
    test_file: str = _data("", "Text for the final scores; without it a tenth of --train_file.")
    tokens: str = _data("", "What a token is; by default as suits --corpus, or words.", choices=("", *TOKENS))
    min_count: int = _data(1, "Occurrences in the training text that a token needs to get an id.", 1)
    too_long: str = _data(
        "skip", "What becomes of lines of more than --max_length tokens.", choices=("skip", "cut", "split", "error")
    )
    lowercase: bool = _data(False, "Lower-cases all text.")
    start_token: int = _data(0, "Id read before the first token of oracle data; an ordinary one [C].", 0)
    oracle_seed: int = _data(0, "Seed of the oracle's parameters, each from N(0, 1) [P].", 0)
    oracle_file: str = _data("", "Path or URL of the authors' oracle parameters; replaces --oracle_seed.")
    oracle_sha256: str = _bookkeeping(PUBLISHED_SHA256, "SHA-256 that --oracle_file must have; empty: any.")
    oracle_embedding_dim: int = _data(32, "Embedding size of the seeded oracle [P].", 1)
    oracle_hidden_dim: int = _data(32, "LSTM state size of the seeded oracle [P].", 1)
    allow_unknown: bool = _generator(False, "Predicts <unk> too, which stands for all words without an id [here].")
    g_cell: str = _generator("lstm", "Recurrent cell of the generator: lstm [P] or gru [here].")
    g_embedding_dim: int = _generator(32, "Embedding size of the generator [P].", 1)
    g_hidden_dim: int = _generator(32, "State size of the generator [P].", 1)
    g_clip_norm: float = _generator(5.0, "Bound on the global norm of the generator's gradient [C].", 0.0)
    mle_epochs: int = _generator(120, "Epochs of maximum-likelihood pre-training [C].", 0)
    mle_learning_rate: float = _generator(0.01, "Adam's learning rate for maximum likelihood [C].", 0.0)
    scheduled_sampling: float = _generator(0.0, "Decrease of teacher forcing per epoch [P has 0.002].", 0.0, 1.0)
    g_dropout: float = _generator(0.0, "Share of G's embeddings and outputs dropped in MLE [here].", 0.0, 1.0)
    mle_patience: int = _generator(0, "Evaluations without a lower nll_valid that end MLE; 0: off [here].", 0)
    pretrained: str = _bookkeeping(
        "", "Run folder with the same MLE settings whose pre-trained state is used [here]."
    )
    uses_discriminator: bool = _discriminator(True, "Whether D is trained; --reward decides.", flag=False)
    d_embedding_dim: int = _discriminator(64, "Embedding size of the discriminator [C].", 1)
    d_filter_widths: tuple[int, ...] = _discriminator(
        (*range(1, 11), 15, 20), "Tokens spanned by filters, up to T [P].", 1
    )
    d_filter_counts: tuple[int, ...] = _discriminator(
        (100, 200, 200, 200, 200, 100, 100, 100, 100, 100, 160, 160), "Filters of each width [P].", 1
    )
    d_dropout: float = _discriminator(0.25, "Share of D's features dropped in training [C].", 0.0, 1.0)
    d_l2: float = _discriminator(0.2, "Weight of ||w||^2 / 2 of D's output layer [C].", 0.0)
    d_learning_rate: float = _discriminator(1e-4, "Adam's learning rate for the discriminator [C].", 0.0)
    d_rounds: int = _discriminator(50, "Rounds of pre-training D, each with fresh negatives [C].", 0)
    d_epochs: int = _discriminator(3, "k, epochs on one set of negatives [P].", 1)
    iterations: int = _adversarial(200, "Iterations of adversarial training [C].", 0)
    g_steps: int = _adversarial(1, "Generator steps in an iteration [P].", 1)
    d_steps: int = _discriminator(5, "Discriminator rounds in an iteration [P].", 0)
    g_updates: int = _adversarial(1, "Updates on each batch of samples; more than 1 suits --objective=ppo [here].", 1)
    num_rollouts: int = _adversarial(16, "N, roll-outs for each prefix [C].", 1, featured=True)
    pg_learning_rate: float = _adversarial(0.01, "Adam's learning rate for the policy gradient [C].", 0.0)
    reward: str = _adversarial(
        "discriminator", "Reward: discriminator, bleu, constant, random or module:function.", featured=True
    )
    objective: str = _adversarial("reinforce", "Policy loss: a name in objectives.py, or module:function [here].")
    rollout_decay: float = _adversarial(0.0, "d in beta <- d * beta + (1 - d) * theta; 0: a copy [P].", 0.0, 1.0)
    rollout_chunk: int = _adversarial(608, "Roll-outs in a batch, in whole sentences: bounds memory [here].", 1)
    eval_samples: int = _scoring(10_000, "Sequences generated for an evaluation [C].", 1)
    heldout_size: int = _scoring(10_000, "Held-out sequences, at most, in an evaluation and in validation [C].", 1)
    temperature: float = _scoring(
        1.0, "Divides the logits of scores and their samples, not in training [here].", 0.01, featured=True
    )
    mle_eval_every: int = _generator(5, "Epochs between evaluations in pre-training [C].", 1)
    eval_every: int = _adversarial(5, "Iterations or rounds between evaluations later on [C].", 1)
    mixed_precision: bool = _training(False, "bfloat16 matrix products, for GPUs; all else stays float32 [here].")
    jit: bool = _training(False, "Compiles the generator's steps with XLA; changes the last bits of numbers [here].")
    checkpoint_seconds: float = _bookkeeping(30.0, "Seconds between checkpoints; 0: after every step [here].", 0.0)
    profile: bool = _bookkeeping(False, "Profiles a few steps of each phase into tensorboard/ [here].")

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, list):  # as JSON has it
                object.__setattr__(self, field.name, tuple(value))
            check(field, value)
        if self.corpus and (self.train_file or self.valid_file or self.test_file):
            raise ValueError(f"--corpus is {self.corpus}, and a text file is given too; allowed is one of the two.")
        has_fixed_tokens = self.corpus and corpora.tokens(self.corpus) == "spaces"
        if has_fixed_tokens and (self.lowercase or self.tokens not in ("", "spaces")):
            raise ValueError(f"--lowercase or --tokens is given; allowed with --corpus={self.corpus} is neither.")
        if not self.corpus and not self.train_file and (self.tokens or self.lowercase or self.min_count > 1):
            raise ValueError("--tokens, --lowercase or --min_count is given; allowed is that with text only.")
        if not self.train_file and (self.valid_file or self.test_file):
            raise ValueError("--valid_file or --test_file is given; allowed is that with --train_file only.")
        if self.start_token >= self.vocab_size:
            raise ValueError(f"--start_token is {self.start_token}; allowed is 0 to {self.vocab_size - 1}.")
        num, counts = len(self.d_filter_widths), len(self.d_filter_counts)
        if counts != num:
            raise ValueError(f"--d_filter_counts has {counts} numbers; allowed are {num}, as for --d_filter_widths.")
        if not self.d_filters:
            narrowest = min(self.d_filter_widths)
            raise ValueError(f"--d_filter_widths must be {self.max_length} (--max_length) or less, got {narrowest}.")
        if self.batch_size > self.train_size:
            raise ValueError(f"--batch_size is {self.batch_size}; allowed is 1 to {self.train_size}, --train_size.")

    @property
    def is_text(self):
        """Whether the run is trained on text instead of an oracle's sequences."""
        return bool(self.corpus or self.train_file)

    @property
    def d_filters(self):
        """(width, number) of each kind of filter that fits into a sequence, tuples."""
        pairs = zip(self.d_filter_widths, self.d_filter_counts, strict=True)
        return [(width, count) for width, count in pairs if width <= self.max_length]

    @property
    def text_files(self):
        """Paths of the user's text by split: train, valid, test; "" for none."""
        return {"train": self.train_file, "valid": self.valid_file, "test": self.test_file}

    def has_both(self, other, name):
        """Whether a setting is a text file that both Configs have: then its content counts, not its path."""
        split = name.removesuffix("_file")
        return bool(self.text_files.get(split) and other.text_files.get(split))

    @property
    def tokenizer(self):
        """What a token of text is: --tokens, or what suits the corpus, or words."""
        return self.tokens or (corpora.tokens(self.corpus) if self.corpus else "words")

    @staticmethod
    def names(*groups):
        """Names of the settings of some GROUPS, a tuple; without any of all settings that change numbers."""
        groups = groups or GROUPS[:-1]
        return tuple(field.name for field in dataclasses.fields(Config) if field.metadata["group"] in groups)

    @staticmethod
    def is_flag(name):
        """Whether a setting can be set by a flag of its name."""
        return Config.__dataclass_fields__[name].metadata["flag"]

    def differences(self, other, groups=()):
        """Names of the settings, of groups as for `names`, in which two Configs differ, a list.

        Settings of the discriminator do not count where neither has one.
        """
        unused = () if self.uses_discriminator or other.uses_discriminator else self.names("discriminator")
        names = (name for name in self.names(*groups) if name not in unused)
        return [name for name in names if getattr(self, name) != getattr(other, name)]


def check(field, value):
    """Raises ValueError where a value is outside the limits of its field."""
    minimum, below, choices = (field.metadata[key] for key in ("minimum", "below", "choices"))
    values = value if isinstance(value, (tuple, list)) else (value,)
    if choices and value not in choices:
        near = near_miss(value, choices) or "."
        raise ValueError(f"--{field.name} is {value!r}; allowed is one of {', '.join(filter(None, choices))}{near}")
    if not values:
        raise ValueError(f"--{field.name} is empty; allowed is at least one number.")
    shown = ",".join(map(str, values))
    if any(isinstance(number, float) and not math.isfinite(number) for number in values):
        raise ValueError(f"--{field.name} is {shown}; allowed are finite numbers.")
    if any(minimum is not None and number < minimum or below is not None and number >= below for number in values):
        limit = f" and less than {below}" if below is not None else ""
        raise ValueError(f"--{field.name} is {shown}; allowed is {minimum} or more{limit}.")


def near_miss(word, known):
    """Words that ask for the likeliest of what a misspelt word could have been, or "".

    Example:
      >>> near_miss("smok", ["quick", "smoke"])
      "; did you mean 'smoke'?"
    """
    found = difflib.get_close_matches(word, known, 1)
    return f"; did you mean {found[0]!r}?" if found else ""
