"""Session: what surrounds Algorithm 1: models, data, loops that can be resumed, evaluations, checkpoints, records."""

import contextlib
import functools
import io
import tempfile
import zlib

import numpy as np
import tensorflow as tf

from seqgan_tf import build, rewards
from seqgan_tf.data.batches import num_batches
from seqgan_tf.distributed import replicas
from seqgan_tf.files import write_json
from seqgan_tf.metrics import catalogue
from seqgan_tf.runs import counters, history, warm_start
from seqgan_tf.runs.checkpoints import Checkpoints
from seqgan_tf.runs.environment import environment
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.runs.progress import Progress
from seqgan_tf.runs.tensorboard import Board
from seqgan_tf.seeds import fold
from seqgan_tf.tasks.evaluation import evaluate

TEXT_SAMPLES = 10  # sequences written down at each evaluation
# What a checkpoint holds, beside the loop counters and the vocabulary: attributes of a Session that are not None.
MODELS = ("generator", "rollout_policy", "discriminator")
SAVED = (*MODELS, "mle_optimizer", "pg_optimizer", "d_optimizer", "action_values")


class Session:
    """One run from its folder to its models, as far as an earlier Session has trained them.

    Of several workers, which `strategy` knows, the chief writes the run folder, and all read its checkpoints. What it
    raises is in the docstring of trainer.Trainer.

    Attributes, beside the models, steps and optimizers that build makes:
      seed: function of what is drawn and how often it has been -> [2] int32, the seed of that draw.
      records: what metrics.jsonl has up to the loop counters, a list of dicts.
      action_values: variable Q [B, T] of the last batch.
      resumes: whether an earlier Session has begun the run.
      d_size, d_round_steps: sequences of each kind, and optimisation steps, in a discriminator round.
    """

    def __init__(self, config, run, strategy=None):
        self._strategy = strategy or tf.distribute.get_strategy()
        with self._strategy.scope():
            self.config = build.resolved(config)
            self.is_chief = replicas.is_chief()
        with contextlib.ExitStack() as stack:
            self._shared = self.folder = RunFolder(run)
            if not self.is_chief:  # what the other workers would write goes into a folder that ends with them
                self.folder = RunFolder(stack.enter_context(tempfile.TemporaryDirectory()))
            self.folder.take(self.config)
            stack.callback(self.folder.discard)
            with self._strategy.scope():
                corpus = self._shared.corpus
                self.task = build.task(self.config, corpus if corpus.exists() else self.folder.corpus)
                self._make_models()
            self._restore()  # outside of the scope: replicas have no use for these variables, nor for strings
            takes_over = bool(config.pretrained) and not self.resumes
            self._check(takes_over)
            self._pretrained = warm_start.read(config.pretrained, self.config, self.folder) if takes_over else []
            self.folder.truncate(self.counters.num_records if self.is_chief else 0)
            write_json(self.folder.environment, environment() | {"replicas": self._strategy.num_replicas_in_sync})
            self.board = Board(self.folder, self.config)
            stack.callback(self.board.close)
            self._stack = stack.pop_all()

    def _make_models(self):
        c = self.config
        self.generator = build.generator(c, self.task)
        self.rollout_policy = build.generator(c, self.task)
        self.discriminator = build.discriminator(c, self.task)
        self.mle_optimizer = build.adam(self.generator, c.mle_learning_rate)
        self.pg_optimizer = build.adam(self.generator, c.pg_learning_rate)
        self.d_optimizer = self.discriminator and build.adam(self.discriminator, c.d_learning_rate)
        self.reward = rewards.make(c.reward, self.discriminator, self.task, c.batch_size)
        self.mle_update, self.policy_gradient_update = build.generator_steps(c)
        self.seed = functools.partial(fold, c.seed)
        self.d_size = min(c.train_size, len(self.task.train))
        self.d_round_steps = c.d_epochs * num_batches(2 * self.d_size, c.batch_size)

    def _restore(self):
        self.counters = counters.LoopCounters(on_advance=lambda: self.checkpoints.save_when_due())
        self.action_values = tf.Variable(tf.zeros([self.config.batch_size, self.config.max_length]))
        saved = {name: getattr(self, name) for name in SAVED if getattr(self, name) is not None}
        saved["vocabulary"] = tf.Variable(self.task.vocabulary.json())  # says what the ids mean
        path, seconds = self._shared.checkpoints, self.config.checkpoint_seconds
        self.checkpoints = Checkpoints(path, seconds, self.counters, saved, self.is_chief)
        self.records = self._shared.records()[: self.counters.num_records]
        self.resumes = bool(self.counters.num_records)

    def _check(self, takes_over):
        """All workers must have the same settings, data and checkpoint; a run folder with records checkpoints."""
        settings = [takes_over, len(self.task.train), *(getattr(self.config, name) for name in self.config.names())]
        data = np.ascontiguousarray(self.task.train[:10_000]).tobytes()
        with self._strategy.scope():
            replicas.check_same(zlib.crc32(repr(settings).encode() + data + self.counters.serialize()) - 2**31)
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
            self._write(record, samples)
            self.counters.skip("mle_epoch", record["iteration"])
            self.counters.seconds = record["wall_seconds"]
        self.checkpoints.save()
        replicas.agreed(0)  # the others may need what the chief has written

    def phase(self, name):
        """Epochs, rounds or iterations of a phase, from where training stands; evaluates after those that are due."""
        c, loop = self.config, counters.PHASES[name]
        total = history.phase_totals(c).get(name, 0)
        every = c.mle_eval_every if name == "mle" else c.eval_every
        if self.counters[loop] < total:
            with self._progress_of(name, total) as self._progress:
                for index in self.counters.loop(loop, total):
                    if name == "mle" and history.is_stopped_early(self.records, c):
                        break
                    yield index
                    if (index + 1) % every == 0 or index + 1 == total:
                        self._evaluate(name, index + 1)
        if name == "mle" and c.mle_patience and not self.has_begun_adversarial():
            best = self._shared.models_of(history.last_step(self.records, c))
            self.generator.load_weights(best / "generator.keras")

    def has_begun_adversarial(self):
        """Whether a step of adversarial training has been completed."""
        return bool(self.counters["iteration"] or self.counters["g_step"])

    def optimisation_steps(self, loop, total, profile):
        """range(total), from where training stands in a loop; --profile writes a few of its steps under a name."""
        return self.board.profiled(profile, self.counters.loop(loop, total))

    def count(self, values):
        """Takes the metrics of one optimisation step, a dict of name -> number."""
        self.counters.count(values)
        self._progress.advance()

    def _evaluate(self, phase, iteration):
        """Computes every metric of this moment and records it."""
        means = self.counters.take_means()
        seed = self.seed(f"{phase} evaluation", iteration)
        found, generated, scores = evaluate(phase, self.task, self.generator, self.discriminator, self.config, seed)
        action_values = self.action_values.numpy() if phase == "adversarial" else None
        if phase == "adversarial":
            found["reward_by_position"] = action_values.mean(0).tolist()
        step = sum(self.counters[loop] for loop in counters.PHASES.values()) + (iteration > 0)
        seconds = round(self.checkpoints.elapsed(), 1)
        record = {"phase": phase, "iteration": iteration, "step": step, "wall_seconds": seconds} | means | found
        self._write(record, self.task.files(generated[:TEXT_SAMPLES]), action_values, scores)
        if iteration:
            shown = (f"{name} {record[name]:.3f}" for name in catalogue.headline(record))
            self._progress.report("  ".join([counters.count_of(phase, iteration, self.config), *shown]))

    def _write(self, record, samples, action_values=None, scores=None):
        """Keeps the models and the record of an evaluation."""
        if self.is_chief:
            models = {"generator": self.generator, "discriminator": self.discriminator}
            self.folder.save_models(record["step"], models)
        self.folder.add_record(record, samples)
        self.board.add(record, samples[".txt"].decode(), action_values, scores)
        self.records.append(record)
        self.counters.num_records += 1

    def _progress_of(self, phase, total):
        """The Progress of a phase, counted in optimisation steps."""
        c, loop, d_round = self.config, counters.PHASES[phase], self.d_round_steps
        sizes = {"mle_epoch": num_batches(len(self.task.train), c.batch_size), "d_round": d_round}
        sizes["iteration"] = c.g_steps + (c.d_steps * d_round if self.discriminator else 0)
        sizes |= {"g_step": 1, "d_step": d_round, "batch": 1}
        done = sum(self.counters[inside] * sizes[inside] for inside in (loop, "g_step", "d_step", "batch"))
        return Progress(phase, total * sizes[loop], done, stream=None if self.is_chief else io.StringIO())
