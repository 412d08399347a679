"""Seeds: every random draw of a run is a function of (seed, phase, step)."""

import zlib

import numpy as np


def fold(seed, phase, *steps):
    """A seed [2] int32, as TensorFlow's stateless operations take it, for one draw, independent of all others.

    Phase, a str, names what is drawn in a run of a seed, and steps, ints, count the draws.
    """
    # With their number, because to SeedSequence zeros at the end make no difference.
    sequence = np.random.SeedSequence([seed, zlib.crc32(phase.encode()), len(steps), *steps])
    return sequence.generate_state(2).astype(np.int32)
