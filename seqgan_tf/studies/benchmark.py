"""Benchmark: what the four pieces of work cost on this machine, and how long each preset will take here."""

import statistics
import time

import keras
import tensorflow as tf

from seqgan_tf import build, steps
from seqgan_tf.config import PRESETS
from seqgan_tf.distributed.replicas import agreed, is_chief, num_replicas, num_workers
from seqgan_tf.models import Discriminator, Generator
from seqgan_tf.rewards import discriminator_reward
from seqgan_tf.rollout import action_values
from seqgan_tf.runs.progress import clock
from seqgan_tf.sampling import sample_sequences

RUNS = 5  # measurements of each piece; the median counts
MATMUL_SIZE = 2048


def benchmark(config, strategy):
    """Times the four pieces of work at the sizes of a config.

    Args:
      config: Config; PRESETS["paper"] for the paper's sizes.
      strategy: tf.distribute.Strategy; with several replicas `scaling` is what is measured.

    Returns:
      str: two tables; seconds, the FLOP floor (multiply-adds, two FLOP each, at the matmul rate measured here;
      training counts three times the forward pass) and their ratio; and the time to expect of the presets on
      oracle data.
    """
    with strategy.scope():
        replicas = num_replicas()
    if replicas > 1:
        return scaling(config, strategy)
    rate = matmul_rate()
    seconds = measure(config)
    floors = {name: flop / rate for name, flop in work(config).items()}
    lines = [f"Matrix products on this machine: {rate / 1e9:.0f} GFLOP/s (float32, {MATMUL_SIZE} x {MATMUL_SIZE})"]
    lines += [_sizes(config), "", f"{'':44}{'seconds':>10}{'floor':>10}{'ratio':>8}"]
    labels = {
        "sample": "sample 10,000 sequences",
        "mle": f"one MLE epoch ({config.train_size // config.batch_size} steps)",
        "discriminator": f"one D epoch ({2 * config.train_size // config.batch_size} steps)",
        "generator": "one generator step with its roll-outs",
    }
    for name, label in labels.items():
        lines.append(f"{label:44}{seconds[name]:10.2f}{floors[name]:10.2f}{seconds[name] / floors[name]:8.2f}")
    lines += ["", "Expected time on this machine, besides the seconds that TensorFlow takes to start:"]
    for name, preset in PRESETS.items():
        if preset.corpus:  # how much there is of it is known only when it is read
            continue
        pieces = seconds if preset == config else measure(preset)
        lines.append(f"  {name:8} {clock(preset_seconds(preset, pieces))}")
    return "\n".join(lines)


