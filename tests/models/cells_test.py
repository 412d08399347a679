import keras
import numpy as np
import pytest
import reference
import tensorflow as tf

from seqgan_tf.models import Generator
from seqgan_tf.models.cells import CELLS

# By name, because other tests enter cells of their own.
BUILT_IN = pytest.mark.parametrize("name", ["lstm", "gru"])
EMBEDDED = np.random.default_rng(0).standard_normal([5, 6, 3]).astype(np.float32)


def make(name, **kwargs):
    seeds = iter(range(10))

    def normal():
        return keras.initializers.RandomNormal(0.0, 0.8, seed=next(seeds))

    cell = CELLS[name](4, normal, **kwargs)
    cell.build([None, None, 3])
    return cell


def test_gru_equals_the_numpy_reference():
    gru = make("gru")
    hidden = gru(EMBEDDED)
    assert hidden.shape == [5, 6, 4] and gru.units == 4
    np.testing.assert_allclose(hidden, reference.gru_hidden(gru.get_weights(), EMBEDDED), rtol=1e-4, atol=1e-5)


@BUILT_IN
def test_step_after_step_gives_what_teacher_forcing_gives(name):
    cell = make(name)
    hidden, state = cell(EMBEDDED), cell.initial_state(5, 6)
    assert all(not part.numpy().any() and len(part) == 5 for part in tf.nest.flatten(state))
    for t in range(6):
        step_hidden, new_state = cell.step(EMBEDDED[:, t], state, tf.constant(t))
        tf.nest.assert_same_structure(state, new_state)
        np.testing.assert_allclose(step_hidden, hidden[:, t], rtol=1e-4, atol=1e-6)
        state = new_state


@BUILT_IN
def test_every_parameter_of_a_cell_has_an_initialiser_of_its_own(name):
    weights = [weight.ravel() for weight in make(name).get_weights()]
    assert len(weights) == 3 and all(
        weight.all() for weight in weights
    )  # none is left at zero or one, biases included
    size = min(map(len, weights))
    assert len({weight[:size].tobytes() for weight in weights}) == 3


@BUILT_IN
def test_a_generator_has_the_cell_that_is_asked_for(name):
    generator = Generator(7, 3, 4, cell=name)
    assert type(generator.cell) is CELLS[name] and generator.get_config()["cell"] == name
    assert generator(np.zeros([2, 6], np.int32)).shape == [2, 6, 7]
    with pytest.raises(ValueError, match="must be one of lstm, gru.*got 'tree'"):
        Generator(7, 3, 4, cell="tree")
