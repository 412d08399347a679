"""Config: every setting once, with its unit and source; PRESETS: complete settings by name."""

import dataclasses
import math

# Sources: [P] the paper, [C] its authors' code (LantaoYu/SeqGAN), [here] chosen for this project.


def _setting(default, text, minimum=None, below=None, choices=None):
    limits = {"minimum": minimum, "below": below, "choices": choices}
    return dataclasses.field(default=default, metadata={"help": text, **limits})


@dataclasses.dataclass(frozen=True)
class Config:
    """All that decides the numbers of a run. The defaults are the paper's synthetic benchmark.

    Raises:
      ValueError: naming the flag, its value and what is allowed.
    """

    seed: int = _setting(0, "Seed of every random draw but the oracle's parameters.", 0)

    vocab_size: int = _setting(5000, "V, number of token ids; for text at most so many [P].", 5)
    max_length: int = _setting(20, "T, tokens in a sequence; longer lines of text are left out [P].", 2)
    batch_size: int = _setting(64, "Sequences in a batch [C].", 1)
    train_size: int = _setting(
        10_000, "Oracle sequences to train on, drawn once; for text those that D sees in an epoch at most [P].", 1
    )

    corpus: str = _setting(
        "",
        "Built-in text to train on instead of an oracle.",
        choices=(
            *("", "chinese_poems", "chinese_poems/punctuated", "image_coco", "nottingham"),
            *("presidential_speeches", "presidential_speeches/obama", "presidential_speeches/all"),
        ),
    )
    data_dir: str = _setting(
        "", "Folder of built-in corpora, made there once; without it TFDS's, ~/tensorflow_datasets."
    )
    train_file: str = _setting("", "Text to train on instead of an oracle: UTF-8, a sequence a line, plain or gzip.")
    valid_file: str = _setting("", "Text for validation; without it a tenth of --train_file.")
    test_file: str = _setting("", "Text for the final scores; without it a tenth of --train_file.")
    tokens: str = _setting(
        "",
        "What a token of text is; without it what suits --corpus, or words.",
        choices=("", "words", "characters", "spaces"),
    )
    min_count: int = _setting(1, "Occurrences in the training text that give a token an id of its own.", 1)
    lowercase: bool = _setting(False, "Lower-cases all text.")

    start_token: int = _setting(0, "Id that is read before the first token of oracle data; an ordinary one [C].", 0)
    oracle_seed: int = _setting(0, "Seed of the oracle's parameters, each from N(0, 1) [P].", 0)
    oracle_file: str = _setting("", "Path or URL of the authors' oracle parameters; replaces --oracle_seed.")
    oracle_sha256: str = _setting(
        "5ac794a695dd6e0eb2bb689f3dfda55e4e0053e8c0399e6242630a95f1e60e8a",
        "SHA-256 that the oracle file must have: the published file's; empty: any file.",
    )
    oracle_embedding_dim: int = _setting(32, "Embedding size of the seeded oracle [P].", 1)
    oracle_hidden_dim: int = _setting(32, "LSTM state size of the seeded oracle [P].", 1)

    g_embedding_dim: int = _setting(32, "Embedding size of the generator [P].", 1)
    g_hidden_dim: int = _setting(32, "LSTM state size of the generator [P].", 1)
    g_clip_norm: float = _setting(5.0, "Bound on the global norm of the generator's gradient [C].", 0.0)
    mle_epochs: int = _setting(120, "Epochs of maximum-likelihood pre-training [C].", 0)
    mle_learning_rate: float = _setting(0.01, "Adam's learning rate for maximum likelihood [C].", 0.0)

    scheduled_sampling: float = _setting(
        0.0,
        "Scheduled sampling: by so much an epoch falls the probability of reading the true token, not one of the "
        "generator's own [P has 0.002]; 0: off.",
        0.0,
        1.0,
    )
    g_dropout: float = _setting(
        0.0, "Share of the generator's embeddings and outputs dropped in maximum likelihood [here].", 0.0, 1.0
    )
    mle_patience: int = _setting(
        0,
        "Maximum likelihood stops after so many evaluations without a lower nll_valid, and the generator of the "
        "lowest is taken; 0: neither [here].",
        0,
    )

    pretrained: str = _setting(
        "",
        "Run folder whose maximum likelihood, done with the same settings, is taken over. Changes no number, if it "
        "comes from such a machine and as many --threads [here].",
    )

    d_embedding_dim: int = _setting(64, "Embedding size of the discriminator [C].", 1)
    d_filter_widths: tuple[int, ...] = _setting(
        (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20), "Tokens spanned by each kind of filter [P].", 1
    )
    d_filter_counts: tuple[int, ...] = _setting(
        (100, 200, 200, 200, 200, 100, 100, 100, 100, 100, 160, 160), "Filters of each width [P].", 1
    )
    d_dropout: float = _setting(0.25, "Share of the discriminator's features dropped in training [C].", 0.0, 1.0)
    d_l2: float = _setting(0.2, "Weight of ||w||^2 / 2 of the discriminator's output layer [C].", 0.0)
    d_learning_rate: float = _setting(1e-4, "Adam's learning rate for the discriminator [C].", 0.0)
    d_rounds: int = _setting(50, "Rounds of discriminator pre-training, each with fresh negatives [C].", 0)
    d_epochs: int = _setting(3, "k, epochs on one set of negatives [P].", 1)

    iterations: int = _setting(200, "Iterations of adversarial training [C].", 0)
    g_steps: int = _setting(1, "Generator steps in an iteration [P].", 1)
    d_steps: int = _setting(5, "Sets of negatives for the discriminator in an iteration [P].", 0)
    num_rollouts: int = _setting(16, "N, roll-outs for each prefix [C].", 1)
    pg_learning_rate: float = _setting(0.01, "Adam's learning rate for the policy gradient [C].", 0.0)
    reward: str = _setting(
        "discriminator", "What rewards a sequence.", choices=("discriminator", "bleu", "constant", "random")
    )
    rollout_decay: float = _setting(
        0.0, "beta <- decay * beta + (1 - decay) * theta after an iteration; 0 copies theta [P].", 0.0, 1.0
    )
    rollout_chunk: int = _setting(
        608, "Rows in one batch of roll-outs, rounded to whole sentences: bounds memory [here].", 1
    )

    eval_samples: int = _setting(10_000, "Sequences in an evaluation, generated and held-out real ones [C].", 1)
    temperature: float = _setting(
        1.0,
        "Divides the logits of the samples that are scored and shown and of the likelihoods beside them, but not in "
        "training [here].",
        0.01,
    )
    mle_eval_every: int = _setting(5, "Epochs between evaluations in pre-training [C].", 1)
    eval_every: int = _setting(5, "Iterations or rounds between evaluations later on [C].", 1)
    mixed_precision: bool = _setting(
        False,
        "Matrix products of generator and discriminator in bfloat16; softmax, losses, samplers and weights stay "
        "float32. For GPUs [here].",
    )
    jit: bool = _setting(
        False, "Compiles the generator's optimisation steps with XLA; changes the last bits of numbers [here]."
    )
    checkpoint_seconds: float = _setting(
        30.0, "Seconds between checkpoints; 0: one after every step. Changes no number [here].", 0.0
    )
    profile: bool = _setting(
        False, "Writes a TensorFlow profile of a few steps of each phase into tensorboard/. Changes no number [here]."
    )

    def __post_init__(self):
        for field in dataclasses.fields(self):
            _check(field, getattr(self, field.name))
        if self.corpus and (self.train_file or self.valid_file or self.test_file):
            raise ValueError(f"--corpus is {self.corpus}, and a text file is given too; allowed is one of the two.")
        if self.corpus == "nottingham" and (self.lowercase or self.tokens not in ("", "spaces")):
            raise ValueError("--lowercase or --tokens is given; allowed with --corpus=nottingham is neither.")
        if not self.corpus and not self.train_file and (self.tokens or self.lowercase or self.min_count > 1):
            raise ValueError("--tokens, --lowercase or --min_count is given; allowed is that with text only.")
        if not self.train_file and (self.valid_file or self.test_file):
            raise ValueError("--valid_file or --test_file is given; allowed is that with --train_file only.")
        if self.start_token >= self.vocab_size:
            raise ValueError(f"--start_token is {self.start_token}; allowed is 0 to {self.vocab_size - 1}.")
        if len(self.d_filter_counts) != len(self.d_filter_widths):
            raise ValueError(
                f"--d_filter_counts has {len(self.d_filter_counts)} numbers; allowed is one for each of the "
                f"{len(self.d_filter_widths)} --d_filter_widths."
            )
        if max(self.d_filter_widths) > self.max_length:
            raise ValueError(
                f"--max_length is {self.max_length}; allowed is {max(self.d_filter_widths)} or more, "
                "the widest of --d_filter_widths."
            )
        if self.batch_size > self.train_size:
            raise ValueError(
                f"--batch_size is {self.batch_size}; allowed is 1 to {self.train_size}, the --train_size."
            )


