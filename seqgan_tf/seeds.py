"""Seeds: every random draw of a run is a function of (seed, phase, step)."""

import zlib

import numpy as np


def fold(seed, phase, *steps):
    """A seed for one draw, independent of all others.

    Args:
      seed: int, the run's seed.
      phase: str that names what is drawn.
      *steps: ints that count the draws.

    Returns:
      [2] int32 array, as TensorFlow's stateless operations take it.
    """
    # With their number, because to SeedSequence zeros at the end make no difference.
    sequence = np.random.SeedSequence([seed, zlib.crc32(phase.encode()), len(steps), *steps])
    return sequence.generate_state(2).astype(np.int32)
