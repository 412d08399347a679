"""Seeds: every random draw of a run is a function of its seed, its name and its step."""

import zlib

import numpy as np


def fold(seed, phase, *steps):
    """Returns a seed [2] int32 for one draw of TensorFlow's stateless operations, independent of all other draws.

    Args:
      seed: int, the seed of the run.
      phase: str, the name of the draw.
      steps: ints that count the draws of this name.

    Examples:
      >>> fold(0, "roll-out", 7)
      array([ 159240244, -279613571], dtype=int32)
      >>> fold(0, "roll-out", 8)
      array([  -97571541, -1368439376], dtype=int32)
    """
    # SeedSequence ignores zeros at the end, so the number of steps is part of the sequence.
    sequence = np.random.SeedSequence([seed, zlib.crc32(phase.encode()), len(steps), *steps])
    return sequence.generate_state(2).astype(np.int32)
