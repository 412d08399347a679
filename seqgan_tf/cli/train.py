"""Training from the command line: its messages and exit codes."""

import os
import pathlib
import shlex
import signal
import sys
import zlib

import tensorflow as tf

from seqgan_tf.cli.flags import shorter, started
from seqgan_tf.distributed.replicas import num_workers
from seqgan_tf.runs.checkpoints import Diverged, Stopped
from seqgan_tf.runs.counters import where
from seqgan_tf.runs.progress import clock
from seqgan_tf.runs.tables import visible
from seqgan_tf.studies import summary
from seqgan_tf.studies.benchmark import expected_seconds
from seqgan_tf.trainer import Trainer

LONG = 100  # tokens; a run on sequences this long takes hours on a laptop, so its expected time is printed
# What TensorFlow raises when another worker is gone; which of them depends on when and where it was lost.
LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.InternalError,
    tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError,
    tf.errors.UnknownError,
)
# The variable lists the checkpoints from which this worker has been restarted. Their number is limited because
# TensorFlow reports some of a worker's own errors like a lost worker, and these would come back forever.
RESTARTS, MOST_RESTARTS = "SEQGAN_TF_RESTARTS", 5


def train(config, run, strategy):
    """Trains or resumes a run and prints its results. If another worker is gone, this process restarts itself.

    Args:
      config: Config, all settings of the run.
      run: str, the run folder.
      strategy: tf.distribute.Strategy to train in.

    Returns:
      The exit code: 0 done, 1 diverged, 128 + the number of the signal that stopped it.

    Raises:
      ValueError: naming the flag, before anything is written.
    """
    with strategy.scope():
        workers = num_workers()
    try:
        return _train(config, run, strategy, workers)
    except OSError as error:
        raise ValueError(
            f"--run must be a folder that can be written, on a disk with free space, got {run} ({error})."
        ) from error
    except LOST as error:
        state = pathlib.Path(run, "checkpoints/checkpoint")  # names the latest checkpoint
        latest = str(zlib.crc32(state.read_bytes()) if state.exists() else 0)
        begun = [*os.environ.get(RESTARTS, "").split("|"), latest]
        if workers == 1 or begun.count(latest) > MOST_RESTARTS:
            raise
        lines = str(error).splitlines()
        why = next((line for line in lines if line.startswith("Collective") or "rror received" in line), lines[0])
    print(
        f"\nAnother worker is gone ({why[:200]}). Start it again with the same command: training then resumes from "
        f"the last checkpoint in {run}. This worker waits for it as long as --worker_timeout says.",
        file=sys.stderr,
        flush=True,
    )
    os.environ[RESTARTS] = "|".join(begun)
    return os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # never returns


def _train(config, run, strategy, workers):
    trainer = Trainer(config, run, strategy)
    session = trainer.session
    if session.is_chief:
        for line in session.task.about:
            print(visible(line), file=sys.stderr)
        if config.max_length >= LONG and not session.resumes and workers == 1:
            sizes = len(session.task.train), len(session.task.vocabulary)
            seconds = expected_seconds(session.config, *sizes)
            print(f"Expected time: about {clock(seconds)}, estimated from a few steps", file=sys.stderr)
        if session.resumes:
            print(f"Resuming {run}, {where(session.counters, config)}", file=sys.stderr)
        watch = shlex.join([shorter(sys.executable), "-m", "tensorboard.main", "--logdir", run])
        print(f"Training in {run}; to watch it: {watch}", file=sys.stderr)
    else:
        print(f"Training as a worker; the chief writes {run}", file=sys.stderr)
    try:
        trainer.train()
    except Stopped as stop:
        (number,) = stop.args
        again = shlex.join([*started(), *sys.argv[1:]])
        stopped = f"Stopped by {signal.Signals(number).name} {where(session.counters, config)}"
        print(f"\n{stopped}; everything is saved in {run}. To resume: {again}", file=sys.stderr)
        return 128 + number
    except Diverged as error:
        print(
            f"\nTraining diverged {where(session.counters, config)}: {error}. The last good checkpoint is in "
            f"{run}/checkpoints. Try a lower learning rate in another folder (--run).",
            file=sys.stderr,
        )
        return 1
    if session.is_chief:
        print(summary.table(run))
        print(f"\n{summary.examples(run)}\nLearning curves: {summary.plot(run)}")
    return 0
