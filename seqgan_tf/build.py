"""Factory: the task, the models and the steps that a Config asks for."""

import keras

from seqgan_tf import steps
from seqgan_tf.data import builtin, corpus
from seqgan_tf.distributed import replicas
from seqgan_tf.models import Discriminator, Generator, Oracle
from seqgan_tf.rewards import WITHOUT_DISCRIMINATOR
from seqgan_tf.seeds import fold
from seqgan_tf.tasks.tasks import MusicTask, OracleTask, TextTask


def task(c, folder):
    """What is to be learned.

    Args:
      c: Config.
      folder: where the ids of text are, or are made, once.

    Returns:
      One of the tasks of tasks.py.

    Raises:
      ValueError: if the oracle file, the corpus or the text is not what it should be, naming the flag.
    """
    if not c.train_file and not c.corpus:
        return OracleTask(_oracle(c), c.max_length, c.train_size, c.eval_samples, c.seed, c.temperature)
    if not folder.exists():
        files = {"train": c.train_file, "valid": c.valid_file, "test": c.test_file}
        sources = builtin.sources(c.corpus, c.data_dir) if c.corpus else corpus.text_files(files)
        tokens = c.tokens or (builtin.tokens_of(c.corpus) if c.corpus else "words")
        corpus.make(folder, sources, c.max_length, c.seed, tokens, c.lowercase, c.vocab_size, c.min_count)
    text = corpus.load(folder, c.max_length)
    if len(text.train) < c.batch_size:
        allowed = f"1 to {len(text.train)}, the sequences to train on"
        raise ValueError(f"--batch_size is {c.batch_size}; allowed is {allowed}.")
    return (MusicTask if c.corpus == "nottingham" else TextTask)(text, c.eval_samples, c.temperature)


def generator(c, task):
    """The untrained models.Generator of Config c for a task."""
    seed = int(fold(c.seed, "generator")[0]) % 2**20
    sizes = task.vocab_size, c.g_embedding_dim, c.g_hidden_dim
    return Generator(*sizes, task.start_token, task.end_token, seed=seed, dtype=dtype(c))


def discriminator(c, task):
    """The untrained models.Discriminator of Config c for a task, or None where the reward needs none."""
    if c.reward in WITHOUT_DISCRIMINATOR:
        return None
    sizes = c.d_embedding_dim, c.d_filter_widths, c.d_filter_counts
    seed = int(fold(c.seed, "discriminator")[0]) % 2**20
    return Discriminator(task.vocab_size, *sizes, c.d_dropout, c.d_l2, seed, dtype=dtype(c))


def check_replicas(c):
    """Whether the replicas of the strategy in whose scope this is called can do what Config c asks for.

    Raises:
      ValueError: naming the flag and what is allowed.
    """
    num_replicas = replicas.num_replicas()
    if c.batch_size % num_replicas:
        allowed = f"allowed with {num_replicas} replicas is a multiple of {num_replicas}"
        raise ValueError(f"--batch_size is {c.batch_size}; {allowed}.")
    if c.jit and num_replicas > 1:
        raise ValueError(f"--jit is given; allowed with {num_replicas} replicas is to leave it out.")


def generator_steps(c):
    """The step of maximum likelihood and that of the policy gradient, compiled by XLA where Config c says so."""
    both = steps.mle_step, steps.policy_gradient_step
    return tuple(map(replicas.compiled, both)) if c.jit else both


def adam(model, learning_rate):
    """Adam for a model, with its state made."""
    optimizer = keras.optimizers.Adam(learning_rate, epsilon=1e-8)  # TensorFlow 1's epsilon, as in the authors' code
    optimizer.build(model.trainable_variables)
    return optimizer


def dtype(c):
    """Keras's name of the dtypes of generator and discriminator."""
    return "mixed_bfloat16" if c.mixed_precision else "float32"


def _oracle(c):
    if not c.oracle_file:
        sizes = c.vocab_size, c.oracle_embedding_dim, c.oracle_hidden_dim
        return Oracle.from_seed(c.oracle_seed, *sizes, c.start_token)
    try:
        oracle = Oracle.from_file(c.oracle_file, c.oracle_sha256, c.start_token)
    except ValueError as error:
        raise ValueError(f"--oracle_file: {error}") from error
    if oracle.vocab_size != c.vocab_size:
        allowed = f"allowed with --oracle_file={c.oracle_file} is {oracle.vocab_size}"
        raise ValueError(f"--vocab_size is {c.vocab_size}; {allowed}.")
    return oracle
