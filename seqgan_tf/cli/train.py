"""Training from the command line: what is said of it, and the exit code that it ends with."""

import os
import shlex
import signal
import sys

import tensorflow as tf

from seqgan_tf.cli.usage import complain
from seqgan_tf.distributed.replicas import num_workers
from seqgan_tf.runs.checkpoints import Diverged, Stopped
from seqgan_tf.runs.position import where
from seqgan_tf.studies import summary
from seqgan_tf.trainer import Trainer

# What TensorFlow raises in the others when a worker is gone, by when and where it went.
LOST = (
    *(tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError, tf.errors.InternalError),
    *(tf.errors.DeadlineExceededError, tf.errors.FailedPreconditionError, tf.errors.UnknownError),
)
# How often a worker has been started anew from which checkpoint. An error of its own looks like a lost worker to
# TensorFlow, and would come back for ever.
RESTARTS, MOST_RESTARTS = "SEQGAN_TF_RESTARTS", 5


def train(config, run, strategy, argv):
    """Trains a run, or goes on with it, and shows its table at the end.

    Args:
      config: Config.
      run: the run folder.
      strategy: tf.distribute.Strategy.
      argv: the command line, for the message of how to go on. If another worker is gone, the process starts it anew.

    Returns:
      int, the exit code: 0 done, 1 diverged, 2 bad input, 128 + the number of the signal that stopped it.
    """
    python = min(sys.executable, os.path.relpath(sys.executable), key=len)
    again = [python, "-m", "seqgan_tf.main", *argv[1:]]
    with strategy.scope():
        workers = num_workers()
    try:
        return _train(config, run, strategy, shlex.join(again), python)
    except ValueError as error:
        return complain(error)
    except OSError as error:
        return complain(
            f"--run is {run}, which cannot be written ({error}); allowed is a folder that can, with room on its disk."
        )
    except LOST as error:
        latest = tf.train.latest_checkpoint(f"{run}/checkpoints") or "the beginning"
        before, _, times = os.environ.get(RESTARTS, "").rpartition("|")
        times = int(times) + 1 if before == latest else 1
        if workers == 1 or times > MOST_RESTARTS:
            raise
        lines = str(error).splitlines()
        why = next((line for line in lines if line.startswith("Collective") or "rror received" in line), lines[0])
    print(
        f"\nAnother worker is gone ({why[:200]}). Training goes on from the last checkpoint in {run} when it is "
        "started again with its command; until then this one waits, --worker_timeout long.",
        file=sys.stderr,
        flush=True,
    )
    os.environ[RESTARTS] = f"{latest}|{times}"
    return os.execv(sys.executable, [sys.executable, *again[1:]])  # never returns


def _train(config, run, strategy, again, python):
    trainer = Trainer(config, run, strategy)
    if trainer.is_chief:
        if trainer.resumes:
            print(f"Going on with {run}, {where(trainer.position, config)}", file=sys.stderr)
        watch = shlex.join([python, "-m", "tensorboard.main", "--logdir", run])
        print(f"Training in {run}; to watch it: {watch}", file=sys.stderr)
    else:
        print(f"Working for the chief, whose run folder is {run}", file=sys.stderr)
    try:
        trainer.train()
    except Stopped as stop:
        (number,) = stop.args
        stopped = f"Stopped by {signal.Signals(number).name} {where(trainer.position, config)}"
        print(f"\n{stopped}; all of it is saved in {run}. To go on: {again}", file=sys.stderr)
        return 128 + number
    except Diverged as error:
        print(
            f"\nTraining diverged {where(trainer.position, config)}: {error}. The last good checkpoint is kept in "
            f"{run}/checkpoints; try a lower learning rate in another folder (--run).",
            file=sys.stderr,
        )
        return 1
    if trainer.is_chief:
        print(summary.table(run))
        print(f"\nLearning curves: {summary.plot(run)}")
    return 0
