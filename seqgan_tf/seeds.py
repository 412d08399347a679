"""Seeds: every random draw of a run is a function of (seed, phase, step)."""

import zlib

import numpy as np


def fold(seed, phase, *steps):
    """A seed [2] int32, as TensorFlow's stateless operations take it, for one draw, independent of all others.

    Phase, a str, names what is drawn in a run of a seed, and steps, ints, count the draws.

    Examples:
      >>> fold(0, "roll-out", 7)
      array([ 159240244, -279613571], dtype=int32)
      >>> fold(0, "roll-out", 8)
      array([  -97571541, -1368439376], dtype=int32)
    """
    # With their number, because to SeedSequence zeros at the end make no difference.
    sequence = np.random.SeedSequence([seed, zlib.crc32(phase.encode()), len(steps), *steps])
    return sequence.generate_state(2).astype(np.int32)
