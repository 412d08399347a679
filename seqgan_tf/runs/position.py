"""Position: where training stands, so that a stopped run goes on in the middle of its nested loops."""

import numpy as np
import tensorflow as tf

# Each phase: what its outer loop counts, that loop's name, and the setting that bounds it.
PHASES = {
    "mle": ("epoch", "mle_epoch", "mle_epochs"),
    "discriminator": ("round", "d_round", "d_rounds"),
    "adversarial": ("iteration", "iteration", "iterations"),
}
LOOPS = ("mle_epoch", "d_round", "iteration", "g_step", "d_step", "batch")


class Position(tf.Module):
    """One counter for each loop of Algorithm 1, saved with the model.

    Args:
      on_advance: function called after each advance of a counter: the moment at which the counters, saved
        together with the weights, describe all that has been done.
    """

    def __init__(self, on_advance):
        super().__init__()
        self._counters = tf.Variable(tf.zeros([len(LOOPS)], tf.int64), trainable=False)
        self._on_advance = on_advance

    def __getitem__(self, loop):
        """How often a loop's body has been completed."""
        return int(self._counters.numpy()[LOOPS.index(loop)])

    def counters(self):
        """How often each loop's body has been completed, a list of int."""
        return self._counters.numpy().tolist()

    def skip(self, loop, total):
        """Counts a loop's bodies as completed, and those of the loops inside as not begun."""
        index = LOOPS.index(loop)
        kept = self._counters.numpy()[:index].tolist()
        self._counters.assign([*kept, total, *[0] * (len(LOOPS) - index - 1)])

    def loop(self, name, total):
        """range(total), from where the counter stands; a completed body advances it and resets the loops inside.

        A body that is left by an exception does not count as completed.
        """
        index = LOOPS.index(name)
        while self[name] < total:
            yield self[name]
            counters = self._counters.numpy()
            counters[index] += 1
            counters[index + 1 :] = np.zeros(len(LOOPS) - index - 1)
            self._counters.assign(counters)
            self._on_advance()


def where(position, config):
    """Where training stands, in words.

    Args:
      position: Position.
      config: Config of the run.
    """
    for phase in reversed(PHASES):
        done = position[PHASES[phase][1]]
        if done:
            return f"after {count_of(phase, done, config)} of the {phase} phase"
    return "in its first epoch"


def count_of(phase, done, config):
    """How much of a phase is done, as "epoch 3/20"."""
    unit, _, total = PHASES[phase]
    return f"{unit} {done}/{getattr(config, total)}"
