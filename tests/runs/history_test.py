import dataclasses

import pytest
from folders import ALONE, MLE, SMOKE, adversarial_records

from seqgan_tf.runs.history import (
    best,
    generator_evaluations,
    is_done,
    is_stopped_early,
    last,
    last_step,
    phase_totals,
    progress,
)

PATIENT = dataclasses.replace(SMOKE, mle_patience=1)
ALL = adversarial_records(MLE, [3.8, 3.9], [3.75, 3.8])


def test_the_last_and_the_best_evaluation_are_of_the_last_phase_of_the_generator():
    assert (last(ALL, SMOKE), best(ALL)) == (ALL[-1], ALL[-2])
    assert (
        last(ALL[:5], SMOKE) == MLE[-1] and generator_evaluations(ALL[:5]) == MLE
    )  # D's pre-training does not change the generator
    assert last([], SMOKE) is None and best([]) is None
    # nll_valid rises from the first epoch on: with early stopping that is where maximum likelihood ends up.
    assert (last(MLE, SMOKE)["iteration"], last(MLE, PATIENT)["iteration"]) == (3, 1)
    assert last(ALL, PATIENT) == ALL[-1] and best(MLE)["iteration"] == 3


@pytest.mark.parametrize(
    ("records", "config", "done"),
    [
        ([], SMOKE, False),
        (MLE, ALONE, True),
        (MLE[:-1], ALONE, False),
        (MLE, dataclasses.replace(ALONE, mle_epochs=9), False),
        (MLE, dataclasses.replace(ALONE, mle_epochs=9, mle_patience=2), True),  # two without a lower nll_valid
        (MLE, dataclasses.replace(ALONE, mle_epochs=9, mle_patience=3), False),
        (MLE, SMOKE, False),
        (ALL[:-1], SMOKE, False),
        (ALL, SMOKE, True),
        (ALL[:5], dataclasses.replace(SMOKE, iterations=0), True),
    ],
)
def test_a_run_is_done_when_its_last_phase_is(records, config, done):
    assert is_done(records, config) is done


@pytest.mark.parametrize(
    ("values", "over_after", "best"),
    [
        ([3.0, 2.0, 2.5, 2.4], 4, 1),  # two in a row without a lower one
        ([3.0, 2.0, 2.5, 1.5, 1.5], None, 3),  # an equal one is no lower one, but it is one only
        ([1.0, 2.0, 3.0], 3, 0),
    ],
)
def test_mle_is_over_after_two_evaluations_without_a_lower_one_and_the_best_counts(values, over_after, best):
    config = dataclasses.replace(SMOKE, mle_patience=2)
    records = [{"phase": "mle", "iteration": i, "step": i, "nll_valid": value} for i, value in enumerate(values)]
    over = [num for num in range(len(values) + 1) if is_stopped_early(records[:num], config)]
    assert over == ([over_after] if over_after else []) and last_step(records, config) == best
    assert is_stopped_early([*records, ALL[4]], config) == bool(over)  # also when D is trained later
    assert not is_stopped_early(records, SMOKE) and last_step(records, SMOKE) == len(values) - 1


def test_phases_without_anything_to_do_are_left_out():
    assert phase_totals(SMOKE) == {"mle": 4, "discriminator": 1, "adversarial": 2}
    assert phase_totals(ALONE) == {"mle": 3}
    assert phase_totals(dataclasses.replace(SMOKE, uses_discriminator=False)) == {"mle": 4, "adversarial": 2}


def test_the_models_that_training_has_come_to():
    assert (last_step(ALL, SMOKE), last_step(ALL[:5], SMOKE), last_step(MLE, SMOKE)) == (6, 4, 3)
    assert last_step(MLE, PATIENT) == 1 and last_step([], SMOKE) is None


@pytest.mark.parametrize(
    ("records", "config", "words"),
    [
        ([], SMOKE, "no evaluation yet"),
        (MLE, SMOKE, "mle 3/4"),
        (MLE, ALONE, "mle 3/3, done"),
        (ALL[:5], SMOKE, "discriminator 1/1"),
        (ALL, SMOKE, "adversarial 2/2, done"),
    ],
)
def test_how_far_a_run_has_come_in_words(records, config, words):
    assert progress(records, config) == words
