import numpy as np
import pytest

from seqgan_tf.models import Generator
from seqgan_tf.runs.early_stopping import EarlyStopping


def generator_at(value, generator):
    for weight in generator.trainable_weights:
        weight.assign(np.full(weight.shape, value))


@pytest.mark.parametrize(
    ("values", "over_after", "best"),
    [
        ([3.0, 2.0, 2.5, 2.4], 4, 2.0),  # two in a row without a lower one
        ([3.0, 2.0, 2.5, 1.5, 1.5], None, 1.5),  # an equal one is no lower one, but it is one only
        ([1.0, 2.0, 3.0], 3, 1.0),
    ],
)
def test_it_is_over_after_two_evaluations_without_a_lower_one_and_the_best_comes_back(values, over_after, best):
    generator = Generator(5, 2, 3)
    stopping, over = EarlyStopping(generator, 2), []
    for value in values:
        assert not stopping.is_over()
        generator_at(value, generator)
        stopping.note(value)
        over.append(stopping.is_over())
    assert over.index(True) + 1 == over_after if over_after else not any(over)
    stopping.restore()
    assert all((weight == best).all() for weight in generator.get_weights())


def test_without_patience_it_is_never_over_and_remembers_nothing():
    generator = Generator(5, 2, 3)
    stopping = EarlyStopping(generator, 0)
    before = generator.get_weights()
    for value in (1.0, 2.0, 3.0):
        stopping.note(value)
    stopping.restore()
    assert not stopping.is_over() and not stopping.variables
    for weight, old in zip(generator.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)
