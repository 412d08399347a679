"""Loop counters: where training stands, so that a stopped run resumes in the middle of its nested loops."""

import json
import math

import tensorflow as tf

from seqgan_tf.runs import history
from seqgan_tf.runs.checkpoints import Diverged

# Each phase: the name of its outer loop, in which the last word is what it counts.
PHASES = {"mle": "mle_epoch", "discriminator": "d_round", "adversarial": "iteration"}
# The loops of Algorithm 1; when a body is completed, the loops after it in this list begin anew.
LOOPS = ("mle_epoch", "d_round", "iteration", "g_step", "d_step", "batch")


class LoopCounters(tf.train.experimental.PythonState):
    """Counters of all loops and running means, saved with the models by name.

    on_advance is called after each advance of a counter: the moment at which the counters, saved together with the
    weights, describe all that has been done.
    """

    def __init__(self, on_advance):
        super().__init__()
        self._counters, self._sums, self._moving = {}, {}, [0.0, 0.0]
        self.num_records, self.seconds = 0, 0.0  # lines of metrics.jsonl; training time at the last checkpoint
        self._on_advance = on_advance

    def serialize(self):
        """The state as JSON, for tf.train.Checkpoint."""
        return json.dumps([self._counters, self._sums, self._moving, self.num_records, self.seconds]).encode()

    def deserialize(self, string_value):
        """Takes a state that `serialize` returned."""
        self._counters, self._sums, self._moving, self.num_records, self.seconds = json.loads(string_value)

    def __getitem__(self, loop):
        """How often a loop's body has been completed."""
        return self._counters.get(loop, 0)

    def skip(self, loop, total):
        """Counts a loop's bodies as completed, and those of the loops inside as not begun."""
        self._counters[loop] = total
        for inside in LOOPS[LOOPS.index(loop) + 1 :]:
            self._counters.pop(inside, None)

    def loop(self, name, total):
        """range(total), from where the counter stands; a body that ends without an exception advances it."""
        while self[name] < total:
            yield self[name]
            self.skip(name, self[name] + 1)
            self._on_advance()

    def count(self, values):
        """Adds numbers by name, of one optimisation step, to the running means; Diverged names one not finite."""
        for name, value in values.items():
            if not math.isfinite(value):
                raise Diverged(f"{name} became {float(value)}")
            total, count = self._sums.get(name, (0.0, 0))
            self._sums[name] = total + float(value), count + 1

    def take_means(self):
        """The running means by name, which begin anew."""
        means = {name: total / count for name, (total, count) in self._sums.items()}
        self._sums = {}
        return means

    def moving_mean(self):
        """Exponential moving average of what `move_mean` was given, without the bias of its beginning; at first 0."""
        total, weight = self._moving
        return total / weight if weight else 0.0

    def move_mean(self, value, decay=0.9):
        """Moves the average towards a value."""
        total, weight = self._moving
        self._moving = [decay * total + (1 - decay) * value, decay * weight + 1 - decay]


def where(counters, config):
    """Where training in a run of a Config stands, in words."""
    for phase, loop in reversed(PHASES.items()):
        if counters[loop]:
            return f"after {count_of(phase, counters[loop], config)} of the {phase} phase"
    return "in the first epoch"


def count_of(phase, done, config):
    """How much of a phase is done, as "epoch 3/20"."""
    return f"{PHASES[phase].split('_')[-1]} {done}/{history.phase_totals(config)[phase]}"