def _check(field, value):
    """Raises ValueError where a value is outside the limits of its field."""
    minimum, below, choices = (field.metadata[key] for key in ("minimum", "below", "choices"))
    shown = ",".join(map(str, value)) if isinstance(value, tuple) else value
    if choices and value not in choices:
        raise ValueError(f"--{field.name} is {value!r}; allowed is one of {', '.join(filter(None, choices))}.")
    if isinstance(value, tuple) and not value:
        raise ValueError(f"--{field.name} is empty; allowed is at least one number.")
    for number in value if isinstance(value, tuple) else (value,):
        if isinstance(number, float) and not math.isfinite(number):
            raise ValueError(f"--{field.name} is {shown}; allowed are finite numbers.")
        if minimum is not None and number < minimum or below is not None and number >= below:
            limit = f" and less than {below}" if below is not None else ""
            raise ValueError(f"--{field.name} is {shown}; allowed is {minimum} or more{limit}.")


# Text on two cores [here]: a generator of twice the paper's sizes, a small D, and policy-gradient steps so small that
# it keeps up with them.
_TEXT = Config(
    g_embedding_dim=64,
    g_hidden_dim=64,
    mle_learning_rate=0.005,
    mle_eval_every=4,
    d_filter_widths=(1, 2, 3, 4, 5, 10),
    d_filter_counts=(50, 50, 50, 50, 50, 50),
    train_size=4_000,
    d_rounds=3,
    d_epochs=1,
    g_steps=20,
    d_steps=1,
    iterations=8,
    num_rollouts=4,
    pg_learning_rate=0.001,
    eval_samples=2_000,
    eval_every=2,
)
# The paper's filters for T = 32 [C].
_LONG_FILTERS = {
    "d_filter_widths": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 24, 32),
    "d_filter_counts": (100, 200, 200, 200, 200, 100, 100, 100, 100, 100, 160, 160, 160),
}

