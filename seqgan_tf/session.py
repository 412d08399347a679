"""Session: everything around Algorithm 1: models, data, resumable loops, evaluations, checkpoints, records."""

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
from seqgan_tf.runs import counters, history, others, warm_start
from seqgan_tf.runs.checkpoints import Checkpoints
from seqgan_tf.runs.environment import environment
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.runs.progress import Progress
from seqgan_tf.runs.tensorboard import Board
from seqgan_tf.seeds import fold
from seqgan_tf.tasks.evaluation import evaluate

TEXT_SAMPLES = 10  # sequences saved at each evaluation
# Attributes that a checkpoint holds unless they are None. It also holds the loop counters and the vocabulary.
MODELS = ("generator", "rollout_policy", "discriminator")
SAVED = (*MODELS, "mle_optimizer", "pg_optimizer", "d_optimizer", "action_values")


class Session:
    """One run: its folder, its data and its models, restored from the last checkpoint if there is one.

    With several workers only the chief writes the run folder; all of them read its checkpoints. trainer.Trainer
    documents the arguments and the exceptions.

    Attributes, besides the models, steps and optimizers from `build`:
      seed: function (name of the draw, *how often it has been drawn) -> [2] int32, the seed of that draw.
      records: list of dicts, the lines of metrics.jsonl up to the loop counters.
      action_values: variable Q [B, T] of the last batch.
      resumes: bool, whether the run was started by an earlier Session.
      judge: what judges a sequence for the reward: the discriminator, or language models.
      teachers: list of the models.Generators that pre-training imitates.
      mle_size: sequences in an epoch of pre-training.
      d_size: real sequences in a discriminator round, and as many generated ones.
      d_round_steps: optimisation steps in a discriminator round.
    """

    def __init__(self, config, run, strategy=None):
        self._strategy = strategy or tf.distribute.get_strategy()
        with self._strategy.scope():
            self.config = build.resolved(config)
            self.is_chief = replicas.is_chief()
        with contextlib.ExitStack() as stack:
            self._shared = self.folder = RunFolder(run)
            if not self.is_chief:  # the other workers write into a temporary folder
                self.folder = RunFolder(stack.enter_context(tempfile.TemporaryDirectory()))
            self.folder.take(self.config)
            stack.callback(self.folder.discard)
            with self._strategy.scope():
                corpus = self._shared.corpus
                self.task = build.task(self.config, corpus if corpus.exists() else self.folder.corpus)
                self._make_models()
            self._restore()  # outside the scope: replicas need none of these variables, and cannot hold strings
            is_warm_start = bool(config.pretrained) and not self.resumes
            self._check(is_warm_start)
            self._pretrained = warm_start.read(config.pretrained, self.config, self.folder) if is_warm_start else []
            self.folder.truncate(self.counters.num_records if self.is_chief else 0)
            write_json(self.folder.environment, environment() | {"replicas": self._strategy.num_replicas_in_sync})
            self.board = Board(self.folder, self.config)
            stack.callback(self.board.close)
            self._stack = stack.pop_all()

    def _make_models(self):
        c, num_train = self.config, len(self.task.train)
        self.seed = functools.partial(fold, c.seed)
        self.teachers = others.generators("teacher", c.teacher, c, self._shared, self.folder)
        judges = others.generators("judge", c.judge, c, self._shared, self.folder)
        self.mle_size, self.d_size = num_train * (2 if self.teachers else 1), min(c.train_size, num_train)
        mle_epoch_steps = num_batches(self.mle_size, c.batch_size)
        self.d_round_steps = c.d_epochs * num_batches(2 * self.d_size, c.batch_size)
        num_tokens = self.task.num_train_tokens() if c.g_l2 else 1
        self.generator = build.generator(c, self.task)
        self.rollout_policy = build.generator(c, self.task)
        self.discriminator = build.discriminator(c, self.task)
        self.mle_optimizer = build.mle_adam(c, self.generator, mle_epoch_steps)
        self.pg_optimizer = build.adam(self.generator, c.pg_learning_rate)
        self.d_optimizer = self.discriminator and build.adam(self.discriminator, c.d_learning_rate)
        self.mle_update, self.policy_gradient_update = build.generator_steps(c, num_tokens, self.teachers)
        self.discriminator_update = build.discriminator_step(c)
        self.judge = build.judge(c, self.discriminator, judges, self.generator)
        self.reward = build.reward(c, self.judge, self.task)

    def _restore(self):
        self.counters = counters.LoopCounters(on_advance=lambda: self.checkpoints.save_when_due())
        self.action_values = tf.Variable(tf.zeros([self.config.batch_size, self.config.max_length]))
        saved = {name: getattr(self, name) for name in SAVED if getattr(self, name) is not None}
        saved["vocabulary"] = tf.Variable(self.task.vocabulary.json())  # the meaning of the ids
        path, seconds = self._shared.checkpoints, self.config.checkpoint_seconds
        self.checkpoints = Checkpoints(path, seconds, self.counters, saved, self.is_chief)
        self.records = self._shared.records()[: self.counters.num_records]
        self.resumes = bool(self.counters.num_records)

    def _check(self, is_warm_start):
        """Checks that all workers have the same settings, data and checkpoint, and that no checkpoint is missing."""
        settings = [
            is_warm_start,
            len(self.task.train),
            *(getattr(self.config, name) for name in self.config.names()),
        ]
        data = np.ascontiguousarray(self.task.train[:10_000]).tobytes()
        with self._strategy.scope():
            replicas.check_same(zlib.crc32(repr(settings).encode() + data + self.counters.serialize()) - 2**31)
        # A run that is killed right after its first evaluation has one record and no checkpoint.
        phases = [record["phase"] for record in self.folder.records()]
        if not self.resumes and len(phases) > 1 and not (is_warm_start and phases[-1] == "mle"):
            raise ValueError(
                f"--run must be a folder that still has its checkpoints, got {self.folder}, without checkpoints/; "
                "put it back or choose another folder."
            )

    @contextlib.contextmanager
    def training(self):
        """The context to train in; saves and closes everything at its end, or when a signal stops it."""
        with self._stack, self.checkpoints.signals_caught(), self._strategy.scope():
            if not self.resumes:
                self._begin()
            yield
            self.checkpoints.save()
            replicas.agreed(0)  # no worker leaves while another still needs it

    def _begin(self):
        """Makes the first evaluation, or copies the pre-training of another run for a warm start."""
        if not self._pretrained:
            self._evaluate("mle", 0)
        for record, weights, samples in self._pretrained:
            self.generator.set_weights(weights)
            self._write(record, samples)
            self.counters.skip("mle_epoch", record["iteration"])
            self.counters.seconds = record["wall_seconds"]
        self.checkpoints.save()
        replicas.agreed(0)  # the other workers may need what the chief has written

    def phase(self, name):
        """Yields the remaining epochs, rounds or iterations of a phase, and evaluates whenever it is due."""
        c, loop = self.config, counters.PHASES[name]
        total = history.phase_totals(c).get(name, 0)
        every = c.mle_eval_every if name == "mle" else c.eval_every
        if self.counters[loop] < total:
            with self._progress_of(name, total) as self._progress:
                for index in self.counters.loop(loop, total):
                    if name == "mle" and history.is_stopped_early(self.records, c):
                        kept = history.last(self.records, c)["iteration"]
                        self._progress.report(f"early stopping: nll_valid was lowest at epoch {kept}, which is kept")
                        break
                    yield index
                    if (index + 1) % every == 0 or index + 1 == total:
                        self._evaluate(name, index + 1)
        if name == "mle" and c.mle_patience and not self.has_begun_adversarial():
            best = self._shared.models_of(history.last_step(self.records, c))
            self.generator.load_weights(best / "generator.keras")

    def has_begun_adversarial(self):
        """Whether at least one step of adversarial training has been completed."""
        return bool(self.counters["iteration"] or self.counters["g_step"])

    def sharpen_generator(self):
        """Multiplies G's logits by --judge_sharpness if a language model judges: this is how sharp G is to become."""
        if self.config.judge:
            self.generator.sharpen(self.judge.sharpness)

    def optimisation_steps(self, loop, total, profile):
        """Yields the remaining steps of a loop, up to `total`; with --profile, profiles a few under that name."""
        return self.board.profiled(profile, self.counters.loop(loop, total))

    def count(self, values):
        """Adds the metrics of one optimisation step, a dict of name -> number, to the running means."""
        self.counters.count(values)
        self._progress.advance()

    def _evaluate(self, phase, iteration):
        """Computes all metrics of the current models and records them."""
        means = self.counters.take_means()
        seed = self.seed(f"{phase} evaluation", iteration)
        judge = self.discriminator and self.judge
        found, generated, scores = evaluate(phase, self.task, self.generator, judge, self.config, seed)
        action_values = self.action_values.numpy() if phase == "adversarial" else None
        if phase == "adversarial":
            found["reward_by_position"] = action_values.mean(0).tolist()
        step = sum(self.counters[loop] for loop in counters.PHASES.values()) + (iteration > 0)
        seconds = round(self.checkpoints.elapsed(), 1)
        record = {"phase": phase, "iteration": iteration, "step": step, "wall_seconds": seconds} | means | found
        self._write(record, self.task.files(generated[:TEXT_SAMPLES]), action_values, scores)
        if iteration:
            decisive = ["nll_valid"] if phase == "mle" and self.config.mle_patience else []
            names = [*catalogue.headline(record), *decisive, *(["mean_reward"] if "mean_reward" in record else [])]
            shown = (f"{name} {record[name]:.3f}" for name in names)
            self._progress.report("  ".join([counters.count_of(phase, iteration, self.config), *shown]))

    def _write(self, record, samples, action_values=None, scores=None):
        """Saves the models and the record of an evaluation."""
        if self.is_chief:
            models = {"generator": self.generator, "discriminator": self.discriminator}
            self.folder.save_models(record["step"], models)
        self.folder.add_record(record, samples)
        self.board.add(record, samples[".txt"].decode(), action_values, scores)
        self.records.append(record)
        self.counters.num_records += 1

    def _progress_of(self, phase, total):
        """Returns the Progress of a phase, counted in optimisation steps."""
        c, loop, d_round = self.config, counters.PHASES[phase], self.d_round_steps
        sizes = {"mle_epoch": num_batches(self.mle_size, c.batch_size), "d_round": d_round}
        sizes["iteration"] = c.g_steps + (c.d_steps * d_round if self.discriminator else 0)
        sizes |= {"g_step": 1, "d_step": d_round, "batch": 1}
        done = sum(self.counters[inside] * sizes[inside] for inside in (loop, "g_step", "d_step", "batch"))
        return Progress(phase, total * sizes[loop], done, stream=None if self.is_chief else io.StringIO())
