"""Benchmark: the time that the parts of training, and whole presets, take on this machine."""

import dataclasses
import itertools
import statistics
import time
import types

import tensorflow as tf

from seqgan_tf import build, steps
from seqgan_tf.config import PRESETS, Config
from seqgan_tf.data.vocabulary import NumberVocabulary
from seqgan_tf.distributed.replicas import agreed, is_chief, num_replicas, num_workers
from seqgan_tf.rollout import action_values
from seqgan_tf.runs.history import phase_totals
from seqgan_tf.runs.progress import clock
from seqgan_tf.runs.tables import table
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.studies.flops import training, work

RUNS = 5  # measurements per piece; the median counts
MATMUL_SIZE = 2048


def benchmark(config, strategy):
    """Times the four pieces of `flops.work` at the sizes of a Config, including D's even if the reward needs no D.

    Args:
      config: Config with the sizes.
      strategy: tf.distribute.Strategy.

    Returns:
      str. With one replica: seconds of each piece, the lower bound (its FLOP at the measured rate of matrix
      products), their ratio, and the expected time of the presets for oracle data. With several replicas: units per
      second of each piece, and on one machine the speed-up over one replica. "" for all workers except the chief.
    """
    with strategy.scope():
        c = dataclasses.replace(build.resolved(config), uses_discriminator=True)
        replicas, workers, speaks = num_replicas(), num_workers(), is_chief()
        seconds = measure(c)
    sizes = f"Sizes: V={c.vocab_size}, T={c.max_length}, batch {c.batch_size}, N={c.num_rollouts}"
    rows = []
    if replicas > 1:
        measured = {"1 replica": measure(c)} if workers == 1 else {}  # workers would each measure their own replica
        measured[f"{replicas} replicas"] = seconds
        for name, (count, label) in _pieces(c).items():
            rates = [count / times[name] for times in measured.values()]
            rates += [after / before for before, after in itertools.pairwise(rates)]
            rows.append([label, *(f"{rate:.2f}" for rate in rates)])
        heads = ["per second", *measured, *["ratio"] * (len(measured) - 1)]
        shown = f"{sizes}; {workers} process{'es' if workers > 1 else ''}\n\n{table(heads, rows)}"
        return shown if speaks else ""
    matrix = tf.random.stateless_normal([MATMUL_SIZE, MATMUL_SIZE], [0, 0])
    rate = 2 * MATMUL_SIZE**3 / _median_seconds(RUNS, 1, tf.function(tf.matmul), matrix, matrix)  # FLOP per second
    for name, (count, label) in _pieces(c).items():
        floor = work(c)[name] / rate
        numbers = (seconds[name], floor, seconds[name] / floor)
        rows.append([f"{count:,} {label}", *(f"{number:.2f}" for number in numbers)])
    lines = [
        f"Matrix products on this machine: {rate / 1e9:.0f} GFLOP/s (float32, {MATMUL_SIZE} x {MATMUL_SIZE})",
        f"{sizes}\n",
        table(["", "seconds", "lower bound", "ratio"], rows),
        "\nExpected time on this machine, without the start of TensorFlow:",
    ]
    for name, preset in PRESETS.items():
        if not preset.is_text:  # the size of a corpus is known only after reading it
            expected = preset_seconds(preset, seconds if preset == c else measure(preset))
            lines.append(f"  {name:8} {clock(expected)}")
    return "\n".join(lines)


def _pieces(config):
    """Returns the amount and the unit of each piece of `flops.work`."""
    return {
        "sample": (10_000, "sequences sampled"),
        "mle": (config.train_size // config.batch_size, "MLE steps"),
        "discriminator": (2 * config.train_size // config.batch_size, "D steps"),
        "generator": (1, "generator steps with roll-outs"),
    }


def expected_seconds(config, train_size, vocab_size):
    """Returns the expected seconds of a run, estimated from a few steps on this machine.

    Args:
      config: Config of the run.
      train_size: number of training sequences.
      vocab_size: V.
    """
    c = dataclasses.replace(config, train_size=train_size, vocab_size=vocab_size, uses_discriminator=True)
    seconds = measure(c, runs=1)
    if not config.uses_discriminator:
        seconds["discriminator"] = 0.0
    return preset_seconds(dataclasses.replace(c, uses_discriminator=config.uses_discriminator), seconds)


def measure(config, runs=RUNS):
    """Returns the seconds of each piece of `flops.work`, a dict, extrapolated from medians of `runs` measurements."""
    c, num, calls = config, *((2_000, 20) if runs == RUNS else (200, 3))
    task = types.SimpleNamespace(vocabulary=NumberVocabulary(c.vocab_size, c.start_token))
    generator, discriminator = build.generator(c, task), build.discriminator(c, task)
    mle_optimizer = build.adam(generator, c.mle_learning_rate)
    pg_optimizer = build.adam(generator, c.pg_learning_rate)
    d_optimizer = build.adam(discriminator, c.d_learning_rate)
    mle_step, policy_gradient_step = build.generator_steps(c, c.train_size * c.max_length)
    reward = build.reward(dataclasses.replace(c, reward=Config.reward), discriminator, task)
    tokens = sample_sequences(generator, c.batch_size, c.max_length, 0)
    d_batch = tokens, tf.range(c.batch_size) % 2, tf.constant([0, 1])

    def generator_step():
        sampled = sample_sequences(generator, c.batch_size, c.max_length, 1)
        values = action_values(generator, sampled, reward, c.num_rollouts, 2, c.rollout_chunk)
        policy_gradient_step(generator, pg_optimizer, sampled, values, c.g_clip_norm)

    once = {
        "sample": _median_seconds(runs, 1, sample_sequences, generator, num, c.max_length, 3) / num,
        "mle": _median_seconds(runs, calls, mle_step, generator, mle_optimizer, tokens, c.g_clip_norm),
        "discriminator": _median_seconds(runs, calls, steps.discriminator_step, discriminator, d_optimizer, *d_batch),
        "generator": _median_seconds(runs, 1, generator_step),
    }
    return {name: count * once[name] for name, (count, _) in _pieces(c).items()}


def preset_seconds(preset, seconds):
    """Returns the expected seconds of a preset, from the seconds of each piece of work that `measure` returns."""
    c = preset
    sampled = seconds["sample"] / 10_000  # per sequence
    rounds = c.d_rounds + c.iterations * c.d_steps
    evaluations = c.mle_epochs / c.mle_eval_every + c.iterations / c.eval_every + 2
    # Three likelihoods, each a forward pass (a third of a training step); and D on three sets of sequences.
    evaluation = c.eval_samples * (sampled + (seconds["mle"] + seconds["discriminator"] / 2) / c.train_size)
    drawn = rounds * c.train_size * sampled  # negatives for D
    return training(c, phase_totals(c), seconds) + drawn + evaluations * evaluation


def _median_seconds(runs, calls, function, *args):
    """Returns the median seconds of function(*args) in `runs` measurements of `calls` calls each, after a warm-up."""
    function(*args)
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        for _ in range(calls):
            function(*args)
        # Waits for the GPU. sync_devices does not support several workers.
        agreed(0) if num_workers() > 1 else tf.test.experimental.sync_devices()
        seconds.append((time.perf_counter() - start) / calls)
    return statistics.median(seconds)