# What each is for, its command, and the time and score to expect of it are in usage.ABOUT.
PRESETS: dict[str, Config] = {
    "quick": Config(
        d_filter_widths=(1, 2, 3, 4, 5, 10),
        d_filter_counts=(50, 50, 50, 50, 50, 50),
        mle_epochs=20,
        d_rounds=2,
        d_epochs=1,
        g_steps=5,
        d_steps=1,
        iterations=8,
        eval_samples=2_000,
        eval_every=2,
    ),
    "paper": Config(),
    "smoke": Config(
        vocab_size=50,
        max_length=6,
        batch_size=8,
        train_size=64,
        oracle_embedding_dim=8,
        oracle_hidden_dim=8,
        g_embedding_dim=8,
        g_hidden_dim=8,
        d_embedding_dim=8,
        d_filter_widths=(1, 2, 3),
        d_filter_counts=(8, 8, 8),
        mle_epochs=4,
        d_rounds=2,
        iterations=3,
        d_steps=2,
        d_epochs=2,
        num_rollouts=4,
        eval_samples=64,
        mle_eval_every=2,
        eval_every=1,
    ),
    "poems": dataclasses.replace(_TEXT, corpus="chinese_poems", mle_epochs=8, temperature=0.7),
    "captions": dataclasses.replace(
        _TEXT, corpus="image_coco", lowercase=True, max_length=34, mle_epochs=8, temperature=0.9
    ),
    "speeches": dataclasses.replace(
        _TEXT,
        corpus="presidential_speeches",
        vocab_size=5_000,
        lowercase=True,
        max_length=24,
        mle_epochs=8,
        temperature=0.8,
    ),
    "music": dataclasses.replace(
        _TEXT,
        corpus="nottingham",
        vocab_size=100,
        max_length=32,
        mle_epochs=12,
        num_rollouts=8,
        pg_learning_rate=0.0003,
        temperature=0.8,
    ),
    "poems_paper": Config(corpus="chinese_poems"),
    "captions_paper": Config(corpus="image_coco", lowercase=True, max_length=34, **_LONG_FILTERS),
    "speeches_paper": Config(
        corpus="presidential_speeches/obama", vocab_size=10_000, max_length=32, train_size=1_862, **_LONG_FILTERS
    ),
    "music_paper": Config(corpus="nottingham", vocab_size=100, max_length=32, train_size=3_050, **_LONG_FILTERS),
}
