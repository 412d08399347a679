import itertools

import numpy as np

from seqgan_tf.seeds import fold


def test_every_part_of_the_key_changes_the_seed():
    keys = [*itertools.product([0, 1], ["g-step", "roll-out"], [0, 1]), (0, "g-step"), (0, "g-step", 0, 1)]
    seeds = {tuple(fold(*key)) for key in keys}
    assert len(seeds) == len(keys)


def test_a_seed_is_the_same_on_every_machine():
    seed = fold(7, "roll-out", 3)
    assert seed.dtype == np.int32 and seed.shape == (2,)
    assert seed.tolist() == [-1930016399, -1206112723]
