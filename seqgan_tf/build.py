"""Build: the task, the models, the optimizers and the steps of a Config."""

import dataclasses
import functools

import keras
import tensorflow as tf

from seqgan_tf import objectives, rewards, steps
from seqgan_tf.config import Config
from seqgan_tf.data import builtin, corpus, midi
from seqgan_tf.data.vocabulary import UNK
from seqgan_tf.distributed import replicas
from seqgan_tf.models import (
    Discriminator,
    Generator,
    LanguageModelDiscriminator,
    Oracle,
    TokenDiscriminator,
    cells,
    of_mediator,
)
from seqgan_tf.seeds import fold
from seqgan_tf.tasks.oracle import OracleTask
from seqgan_tf.tasks.text import MusicTask, TextTask

TRAINED = (True, "token", "mediator")  # kinds of discriminators that are trained


def resolved(config):
    """Returns the Config with uses_discriminator set as its reward needs it. Call it in the strategy's scope.

    Raises:
      ValueError: naming the flag, if the reward, the objective or the cell is unknown, if the batch cannot be split
        evenly among the replicas, or if several replicas are to use --jit: XLA cannot reduce over replicas.
    """
    num = replicas.num_replicas()
    if config.batch_size % num:
        raise ValueError(f"--batch_size must be a multiple of {num} with {num} replicas, got {config.batch_size}.")
    if config.jit and num > 1:
        raise ValueError(f"--jit must be left out with {num} replicas, because XLA cannot reduce over replicas.")
    cells.find(config.g_cell)
    objectives.find(config.objective)
    kind = _discriminator_kind(config)
    is_judged = kind == "language_model"
    if bool(config.judge) != is_judged:
        advice = "must be given with" if is_judged else "must be left out without a reward like"
        raise ValueError(f"--judge {advice} --reward=language_model, got --reward={config.reward}.")
    if kind in ("language_model", "mediator") and config.objective != Config.objective:
        raise ValueError(f"--objective must be left out with --reward={config.reward}, whose expectation is exact.")
    return dataclasses.replace(config, uses_discriminator=kind in TRAINED)


def _discriminator_kind(config):
    """Returns what kind of discriminator the reward of a Config needs, as the decorator `reward` has it."""
    return getattr(rewards.find(config.reward), "discriminator", True)


def task(config, folder):
    """Returns what is to be learned: an OracleTask, TextTask or MusicTask.

    Args:
      config: Config of the run.
      folder: path of the run's corpus folder, with the text as ids; it is made from the text if it does not exist.

    Raises:
      ValueError: naming the flag, if the oracle file, the corpus or the text cannot be used.
    """
    c = config
    if not c.is_text:
        return OracleTask(oracle(c), c.max_length, c.train_size, c.heldout_size, c.seed)
    if not folder.exists():
        sources = builtin.sources(c.corpus, c.data_dir) if c.corpus else corpus.text_files(c.text_files)
        style = c.tokenizer, c.lowercase, c.vocab_size, c.min_count, c.too_long
        corpus.make(folder, sources, c.max_length, c.seed, *style)
    elif not c.corpus:
        corpus.check_same(folder, c.text_files)
    text = corpus.load(folder, c.max_length)
    if len(text.train) < c.batch_size:
        raise ValueError(
            f"--batch_size must be between 1 and {len(text.train)}, the number of training sequences, "
            f"got {c.batch_size}."
        )
    kind = MusicTask if c.corpus and midi.other(text.vocabulary.words) is None else TextTask
    return kind(text, c.eval_samples, c.heldout_size, c.allow_unknown)


def generator(config, task):
    """Returns the untrained models.Generator of a Config for a task."""
    return _language_model(config, task, "generator", config.g_embedding_dim, config.g_hidden_dim, cell=config.g_cell)


def discriminator(config, task):
    """Returns the untrained discriminator of a Config for a task; None if none is trained.

    Returns:
      models.Discriminator, models.TokenDiscriminator, or the models.Generator that is the mediator, as the reward
      needs it.
    """
    if not config.uses_discriminator:
        return None
    c, words, settings = config, task.vocabulary, _settings(config, "discriminator")
    kind, regularised = _discriminator_kind(c), (c.d_dropout, c.d_l2)
    if kind == "token":
        return TokenDiscriminator(len(words), c.d_embedding_dim, c.d_hidden_dim, *regularised, **settings)
    if kind == "mediator":
        return _language_model(c, task, "discriminator", c.d_embedding_dim, c.d_hidden_dim)
    return Discriminator(len(words), c.d_embedding_dim, *zip(*c.d_filters, strict=True), *regularised, **settings)


