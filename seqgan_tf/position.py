"""Position: where training stands, so that a stopped run goes on in the middle of its nested loops."""

import numpy as np
import tensorflow as tf

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