def scaling(config, strategy):
    """How much more of each piece of `work` several replicas do in a second.

    Returns:
      str, a table: with one replica, with all, and the ratio; of several machines without the first, which they
      cannot measure beside each other. "" for all workers but the chief.

    Raises: as build.check_replicas.
    """
    c = config
    with strategy.scope():
        build.check_replicas(c)
        replicas, workers, speaks = num_replicas(), num_workers(), is_chief()
        many = measure(c)
    one = measure(c) if workers == 1 else None
    if not speaks:
        return ""
    units = {  # how often the work of `measure` is done in its time
        "sequences sampled": ("sample", 10_000),
        "MLE steps": ("mle", c.train_size // c.batch_size),
        "D steps": ("discriminator", 2 * c.train_size // c.batch_size),
        "generator steps with roll-outs": ("generator", 1),
    }
    heads = (["1 replica"] if one else []) + [f"{replicas} replicas"] + (["ratio"] if one else [])
    lines = [f"{_sizes(c)}; {workers} process{'es' if workers > 1 else ''}", ""]
    lines.append(f"{'a second':32}" + "".join(f"{head:>14}" for head in heads))
    for label, (name, count) in units.items():
        rates = ([count / one[name]] if one else []) + [count / many[name]]
        ratio = f"{rates[1] / rates[0]:14.2f}" if one else ""
        lines.append(f"{label:32}" + "".join(f"{rate:14.2f}" for rate in rates) + ratio)
    return "\n".join(lines)


def _sizes(c):
    return f"Sizes: V={c.vocab_size}, T={c.max_length}, batch {c.batch_size}, N={c.num_rollouts}"


def matmul_rate():
    """FLOP per second of TensorFlow's float32 matrix product, median of RUNS."""
    matrix = tf.random.stateless_normal([MATMUL_SIZE, MATMUL_SIZE], [0, 0])
    product = tf.function(lambda: tf.matmul(matrix, matrix))
    return 2 * MATMUL_SIZE**3 / _median_seconds(product)


def measure(config):
    """Seconds for each piece of `work`, from short samples scaled up, median of RUNS."""
    c = config
    dtype, (mle_step, policy_gradient_step) = build.dtype(c), build.generator_steps(c)
    generator = Generator(c.vocab_size, c.g_embedding_dim, c.g_hidden_dim, dtype=dtype)
    discriminator = Discriminator(c.vocab_size, c.d_embedding_dim, c.d_filter_widths, c.d_filter_counts, dtype=dtype)
    g_optimizer, d_optimizer = keras.optimizers.Adam(0.01), keras.optimizers.Adam(1e-4)
    g_optimizer.build(generator.trainable_variables)
    d_optimizer.build(discriminator.trainable_variables)
    tokens = sample_sequences(generator, c.batch_size, c.max_length, 0)
    labels = tf.range(c.batch_size) % 2
    seed = tf.constant([0, 1])
    reward = discriminator_reward(discriminator)

    def generator_step():
        sampled = sample_sequences(generator, c.batch_size, c.max_length, 1)
        values = action_values(generator, sampled, reward, c.num_rollouts, 2, c.rollout_chunk)
        policy_gradient_step(generator, g_optimizer, sampled, values, c.g_clip_norm)

    num = 2_000
    return {
        "sample": 10_000 / num * _median_seconds(lambda: sample_sequences(generator, num, c.max_length, 3)),
        "mle": c.train_size
        // c.batch_size
        * _median_seconds(lambda: mle_step(generator, g_optimizer, tokens, c.g_clip_norm), 20),
        "discriminator": 2
        * c.train_size
        // c.batch_size
        * _median_seconds(lambda: steps.discriminator_step(discriminator, d_optimizer, tokens, labels, seed), 20),
        "generator": _median_seconds(generator_step),
    }


def work(config):
    """FLOP of each piece: matrix products and convolutions only."""
    c = config
    length, batch = c.max_length, c.batch_size
    token, sequence = generator_flop(c), discriminator_flop(c)
    rollout_tokens = c.num_rollouts * batch * length * (length - 1) / 2
    rollout_sequences = c.num_rollouts * batch * (length - 1) + batch
    return {
        "sample": 10_000 * length * token,
        "mle": c.train_size // batch * batch * length * 3 * token,
        "discriminator": 2 * c.train_size // batch * batch * 3 * sequence,
        "generator": (rollout_tokens + 4 * batch * length) * token + rollout_sequences * sequence,
    }


def generator_flop(config):
    """FLOP of the generator's forward pass for one token."""
    hidden = config.g_hidden_dim
    return 2 * (4 * hidden * (config.g_embedding_dim + hidden) + hidden * config.vocab_size)


def discriminator_flop(config):
    """FLOP of the discriminator's forward pass for one sequence."""
    filters = list(zip(config.d_filter_widths, config.d_filter_counts, strict=True))
    windows = sum((config.max_length - width + 1) * width * count for width, count in filters)
    features = sum(config.d_filter_counts)
    return 2 * (windows * config.d_embedding_dim + 2 * features**2 + 2 * features)


def preset_seconds(preset, seconds):
    """Seconds to expect of a preset, from those of each piece of its work as `measure` gives them."""
    c = preset
    sampled = seconds["sample"] / 10_000  # a sequence
    rounds = c.d_rounds + c.iterations * c.d_steps
    evaluations = c.mle_epochs / c.mle_eval_every + c.iterations / c.eval_every + 2
    # Three likelihoods, each a forward pass: a third of a training step; and D on three sets of sequences.
    evaluation = c.eval_samples * (
        sampled + seconds["mle"] / c.train_size + seconds["discriminator"] / 2 / c.train_size
    )
    training = c.mle_epochs * seconds["mle"] + c.iterations * c.g_steps * seconds["generator"]
    training += rounds * (c.d_epochs * seconds["discriminator"] + c.train_size * sampled)
    return training + evaluations * evaluation


def _median_seconds(function, calls=1):
    """Median seconds of one call, from RUNS measurements of `calls` calls each, after one to warm up."""
    function()
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        for _ in range(calls):
            function()
        # A GPU may still be at work; TensorFlow's function for that does not know several workers.
        agreed(0) if num_workers() > 1 else tf.test.experimental.sync_devices()
        seconds.append((time.perf_counter() - start) / calls)
    return statistics.median(seconds)