def discriminator_step(config):
    """Returns the optimisation step of a discriminator round."""
    if _discriminator_kind(config) == "mediator":
        return functools.partial(steps.mediator_step, dropout=config.d_dropout)
    return steps.discriminator_step


def judge(config, discriminator, judges, generator):
    """Returns what judges a sequence: the discriminator, or the models.LanguageModelDiscriminator of language models.

    Args:
      config: Config.
      discriminator: from `discriminator`, or None.
      judges: list of models.Generator, the runs in --judge.
      generator: models.Generator.
    """
    if judges:
        return LanguageModelDiscriminator(judges, generator, config.judge_sharpness)
    return of_mediator(discriminator, generator)


def reward(config, judge, task):
    """Returns the reward function of a Config; ValueError, naming the flag, if a user's own cannot be used.

    Args:
      config: Config.
      judge: from `judge`, or None.
      task: from `task`.
    """
    return rewards.make_reward(config.reward, judge, task, config.batch_size)


def _language_model(config, task, name, embedding_dim, hidden_dim, **settings):
    """Returns an untrained models.Generator of sequences of the task."""
    words = task.vocabulary
    if words.is_text and not config.allow_unknown:
        settings["unknown_token"] = UNK
    tokens = words.start_token, words.end_token
    return Generator(len(words), embedding_dim, hidden_dim, *tokens, **_settings(config, name), **settings)


def _settings(config, name):
    """Keyword arguments that both kinds of model take."""
    dtype = "mixed_bfloat16" if config.mixed_precision else "float32"
    return {"seed": int(fold(config.seed, name)[0]) % 2**20, "dtype": dtype}


def generator_steps(config, num_tokens, teachers=()):
    """Returns the MLE step and the policy-gradient step of a Config, compiled by XLA with --jit.

    Args:
      config: Config.
      num_tokens: N, tokens of the training data.
      teachers: models.Generators that pre-training imitates.
    """
    found = steps.mle_step, steps.policy_gradient_step
    if config.jit:
        found = (tf.function(step.python_function, autograph=False, jit_compile=True) for step in found)
    mle_step, policy_gradient_step = found
    l2 = config.g_l2 and config.g_l2 / (2 * num_tokens)
    options = {"variational": config.g_variational, "l2": l2, "teachers": tuple(teachers)}
    return (
        functools.partial(mle_step, **options),
        functools.partial(policy_gradient_step, objective=objectives.find(config.objective)),
    )


def adam(model, learning_rate, **options):
    """Returns an Adam optimizer for a model, with its state already built."""
    # TensorFlow 1's epsilon, as in the authors' code
    optimizer = keras.optimizers.Adam(learning_rate, epsilon=1e-8, **options)
    optimizer.build(model.trainable_variables)
    return optimizer


def mle_adam(config, generator, epoch_steps):
    """Returns the Adam optimizer of pre-training. epoch_steps: optimisation steps in an epoch."""
    c = config
    rate = LinearDecay(c.mle_learning_rate, c.mle_epochs * epoch_steps, c.mle_decay) if c.mle_decay else None
    average = {"use_ema": True, "ema_momentum": c.mle_average} if c.mle_average else {}
    return adam(generator, rate or c.mle_learning_rate, **average)


class LinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that is constant at first and falls to 0 linearly over a share of the steps, at their end.

    Examples:
      >>> rate = LinearDecay(0.1, steps=100, share=0.5)
      >>> [round(float(rate(step)), 3) for step in (0, 50, 75, 99)]
      [0.1, 0.1, 0.05, 0.002]
    """

    def __init__(self, learning_rate, steps, share):
        self._learning_rate, self._steps, self._share = learning_rate, steps, share

    def __call__(self, step):
        """Returns the learning rate of a step, [] float32."""
        left = (self._steps - tf.cast(step, tf.float32)) / (self._steps * self._share)
        return self._learning_rate * tf.clip_by_value(left, 0.0, 1.0)

    def get_config(self):
        """Returns the arguments of __init__, a dict."""
        return {"learning_rate": self._learning_rate, "steps": self._steps, "share": self._share}


def oracle(c):
    """Returns the models.Oracle of a Config; ValueError, naming the flag, if its file cannot be used."""
    if not c.oracle_file:
        sizes = c.vocab_size, c.oracle_embedding_dim, c.oracle_hidden_dim
        return Oracle.from_seed(c.oracle_seed, *sizes, c.start_token)
    try:
        found = Oracle.from_file(c.oracle_file, c.oracle_sha256, c.start_token)
    except ValueError as error:
        raise ValueError(f"--oracle_file: {error}") from error
    if found.vocab_size != c.vocab_size:
        raise ValueError(
            f"--vocab_size must be {found.vocab_size} with --oracle_file={c.oracle_file}, got {c.vocab_size}."
        )
    return found
