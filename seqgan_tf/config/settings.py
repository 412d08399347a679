"""Config: every setting once, with its unit, source and group."""

import dataclasses
import functools

from seqgan_tf.config import corpora
from seqgan_tf.config.limits import check

# Sources: [P] the paper, [C] its authors' code (LantaoYu/SeqGAN), [here] chosen for this project.
# A group says what a setting affects. "training" affects all networks, "generator" includes its pre-training, and
# "bookkeeping" changes no number.
GROUPS = ("data", "training", "generator", "discriminator", "adversarial", "scoring", "bookkeeping")
TOKENS = ("words", "characters", "spaces")  # data.vocabulary.TOKENIZERS
PUBLISHED_SHA256 = "5ac794a695dd6e0eb2bb689f3dfda55e4e0053e8c0399e6242630a95f1e60e8a"


def _setting(group, default, text, minimum=None, below=None, choices=None, flag=True, featured=False):
    """Returns a field of Config. flag: it is a command-line flag; featured: TensorBoard's table shows it first."""
    limits = {"minimum": minimum, "below": below, "choices": choices}
    metadata = limits | {"group": group, "help": text, "flag": flag, "featured": featured}
    return dataclasses.field(default=default, metadata=metadata)


_data, _training, _generator, _discriminator, _adversarial, _scoring, _bookkeeping = (
    functools.partial(_setting, group) for group in GROUPS
)


