"""Trainer: Algorithm 1 of the paper, with evaluation, checkpoints and records."""

import contextlib
import io
import math
import pathlib
import tempfile
import zlib

import numpy as np
import tensorflow as tf

from seqgan_tf import build, steps
from seqgan_tf.data.batches import batches, labelled_batches, num_batches, subset
from seqgan_tf.distributed import replicas
from seqgan_tf.rewards import REWARDS
from seqgan_tf.rollout import action_values
from seqgan_tf.runs.checkpoints import Checkpoints, Diverged, keep_models, save_models
from seqgan_tf.runs.early_stopping import Patience
from seqgan_tf.runs.history import read_metrics
from seqgan_tf.runs.position import PHASES, Position, count_of
from seqgan_tf.runs.progress import Progress
from seqgan_tf.runs.records import Records, settings_hash
from seqgan_tf.runs.roc import roc_figure
from seqgan_tf.runs.warm_start import Pretrained
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.seeds import fold
from seqgan_tf.tasks.likelihood import evaluate

TEXT_SAMPLES = 10  # sequences written down at each evaluation
RUNNING_MEANS = ("nll_train", "pg_loss", "mean_reward", "d_loss", "d_accuracy")


class Trainer:
    """Trains a SeqGAN on oracle data or text, in a run folder; goes on where an earlier Trainer stopped.

    Args:
      config: Config.
      run: the run folder; of several workers the chief writes it, and all read its checkpoints.
      strategy: tf.distribute.Strategy, whose replicas share the work; without it there is one.

    Raises:
      ValueError: if the oracle file, the text or the run folder does not fit the config.
      OSError: if the run folder cannot be written.
    """

    def __init__(self, config, run, strategy=None):
        self.config, self._strategy = config, strategy or tf.distribute.get_strategy()
        with self._strategy.scope():
            build.check_replicas(config)
            num_replicas, self.is_chief = replicas.num_replicas(), replicas.is_chief()
        # What the others would write goes into a folder that ends with them.
        self._own_folder = None if self.is_chief else tempfile.TemporaryDirectory()
        self.records = Records(run if self.is_chief else f"{self._own_folder.name}/run", config, num_replicas)
        try:
            with self._strategy.scope():
                made = pathlib.Path(run) / "corpus"  # the others read what the chief has made, if it is there
                self.task = build.task(config, made if made.exists() else self.records.path / "corpus")
        except BaseException:  # bad input, most likely
            self.records.discard()
            raise
        self._d_size = min(config.train_size, len(self.task.train))
        self._g_batches = num_batches(len(self.task.train), config.batch_size)
        self._d_batches = num_batches(2 * self._d_size, config.batch_size)

        with self._strategy.scope():
            self.generator, self.rollout_policy = (build.generator(config, self.task) for _ in range(2))
            self.discriminator = build.discriminator(config, self.task)
            self._mle_optimizer = build.adam(self.generator, config.mle_learning_rate)
            self._pg_optimizer = build.adam(self.generator, config.pg_learning_rate)
            self._d_optimizer = self.discriminator and build.adam(self.discriminator, config.d_learning_rate)
        self._mle_step, self._pg_step = build.generator_steps(config)
        self.reward = REWARDS[config.reward](self.discriminator, self.task)

        self.position = Position(on_advance=lambda: self._checkpoints.save_when_due())
        self._means = {name: tf.Variable(tf.zeros([2], tf.float64)) for name in RUNNING_MEANS}  # sum and count
        self._action_values = tf.Variable(tf.zeros([config.batch_size, config.max_length]))
        self._num_records = tf.Variable(0)
        self._patience = Patience(self.generator, config.mle_patience)
        trained = {"generator": self.generator, "rollout_policy": self.rollout_policy}
        optimizers = {"mle_optimizer": self._mle_optimizer, "pg_optimizer": self._pg_optimizer}
        if self.discriminator:
            trained["discriminator"], optimizers["d_optimizer"] = self.discriminator, self._d_optimizer
        self._checkpoints = Checkpoints(
            pathlib.Path(run) / "checkpoints",
            config.checkpoint_seconds,
            [weight.value for model in trained.values() for weight in model.trainable_weights],
            {
                **trained,
                **optimizers,
                "position": self.position,
                "means": self._means,
                "action_values": self._action_values,
                "num_records": self._num_records,
                "patience": self._patience,
                "vocabulary": tf.Variable(self.task.vocabulary.json() if self.task.vocabulary else ""),
            },
            writes=self.is_chief,
        )
        self.resumes = bool(self._num_records.numpy())
        try:
            with self._strategy.scope():
                data = zlib.crc32(np.ascontiguousarray(self.task.train[:10_000]).tobytes()) - 2**31
                state = [len(self.task.train), data, int(self._num_records.numpy()), *self.position.counters()]
                is_taken = bool(config.pretrained) and not self.resumes
                replicas.check_same([settings_hash(config), int(is_taken), *state])
            self._pretrained = Pretrained(config.pretrained, config, self.records.path) if is_taken else None
        except BaseException:
            self.records.discard()
            raise
        if self.is_chief:
            self._take_up()

    def _take_up(self):
        """Brings the run folder to where the checkpoint stands."""
        # One record without a checkpoint is what a kill right after the first evaluation leaves.
        phases = [record["phase"] for record in read_metrics(self.records.path)]
        if not self.resumes and len(phases) > 1 and not (self._pretrained and phases[-1] == "mle"):
            self.records.close()
            raise ValueError(
                f"--run is {self.records.path}, whose checkpoints/ is missing; allowed is to put it back, or another "
                "folder."
            )
        self.records.truncate(int(self._num_records.numpy()))
        keep_models(self.records.path, {record.get("step") for record in read_metrics(self.records.path)})

    def train(self):
        """Algorithm 1 of the paper; to be called once.

        Raises:
          Stopped: after SIGINT or SIGTERM, with everything saved.
          Diverged: if a loss or a weight is no longer finite; the last checkpoint is from before that.
        """
        c, loop = self.config, self.position.loop
        d_rounds, d_steps = (c.d_rounds, c.d_steps) if self.discriminator else (0, 0)
        round_batches = c.d_epochs * self._d_batches
        own_folder = self._own_folder or contextlib.nullcontext()
        with own_folder, contextlib.closing(self.records), self._checkpoints.signals_caught(), self._strategy.scope():
            # Initialise G_theta, D_phi with random weights (done when they were made).
            if self._num_records.numpy() == 0:
                if self._pretrained:
                    self._take_over(self._pretrained)
                else:
                    self._evaluate("mle", 0)
                self._checkpoints.save()
            # Pre-train G_theta by maximum likelihood on S; beta <- theta.
            with self._phase("mle", c.mle_epochs, {"mle_epoch": self._g_batches, "batch": 1}):
                for epoch in loop("mle_epoch", c.mle_epochs):
                    if self.position["batch"] == 0 and self._patience.is_over():
                        break
                    self._mle_epoch(epoch)
                    self._update_rollout_policy(decay=0.0)
                    if _due(epoch + 1, c.mle_eval_every, c.mle_epochs):
                        self._evaluate("mle", epoch + 1)
            if not any(self.position[name] for name in ("iteration", "g_step")):
                self._patience.restore()
                self._update_rollout_policy(decay=0.0)
            # Pre-train D_phi by cross entropy, each round with fresh negatives from G_theta.
            with self._phase("discriminator", d_rounds, {"d_round": round_batches, "batch": 1}):
                for d_round in loop("d_round", d_rounds):
                    self._discriminator_round("pre-training", d_round)
                    if _due(d_round + 1, c.eval_every, d_rounds):
                        self._evaluate("discriminator", d_round + 1)
            iteration_steps = c.g_steps + d_steps * round_batches
            inner = {"iteration": iteration_steps, "g_step": 1, "d_step": round_batches, "batch": 1}
            with self._phase("adversarial", c.iterations, inner):
                for iteration in loop("iteration", c.iterations):
                    for g_step in self.records.profiled("policy_gradient", loop("g_step", c.g_steps)):
                        self._policy_gradient(iteration * c.g_steps + g_step)
                    for d_step in loop("d_step", d_steps):
                        self._discriminator_round("adversarial", iteration * d_steps + d_step)
                    self._update_rollout_policy(c.rollout_decay)
                    if _due(iteration + 1, c.eval_every, c.iterations):
                        self._evaluate("adversarial", iteration + 1)
            self._checkpoints.save()
            replicas.agreed(0)  # nobody leaves while others still need it

    def _take_over(self, pretrained):
        """Stands where training would after maximum likelihood, which another run has done with these settings."""
        for record, weights, samples in pretrained.evaluations:
            self.generator.set_weights(weights)
            self._patience.note(record.get("nll_valid"))
            self._write(record, samples)
        self.position.skip("mle_epoch", record["iteration"])
        self._checkpoints.count(record["wall_seconds"])
        self._update_rollout_policy(decay=0.0)

    def _mle_epoch(self, epoch):
        """One epoch of maximum likelihood on the training data S."""
        c = self.config
        data = batches(self.task.train, c.batch_size, fold(c.seed, "mle order", epoch), start=self.position["batch"])
        loop = self.records.profiled("mle", self.position.loop("batch", self._g_batches))
        true = max(0.0, 1.0 - c.scheduled_sampling * epoch)
        truth = tf.constant(true, tf.float32) if c.scheduled_sampling else None
        for step, tokens in zip(loop, data, strict=True):
            is_random = c.g_dropout or c.scheduled_sampling
            seed = tf.constant(fold(c.seed, "mle noise", epoch, step)) if is_random else None
            fixed = tokens, c.g_clip_norm, c.g_dropout
            self._count(self._mle_step(self.generator, self._mle_optimizer, *fixed, truth, seed))

    def _policy_gradient(self, step):
        """One g-step: sample Y ~ G_theta, compute Q(a = y_t; s = Y_1:t-1) for every t, update theta."""
        c = self.config
        tokens = self._draw(self.generator, c.batch_size, "g-step", step)
        seed = fold(c.seed, "roll-out", step)
        values = action_values(self.rollout_policy, tokens, self.reward, c.num_rollouts, seed, c.rollout_chunk)
        self._action_values.assign(values)
        self._count(self._pg_step(self.generator, self._pg_optimizer, tokens, values, c.g_clip_norm))

    def _discriminator_round(self, phase, index):
        """k epochs of D_phi on training data and as many fresh negatives from the current G_theta."""
        c = self.config
        positives = subset(self.task.train, self._d_size, fold(c.seed, f"{phase} positives", index))
        negatives = self._draw(self.generator, self._d_size, f"{phase} negatives", index)
        first = self.position["batch"]
        data = (
            batch
            for epoch in range(first // self._d_batches, c.d_epochs)
            for batch in labelled_batches(
                positives,
                negatives.numpy(),
                c.batch_size,
                fold(c.seed, f"{phase} order", index, epoch),
                start=max(0, first - epoch * self._d_batches),
            )
        )
        loop = self.records.profiled("discriminator", self.position.loop("batch", c.d_epochs * self._d_batches))
        for step, (tokens, labels) in zip(loop, data, strict=True):
            seed = fold(c.seed, f"{phase} dropout", index, step)
            self._count(
                steps.discriminator_step(self.discriminator, self._d_optimizer, tokens, labels, tf.constant(seed))
            )

    def _update_rollout_policy(self, decay):
        """beta <- decay * beta + (1 - decay) * theta."""
        for beta, theta in zip(self.rollout_policy.weights, self.generator.weights, strict=True):
            beta.assign(decay * beta + (1.0 - decay) * theta if decay else theta)

    def _evaluate(self, phase, iteration):
        """Computes every figure of this moment and records it."""
        c = self.config
        figures = {}
        for name, mean in self._means.items():
            total, count = mean.numpy()
            if count:
                figures[name] = float(total / count)
            mean.assign([0.0, 0.0])
        seed, sizes = fold(c.seed, f"{phase} evaluation", iteration), (c.eval_samples, c.max_length)
        models = self.generator, self.discriminator
        found, generated, scores = evaluate(phase, self.task, *models, *sizes, seed, c.temperature)
        if phase == "mle":
            self._patience.note(found["nll_valid"])
        values = self._action_values.numpy() if phase == "adversarial" else None
        if values is not None:
            found["reward_by_position"] = [float(value) for value in values.mean(0)]
        step = sum(self.position[loop] for _, loop, _ in PHASES.values()) + (iteration > 0)
        record = {"phase": phase, "iteration": iteration, "step": step}
        record |= {"wall_seconds": round(self._checkpoints.elapsed(), 1)} | figures | found
        images = {"discriminator/roc": roc_figure(scores)} if scores else {}
        self._write(record, self.task.samples(generated[:TEXT_SAMPLES]), values, images)
        if iteration:
            names = ("nll_oracle", "nll_test", "entropy", "bleu_2", "self_bleu_2", "d_auc_train", "d_auc_heldout")
            shown = (f"{name} {record[name]:.3f}" for name in names if name in record)
            self._progress.report("  ".join([count_of(phase, iteration, c), *shown]))

    def _write(self, record, *shown):
        """Keeps the models and the record of an evaluation; shown: as records.Records.add takes it."""
        if self.is_chief:
            models = {"generator": self.generator, "discriminator": self.discriminator}
            save_models(self.records.path, record["step"], models)
        self.records.add(record, record["step"], *shown)
        self._num_records.assign_add(1)

    def _draw(self, model, num, *key):
        """num sequences from a model, by the seed for key."""
        return sample_sequences(model, num, self.config.max_length, fold(self.config.seed, *key))

    @contextlib.contextmanager
    def _phase(self, phase, total, sizes):
        """Shows the progress of a phase; sizes: optimisation steps in one body of each of its loops."""
        outer = next(iter(sizes))
        done = sum(self.position[loop] * size for loop, size in sizes.items())
        if self.position[outer] == total:
            yield
            return
        with Progress(phase, total * sizes[outer], done, stream=None if self.is_chief else io.StringIO()) as progress:
            self._progress = progress
            yield

    def _count(self, values):
        """Takes the figures of one optimisation step."""
        for name, value in values.items():
            value = float(value)
            if not math.isfinite(value):
                raise Diverged(f"{name} became {value}")
            self._means[name].assign_add([value, 1.0])
        self._progress.advance()


def _due(done, every, total):
    return done % every == 0 or done == total
