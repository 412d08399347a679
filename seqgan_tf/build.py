"""Build: the task, the models, the optimizers and the steps of a Config."""

import dataclasses
import functools

import keras
import tensorflow as tf

from seqgan_tf import objectives, rewards, steps
from seqgan_tf.data import builtin, corpus, midi
from seqgan_tf.data.vocabulary import UNK
from seqgan_tf.distributed import replicas
from seqgan_tf.models import Discriminator, Generator, Oracle, cells
from seqgan_tf.seeds import fold
from seqgan_tf.tasks.oracle import OracleTask
from seqgan_tf.tasks.text import MusicTask, TextTask


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
    reward = rewards.find(config.reward)
    return dataclasses.replace(config, uses_discriminator=getattr(reward, "discriminator", True))


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
    c, words = config, task.vocabulary
    settings = _settings(c, "generator") | {"cell": c.g_cell}
    if words.is_text and not c.allow_unknown:
        settings["unknown_token"] = UNK
    return Generator(len(words), c.g_embedding_dim, c.g_hidden_dim, words.start_token, words.end_token, **settings)


def discriminator(config, task):
    """Returns the untrained models.Discriminator of a Config for a task; None if the reward needs none."""
    if not config.uses_discriminator:
        return None
    c, settings = config, _settings(config, "discriminator")
    filters = zip(*c.d_filters, strict=True)
    return Discriminator(len(task.vocabulary), c.d_embedding_dim, *filters, c.d_dropout, c.d_l2, **settings)


def _settings(config, name):
    """Keyword arguments that both kinds of model take."""
    dtype = "mixed_bfloat16" if config.mixed_precision else "float32"
    return {"seed": int(fold(config.seed, name)[0]) % 2**20, "dtype": dtype}


def generator_steps(config):
    """Returns the MLE step and the policy-gradient step of a Config, compiled by XLA with --jit."""
    found = steps.mle_step, steps.policy_gradient_step
    if config.jit:
        found = (tf.function(step.python_function, autograph=False, jit_compile=True) for step in found)
    mle_step, policy_gradient_step = found
    return mle_step, functools.partial(policy_gradient_step, objective=objectives.find(config.objective))


def adam(model, learning_rate):
    """Returns an Adam optimizer for a model, with its state already built."""
    optimizer = keras.optimizers.Adam(learning_rate, epsilon=1e-8)  # TensorFlow 1's epsilon, as in the authors' code
    optimizer.build(model.trainable_variables)
    return optimizer


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