@dataclasses.dataclass(frozen=True)
class Config:
    """All settings of a run. The defaults are the paper's synthetic benchmark.

    Raises:
      ValueError: if a setting is out of its limits or conflicts with another one; names the flag.

    Examples:
      >>> Config(batch_size=32).batch_size
      32
    """

    seed: int = _training(0, "Seed of all random draws except the oracle's parameters.", 0, featured=True)
    vocab_size: int = _data(5000, "V, the number of token ids. For text it is an upper limit [P].", 5)
    max_length: int = _data(
        20, "T, the maximum number of tokens per sequence. --too_long handles longer lines [P].", 2
    )
    batch_size: int = _training(64, "Sequences per batch [C].", 1)
    train_size: int = _training(
        10_000, "Oracle sequences to train on. For text, the maximum number that D sees per epoch [P].", 1
    )
    corpus: str = _data(
        "", "Built-in text to train on instead of oracle sequences.", choices=("", *corpora.names()), featured=True
    )
    data_dir: str = _bookkeeping("", "Folder of the built-in corpora. Default: ~/tensorflow_datasets, as in TFDS.")
    train_file: str = _data(
        "", "Text file to train on instead of oracle sequences: UTF-8, one sequence per line, plain or gzip."
    )
    valid_file: str = _data("", "Text file for validation. Default: a tenth of the lines of --train_file.")
    test_file: str = _data("", "Text file for the final metrics. Default: a tenth of the lines of --train_file.")
    tokens: str = _data("", "What counts as a token. Default: words, or what suits --corpus.", choices=("", *TOKENS))
    min_count: int = _data(1, "Occurrences in the training text that a token needs; rarer tokens are unknown.", 1)
    too_long: str = _data(
        "skip", "What to do with lines of more than --max_length tokens.", choices=("skip", "cut", "split", "error")
    )
    lowercase: bool = _data(False, "Converts all text to lower case.")
    start_token: int = _data(0, "Id of the start token of oracle sequences; it is an ordinary token too [C].", 0)
    oracle_seed: int = _data(0, "Seed of the oracle's parameters, each drawn from N(0, 1) [P].", 0)
    oracle_file: str = _data("", "Path or URL of the authors' oracle parameters; replaces --oracle_seed.")
    oracle_sha256: str = _bookkeeping(PUBLISHED_SHA256, "SHA-256 that --oracle_file must have. Empty: not checked.")
    oracle_embedding_dim: int = _data(32, "Embedding size of the seeded oracle [P].", 1)
    oracle_hidden_dim: int = _data(32, "LSTM state size of the seeded oracle [P].", 1)
    allow_unknown: bool = _generator(
        False, "Lets the generator produce the unknown token, which stands for all unknown words [here]."
    )
    g_cell: str = _generator("lstm", "Recurrent cell of the generator: lstm [P] or gru [here].")
    g_embedding_dim: int = _generator(32, "Embedding size of the generator [P].", 1)
    g_hidden_dim: int = _generator(32, "State size of the generator's cell [P].", 1)
    g_clip_norm: float = _generator(5.0, "Maximum global norm of the generator's gradient [C].", 0.0)
    mle_epochs: int = _generator(120, "Epochs of MLE pre-training [C].", 0)
    mle_learning_rate: float = _generator(0.01, "Adam's learning rate in MLE pre-training [C].", 0.0)
    scheduled_sampling: float = _generator(
        0.0,
        "Decrease of the teacher-forcing probability per epoch. 0: off; 0.002 in the paper's baseline [P].",
        0.0,
        1.0,
    )
    g_dropout: float = _generator(0.0, "Dropout rate of G's embeddings and outputs in pre-training [here].", 0.0, 1.0)
    g_variational: bool = _generator(
        False, "Dropout drops the same features at all positions of a sequence (Gal and Ghahramani, 2016) [here]."
    )
    g_l2: float = _generator(
        0.0,
        "c in the penalty c / 2N times the squared norm of all weights, N training tokens. 0: off [here].",
        0.0,
    )
    mle_decay: float = _generator(
        0.0,
        "Share of pre-training, at its end, in which the learning rate falls to 0 linearly. 0: off [here].",
        0.0,
        1.0,
    )
    mle_average: float = _generator(
        0.0,
        "Decay per step of the moving average that replaces G's weights after pre-training. 0: off [here].",
        0.0,
        1.0,
    )
    teacher: str = _generator(
        "",
        "Run folders whose generators pre-training imitates (distillation), separated by commas [here].",
    )
    mle_patience: int = _generator(
        0,
        "Early stopping: pre-training ends after this many evaluations without a lower nll_valid. 0: off [here].",
        0,
    )
    pretrained: str = _bookkeeping("", "Run folder with the same MLE settings whose pre-trained state to use [here].")
    uses_discriminator: bool = _discriminator(True, "Whether D is trained; depends on --reward.", flag=False)
    d_embedding_dim: int = _discriminator(64, "Embedding size of the discriminator [C].", 1)
    d_hidden_dim: int = _discriminator(
        64,
        "State size of a discriminator or mediator that is an LSTM, as other rewards than the paper's need [here].",
        1,
    )
    d_filter_widths: tuple[int, ...] = _discriminator(
        (*range(1, 11), 15, 20), "Widths of the discriminator's filters in tokens, at most --max_length [P].", 1
    )
    d_filter_counts: tuple[int, ...] = _discriminator(
        (100, 200, 200, 200, 200, 100, 100, 100, 100, 100, 160, 160), "Number of filters of each width [P].", 1
    )
    d_dropout: float = _discriminator(0.25, "Dropout rate of the discriminator's features [C].", 0.0, 1.0)
    d_l2: float = _discriminator(0.2, "Weight of the L2 penalty, half the squared norm of D's output layer [C].", 0.0)
    d_learning_rate: float = _discriminator(1e-4, "Adam's learning rate for the discriminator [C].", 0.0)
    d_rounds: int = _discriminator(50, "Pre-training rounds of D, each with newly sampled negatives [C].", 0)
    d_epochs: int = _discriminator(3, "k, the epochs of D on each set of negatives [P].", 1)
    iterations: int = _adversarial(200, "Iterations of adversarial training [C].", 0)
    g_steps: int = _adversarial(1, "Generator steps per iteration [P].", 1)
    d_steps: int = _discriminator(5, "Discriminator rounds per iteration [P].", 0)
    g_updates: int = _adversarial(
        1, "Generator updates per batch of samples. Above 1, use --objective=ppo [here].", 1
    )
    num_rollouts: int = _adversarial(16, "N, the number of roll-outs per prefix [C].", 1, featured=True)
    pg_learning_rate: float = _adversarial(0.01, "Adam's learning rate for the policy gradient [C].", 0.0)
    reward: str = _adversarial(
        "discriminator",
        "Reward: discriminator, bleu, constant, random, language_model, log_discriminator, maligan, rankgan, "
        "stepgan, scratchgan, cot, or your own as module:function.",
        featured=True,
    )
    judge: str = _adversarial(
        "",
        "Run folders whose generators p_M judge in --reward=language_model, separated by commas [here].",
    )
    judge_sharpness: float = _adversarial(
        1.5, "b in the reward log p_M - (1/b) log G; G's logits are multiplied by b at the start [here].", 1.0
    )
    objective: str = _adversarial(
        "reinforce", "Policy-gradient loss: a name in objectives.py, or your own as module:function [here]."
    )
    rollout_decay: float = _adversarial(
        0.0, "d in the roll-out policy's update, beta <- d * beta + (1 - d) * theta. 0: a copy of G [P].", 0.0, 1.0
    )
    rollout_chunk: int = _adversarial(
        608, "Roll-outs per batch, in whole sentences. Smaller values need less memory [here].", 1
    )
    eval_samples: int = _scoring(10_000, "Sequences generated per evaluation [C].", 1)
    heldout_size: int = _scoring(10_000, "Maximum number of test and of validation sequences per evaluation [C].", 1)
    temperature: float = _scoring(
        1.0, "Divides the logits in evaluations. Training always uses 1 [here].", 0.01, featured=True
    )
    mle_eval_every: int = _generator(5, "Epochs between evaluations in pre-training [C].", 1)
    eval_every: int = _adversarial(5, "Rounds or iterations between evaluations in the later phases [C].", 1)
    mixed_precision: bool = _training(
        False, "Uses bfloat16 for matrix products and float32 elsewhere, for GPUs [here]."
    )
    jit: bool = _training(False, "Compiles the generator's steps with XLA; the last bits of results change [here].")
    checkpoint_seconds: float = _bookkeeping(30.0, "Seconds between checkpoints. 0: after every step [here].", 0.0)
    profile: bool = _bookkeeping(False, "Writes a profile of a few steps of each phase to tensorboard/ [here].")

    def __post_init__(self):
        if (self.mle_decay or self.mle_average) and self.mle_patience:
            raise ValueError(
                "--mle_decay and --mle_average must be 0 with --mle_patience, which ends pre-training early."
            )
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, list):  # JSON has no tuples
                object.__setattr__(self, field.name, tuple(value))
            check(field, value)
        if self.corpus and (self.train_file or self.valid_file or self.test_file):
            raise ValueError(f"--corpus must be given without a text file, got {self.corpus} and a text file.")
        has_fixed_tokens = self.corpus and corpora.tokens(self.corpus) == "spaces"
        if has_fixed_tokens and (self.lowercase or self.tokens not in ("", "spaces")):
            raise ValueError(f"--lowercase and --tokens must be left out with --corpus={self.corpus}.")
        if not self.corpus and not self.train_file and (self.tokens or self.lowercase or self.min_count > 1):
            raise ValueError("--tokens, --lowercase and --min_count must be given with --train_file or --corpus.")
        if not self.train_file and (self.valid_file or self.test_file):
            raise ValueError("--valid_file and --test_file must be given with --train_file.")
        if self.start_token >= self.vocab_size:
            raise ValueError(f"--start_token must be between 0 and {self.vocab_size - 1}, got {self.start_token}.")
        num, counts = len(self.d_filter_widths), len(self.d_filter_counts)
        if counts != num:
            raise ValueError(f"--d_filter_counts must have {num} numbers, as --d_filter_widths does, got {counts}.")
        if not self.d_filters:
            narrowest = min(self.d_filter_widths)
            raise ValueError(f"--d_filter_widths must be {self.max_length} (--max_length) or less, got {narrowest}.")
        if self.batch_size > self.train_size:
            limit = f"between 1 and {self.train_size} (--train_size)"
            raise ValueError(f"--batch_size must be {limit}, got {self.batch_size}.")

    @property
    def is_text(self):
        """Whether the run trains on text; if not, it trains on oracle sequences."""
        return bool(self.corpus or self.train_file)

    @property
    def d_filters(self):
        """Returns the filters that fit into a sequence, a list of (width, count).

        Examples:
          >>> Config(max_length=4).d_filters
          [(1, 100), (2, 200), (3, 200), (4, 200)]
        """
        pairs = zip(self.d_filter_widths, self.d_filter_counts, strict=True)
        return [(width, count) for width, count in pairs if width <= self.max_length]

    @property
    def text_files(self):
        """Returns the paths of the user's text files, a dict of train, valid and test -> path or ""."""
        return {"train": self.train_file, "valid": self.valid_file, "test": self.test_file}

    def has_both(self, other, name):
        """Returns whether a setting is a text file that both Configs have. Then compare its content, not its path."""
        split = name.removesuffix("_file")
        return bool(self.text_files.get(split) and other.text_files.get(split))

    @property
    def tokenizer(self):
        """Returns the name of the tokenizer: --tokens if given, else what suits the corpus, else words."""
        return self.tokens or (corpora.tokens(self.corpus) if self.corpus else "words")

    @staticmethod
    def names(*groups):
        """Returns the names of all settings in some GROUPS, a tuple; by default in all but bookkeeping.

        Examples:
          >>> Config.names("scoring")
          ('eval_samples', 'heldout_size', 'temperature')
        """
        groups = groups or GROUPS[:-1]
        return tuple(field.name for field in dataclasses.fields(Config) if field.metadata["group"] in groups)

    @staticmethod
    def is_flag(name):
        """Returns whether a setting is a command-line flag."""
        return Config.__dataclass_fields__[name].metadata["flag"]

    def differences(self, other, groups=()):
        """Returns the names of the settings in which two Configs differ, a list of str.

        If neither Config uses a discriminator, its settings are ignored.

        Args:
          other: Config.
          groups: GROUPS to compare; by default all but bookkeeping.

        Examples:
          >>> Config().differences(Config(seed=1, g_cell="gru"))
          ['seed', 'g_cell']
          >>> Config().differences(Config(seed=1, g_cell="gru"), groups=("generator",))
          ['g_cell']
        """
        unused = () if self.uses_discriminator or other.uses_discriminator else self.names("discriminator")
        names = (name for name in self.names(*groups) if name not in unused)
        return [name for name in names if getattr(self, name) != getattr(other, name)]
