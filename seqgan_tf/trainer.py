"""Trainer: Algorithm 1 of the paper."""

import numpy as np
import tensorflow as tf

from seqgan_tf import steps
from seqgan_tf.data.batches import batches, labelled_batches, num_batches, subset
from seqgan_tf.objectives import of_sampled
from seqgan_tf.rollout import action_values
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.session import Session


class Trainer:
    """Trains a SeqGAN in a run folder, on the replicas of a strategy; resumes a run that was stopped.

    Args:
      config: Config, all settings of the run.
      run: str or path, the run folder.
      strategy: tf.distribute.Strategy; None for the one in whose scope this is called.

    Raises:
      ValueError: if the oracle file, the text, the reward or the run folder does not fit the config.
      OSError: if the run folder cannot be written.

    Examples:
      >>> import dataclasses, tempfile
      >>> from seqgan_tf.config import PRESETS
      >>> from seqgan_tf.runs.folder import RunFolder
      >>> smoke = PRESETS["smoke"]  # tiny models
      >>> config = dataclasses.replace(smoke, reward="constant", mle_epochs=1, iterations=1, eval_samples=16)
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     Trainer(config, folder).train()
      ...     [(record["phase"], record["iteration"]) for record in RunFolder(folder).records()]
      [('mle', 0), ('mle', 1), ('adversarial', 1)]
    """

    def __init__(self, config, run, strategy=None):
        self.session = Session(config, run, strategy)
        self.config = self.session.config

    def train(self):
        """Runs Algorithm 1. Call it only once.

        Raises:
          Stopped: after SIGINT or SIGTERM, once everything has been saved.
          Diverged: if a loss or a weight is no longer finite; the last checkpoint was saved before that.
        """
        c, session = self.config, self.session
        with session.training():  # 1. G_theta and D_phi have random weights
            for epoch in session.phase("mle"):  # 2. pre-train G_theta by MLE on S
                self.mle_epoch(epoch)
            if not session.has_begun_adversarial():  # 3. beta <- theta
                session.sharpen_generator()
                self.update_rollout_policy(decay=0.0)
            for d_round in session.phase("discriminator"):  # 4., 5. pre-train D_phi on negatives from G_theta
                self.discriminator_round("pre-training", d_round)
            for iteration in session.phase("adversarial"):  # 6. repeat
                for g_step in session.optimisation_steps("g_step", c.g_steps, "policy_gradient"):
                    self.policy_gradient(iteration * c.g_steps + g_step)
                for d_step in session.counters.loop("d_step", c.d_steps if c.uses_discriminator else 0):
                    self.discriminator_round("adversarial", iteration * c.d_steps + d_step)
                self.update_rollout_policy(c.rollout_decay)  # beta <- theta

    def mle_epoch(self, epoch):
        """Trains G_theta for one epoch of MLE on the training data S; with teachers, of distillation."""
        c, session = self.config, self.session
        data = self.training_data(epoch)
        order = batches(data, c.batch_size, session.seed("mle order", epoch), session.counters["batch"])
        truth = tf.constant(max(0.0, 1.0 - c.scheduled_sampling * epoch)) if c.scheduled_sampling else None
        is_random = c.g_dropout or c.scheduled_sampling
        loop = session.optimisation_steps("batch", num_batches(len(data), c.batch_size), "mle")
        for step, tokens in zip(loop, order, strict=True):
            seed = tf.constant(session.seed("mle noise", epoch, step)) if is_random else None
            trained = session.generator, session.mle_optimizer
            session.count(session.mle_update(*trained, tokens, c.g_clip_norm, c.g_dropout, truth, seed))
        if c.mle_average and epoch + 1 == c.mle_epochs:
            session.mle_optimizer.finalize_variable_values(session.generator.trainable_variables)

    def training_data(self, epoch):
        """Returns the sequences of an MLE epoch: S, and with teachers as many new samples from them."""
        c, session = self.config, self.session
        real, teachers = session.task.train, session.teachers
        if not teachers:
            return real
        sizes = [len(part) for part in np.array_split(np.arange(len(real)), len(teachers))]
        seeds = [session.seed("teacher samples", epoch, index) for index in range(len(teachers))]
        parts = zip(teachers, sizes, seeds, strict=True)
        samples = [sample_sequences(teacher, size, c.max_length, seed).numpy() for teacher, size, seed in parts]
        return np.concatenate([real[:], *samples])

    def policy_gradient(self, step):
        """Takes one g-step: samples Y_1:T ~ G_theta, computes Q(a = y_t; s = Y_1:t-1) for every t, updates theta."""
        c, session = self.config, self.session
        tokens = sample_sequences(session.generator, c.batch_size, c.max_length, session.seed("g-step", step))
        seed = session.seed("roll-out", step)
        values = action_values(session.rollout_policy, tokens, session.reward, c.num_rollouts, seed, c.rollout_chunk)
        session.action_values.assign(of_sampled(values, tokens))
        sampled = steps.token_log_probs(session.generator, tokens) if c.g_updates > 1 else None
        for _ in range(c.g_updates):
            metrics = session.policy_gradient_update(
                session.generator,
                session.pg_optimizer,
                tokens,
                values,
                c.g_clip_norm,
                moving_mean=tf.constant(session.counters.moving_mean(), tf.float32),
                old_log_probs=sampled,
            )
        session.count(metrics)
        session.counters.move_mean(float(metrics["mean_reward"]))

    def discriminator_round(self, phase, index):
        """Trains D_phi for k epochs on training data and equally many new negatives from the current G_theta."""
        c, session = self.config, self.session
        seed = session.seed(f"{phase} negatives", index)
        negatives = sample_sequences(session.generator, session.d_size, c.max_length, seed).numpy()
        positives = subset(session.task.train, session.d_size, session.seed(f"{phase} positives", index))
        orders = [session.seed(f"{phase} order", index, epoch) for epoch in range(c.d_epochs)]
        data = labelled_batches(positives, negatives, c.batch_size, orders, start=session.counters["batch"])
        loop = session.optimisation_steps("batch", session.d_round_steps, "discriminator")
        for step, (tokens, labels) in zip(loop, data, strict=True):
            seed = tf.constant(session.seed(f"{phase} dropout", index, step))
            session.count(
                session.discriminator_update(session.discriminator, session.d_optimizer, tokens, labels, seed)
            )

    def update_rollout_policy(self, decay):
        """Updates the roll-out policy: beta <- decay * beta + (1 - decay) * theta."""
        for beta, theta in zip(self.session.rollout_policy.weights, self.session.generator.weights, strict=True):
            beta.assign(decay * beta + (1.0 - decay) * theta if decay else theta)
