"""Loop counters: the progress of every loop, so that a stopped run resumes in the middle of nested loops."""

import json
import math

import tensorflow as tf

from seqgan_tf.runs import history
from seqgan_tf.runs.checkpoints import Diverged

# The outer loop of each phase. The last word of a name is the unit it counts.
PHASES = {"mle": "mle_epoch", "discriminator": "d_round", "adversarial": "iteration"}
# The loops of Algorithm 1. Completing a body resets the counters of all later loops in this list.
LOOPS = ("mle_epoch", "d_round", "iteration", "g_step", "d_step", "batch")


class LoopCounters(tf.train.experimental.PythonState):
    """Counters of all loops, and running means of the metrics; checkpoints save them beside the models.

    Args:
      on_advance: function without arguments, called whenever a counter has advanced. At that moment the counters and
        the weights together are the complete state of training.

    Attributes:
      num_records: lines of metrics.jsonl.
      seconds: training time at the last checkpoint.
    """

    def __init__(self, on_advance):
        super().__init__()
        self._counters, self._sums, self._moving = {}, {}, [0.0, 0.0]
        self.num_records, self.seconds = 0, 0.0
        self._on_advance = on_advance

    def serialize(self):
        """Returns the state as JSON, bytes, for tf.train.Checkpoint."""
        return json.dumps([self._counters, self._sums, self._moving, self.num_records, self.seconds]).encode()

    def deserialize(self, string_value):
        """Restores a state that `serialize` returned."""
        self._counters, self._sums, self._moving, self.num_records, self.seconds = json.loads(string_value)

    def __getitem__(self, loop):
        """Returns how often the body of a loop has been completed."""
        return self._counters.get(loop, 0)

    def skip(self, loop, total):
        """Sets the counter of a loop to `total` and resets the counters of the loops inside it."""
        self._counters[loop] = total
        for inside in LOOPS[LOOPS.index(loop) + 1 :]:
            self._counters.pop(inside, None)

    def loop(self, name, total):
        """Yields the counter of a loop up to total - 1; each body that ends without an exception advances it."""
        while self[name] < total:
            yield self[name]
            self.skip(name, self[name] + 1)
            self._on_advance()

    def count(self, values):
        """Adds the metrics of one optimisation step, a dict of name -> number, to the running means.

        Raises:
          Diverged: naming the metric, if one is not finite.
        """
        for name, value in values.items():
            if not math.isfinite(value):
                raise Diverged(f"{name} became {float(value)}")
            total, count = self._sums.get(name, (0.0, 0))
            self._sums[name] = total + float(value), count + 1

    def take_means(self):
        """Returns the running means, a dict of name -> float, and resets them."""
        means = {name: total / count for name, (total, count) in self._sums.items()}
        self._sums = {}
        return means

    def moving_mean(self):
        """Returns the bias-corrected exponential moving average of the values of `move_mean`; 0 before the first."""
        total, weight = self._moving
        return total / weight if weight else 0.0

    def move_mean(self, value, decay=0.9):
        """Adds a value to the exponential moving average."""
        total, weight = self._moving
        self._moving = [decay * total + (1 - decay) * value, decay * weight + 1 - decay]


def where(counters, config):
    """Returns how far training of a Config has come, as "after epoch 3/20 of the mle phase"."""
    for phase, loop in reversed(PHASES.items()):
        if counters[loop]:
            return f"after {count_of(phase, counters[loop], config)} of the {phase} phase"
    return "in the first epoch"


def count_of(phase, done, config):
    """Returns how much of a phase is done, as "epoch 3/20"."""
    return f"{PHASES[phase].split('_')[-1]} {done}/{history.phase_totals(config)[phase]}"
