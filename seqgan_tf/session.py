"""Session: what surrounds Algorithm 1: models, data, loops that can be resumed, evaluations, checkpoints, records."""

import contextlib
import functools
import io
import tempfile
import zlib

import numpy as np
import tensorflow as tf

from seqgan_tf import build
from seqgan_tf.data.batches import num_batches
from seqgan_tf.distributed import replicas
from seqgan_tf.files import write_json
from seqgan_tf.metrics import catalogue
from seqgan_tf.runs import history, position, warm_start
from seqgan_tf.runs.checkpoints import Checkpoints
from seqgan_tf.runs.early_stopping import EarlyStopping
from seqgan_tf.runs.environment import environment
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.runs.progress import Progress
from seqgan_tf.runs.tensorboard import Board
from seqgan_tf.seeds import fold
from seqgan_tf.tasks.evaluation import evaluate

TEXT_SAMPLES = 10  # sequences written down at each evaluation
MODELS = ("generator", "rollout_policy", "discriminator")
# What a checkpoint holds, beside the position and the vocabulary: attributes of a Session that are not None.
SAVED = (*MODELS, "mle_optimizer", "pg_optimizer", "d_optimizer", "action_values", "early_stopping")


class Session:
    """One run from its folder to its models, as far as an earlier Session has trained them.

    Args:
      config: Config.
      run: the run folder; of several workers the chief writes it, and all read its checkpoints.
      strategy: tf.distribute.Strategy, whose replicas share the work; None for one replica.

    Attributes:
      config: Config, resolved.
      task, generator, rollout_policy, discriminator, reward: as build makes them.
      mle_update, policy_gradient_update: the generator's steps of steps.py, as the config asks for them.
      mle_optimizer, pg_optimizer, d_optimizer: Adam each; d_optimizer is None without a discriminator.
      seed: function of what is drawn and how often it has been -> [2] int32, the seed of that draw.
      position: runs.position.Position.
      action_values: variable Q [B, T] of the last batch.
      is_chief: whether this process writes the run folder.
      resumes: whether an earlier Session has begun the run.
      d_size: sequences of each kind in a discriminator round.
      d_round_steps: optimisation steps in a discriminator round.

    Raises:
      ValueError: if the oracle file, the text, the reward or the run folder does not fit the config.
      OSError: if the run folder cannot be written.
    """

    def __init__(self, config, run, strategy=None):
        self._strategy = strategy or tf.distribute.get_strategy()
        self._stack = contextlib.ExitStack()
        with self._strategy.scope():
            self.config = build.resolved(config)
            self.is_chief = replicas.is_chief()
        shared = self.folder = RunFolder(run)
        if not self.is_chief:  # what the other workers would write goes into a folder that ends with them
            self.folder = RunFolder(self._stack.enter_context(tempfile.TemporaryDirectory()))
        self.folder.take(self.config)
        try:
            with self._strategy.scope():
                self.task = build.task(self.config, shared.corpus if shared.corpus.exists() else self.folder.corpus)
                self._make_models()
            self._restore(shared)  # outside of the scope: replicas have no use for these variables, nor for strings
            takes_over = bool(config.pretrained) and not self.resumes
            self._check(takes_over)
            self._pretrained = warm_start.read(config.pretrained, self.config, self.folder) if takes_over else []
            self.folder.truncate(self.position.num_records if self.is_chief else 0)
        except BaseException:  # bad input, most likely
            self.folder.discard()
            self._stack.close()
            raise
        self._stack.callback(self.folder.release)
        write_json(self.folder.environment, environment() | {"replicas": self._strategy.num_replicas_in_sync})
        self.board = Board(self.folder, self.config)
        self._stack.callback(self.board.close)

    def _make_models(self):
        c = self.config
        self.generator = build.generator(c, self.task)
        self.rollout_policy = build.generator(c, self.task)
        self.discriminator = build.discriminator(c, self.task)
        self.mle_optimizer = build.adam(self.generator, c.mle_learning_rate)
        self.pg_optimizer = build.adam(self.generator, c.pg_learning_rate)
        self.d_optimizer = self.discriminator and build.adam(self.discriminator, c.d_learning_rate)
        self.reward = build.reward(c, self.discriminator, self.task)
        self.mle_update, self.policy_gradient_update = build.generator_steps(c)
        self.seed = functools.partial(fold, c.seed)
        self.d_size = min(c.train_size, len(self.task.train))
        self.d_round_steps = c.d_epochs * num_batches(2 * self.d_size, c.batch_size)

    def _restore(self, shared):
        self.position = position.Position(on_advance=lambda: self.checkpoints.save_when_due())
        self.early_stopping = EarlyStopping(self.generator, self.config.mle_patience)
        self.action_values = tf.Variable(tf.zeros([self.config.batch_size, self.config.max_length]))
        saved = {name: getattr(self, name) for name in SAVED if getattr(self, name) is not None}
        self.checkpoints = Checkpoints(
            shared.checkpoints,
            self.config.checkpoint_seconds,
            [weight.value for name in MODELS if name in saved for weight in saved[name].trainable_weights],
            self.position,
            saved | {"vocabulary": tf.Variable(self.task.vocabulary.json())},  # says what the ids mean
            writes=self.is_chief,
        )
        self.resumes = bool(self.position.num_records)

    def _check(self, takes_over):
        """All workers must have the same settings, data and checkpoint; a run folder with records checkpoints."""
        settings = repr([getattr(self.config, name) for name in self.config.names()]).encode()
        data = np.ascontiguousarray(self.task.train[:10_000]).tobytes()
        hashes = [zlib.crc32(content) - 2**31 for content in (settings, data)]
        state = [takes_over, len(self.task.train), self.position.num_records, *self.position.counters()]
        with self._strategy.scope():
            replicas.check_same([*hashes, *map(int, state)])
        # One record without a checkpoint is what a kill right after the first evaluation leaves.
        phases = [record["phase"] for record in self.folder.records()]
        if not self.resumes and len(phases) > 1 and not (takes_over and phases[-1] == "mle"):
            allowed = "allowed is to put it back, or another folder"
            raise ValueError(f"--run is {self.folder}, whose checkpoints/ is missing; {allowed}.")

    @contextlib.contextmanager
    def training(self):
        """Everything is trained inside; then, or when a signal stops it, all is saved and closed."""
        with self._stack, self.checkpoints.signals_caught(), self._strategy.scope():
            if not self.resumes:
                self._begin()
            yield
            self.checkpoints.save()
            replicas.agreed(0)  # nobody leaves while others still need it

    def _begin(self):
        """The first evaluation; or those of another run's pre-training, which is taken over."""
        if not self._pretrained:
            self._evaluate("mle", 0)
        for record, weights, samples in self._pretrained:
            self.generator.set_weights(weights)
            self.early_stopping.note(record.get("nll_valid"))
            self._write(record, samples)
        if self._pretrained:
            self.position.skip("mle_epoch", record["iteration"])
            self.position.seconds += record["wall_seconds"]
        self.checkpoints.save()

    def phase(self, name):
        """Epochs, rounds or iterations of a phase, from where training stands; evaluates after those that are due.

        "mle" may stop early, and then has the best generator.
        """
        _, loop = position.PHASES[name]
        total = history.phase_totals(self.config).get(name, 0)
        every = self.config.mle_eval_every if name == "mle" else self.config.eval_every
        if self.position[loop] < total:
            with self._progress_of(name, total) as self._progress:
                for index in self.position.loop(loop, total):
                    if name == "mle" and self.position["batch"] == 0 and self.early_stopping.is_over():
                        break
                    yield index
                    if (index + 1) % every == 0 or index + 1 == total:
                        self._evaluate(name, index + 1)
        if name == "mle" and not self.has_begun_adversarial():
            self.early_stopping.restore()

    def has_begun_adversarial(self):
        """Whether a step of adversarial training has been completed."""
        return bool(self.position["iteration"] or self.position["g_step"])

    def optimisation_steps(self, loop, total, profile):
        """range(total), from where training stands in a loop; --profile writes a few of its steps under a name."""
        return self.board.profiled(profile, self.position.loop(loop, total))

    def count(self, values):
        """Takes the metrics of one optimisation step, a dict of name -> number."""
        self.position.count(values)
        self._progress.advance()

    def _evaluate(self, phase, iteration):
        """Computes every metric of this moment and records it."""
        means = self.position.take_means()
        seed = self.seed(f"{phase} evaluation", iteration)
        found, generated, scores = evaluate(phase, self.task, self.generator, self.discriminator, self.config, seed)
        action_values = None
        if phase == "mle":
            self.early_stopping.note(found["nll_valid"])
        if phase == "adversarial":
            action_values = self.action_values.numpy()
            found["reward_by_position"] = action_values.mean(0).tolist()
        step = sum(self.position[loop] for _, loop in position.PHASES.values()) + (iteration > 0)
        record = {"phase": phase, "iteration": iteration, "step": step}
        record |= {"wall_seconds": round(self.checkpoints.elapsed(), 1)} | means | found
        self._write(record, self.task.files(generated[:TEXT_SAMPLES]), action_values, scores)
        if iteration:
            shown = (f"{name} {record[name]:.3f}" for name in catalogue.headline(record))
            self._progress.report("  ".join([position.count_of(phase, iteration, self.config), *shown]))

    def _write(self, record, samples, action_values=None, scores=None):
        """Keeps the models and the record of an evaluation."""
        if self.is_chief:
            models = {"generator": self.generator, "discriminator": self.discriminator}
            self.folder.save_models(record["step"], models)
        self.folder.add_record(record, samples)
        self.board.add(record, samples[".txt"].decode(), action_values, scores)
        self.position.num_records += 1

    def _progress_of(self, phase, total):
        """The Progress of a phase, counted in optimisation steps."""
        c = self.config
        batches = num_batches(len(self.task.train), c.batch_size)
        d_steps = c.d_steps * self.d_round_steps if self.discriminator else 0
        sizes = {  # optimisation steps in one body of each loop of the phase, the outermost first
            "mle": {"mle_epoch": batches, "batch": 1},
            "discriminator": {"d_round": self.d_round_steps, "batch": 1},
            "adversarial": {"iteration": c.g_steps + d_steps, "g_step": 1, "d_step": self.d_round_steps, "batch": 1},
        }[phase]
        done = sum(self.position[loop] * size for loop, size in sizes.items())
        whole = total * next(iter(sizes.values()))
        return Progress(phase, whole, done, stream=None if self.is_chief else io.StringIO())
