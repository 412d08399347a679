import math

import numpy as np
import pytest
from command import here, one_error_line
from folders import plain_tables

from seqgan_tf import build
from seqgan_tf.metrics.discrimination import auc
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.runs.loaded import LoadedRun
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.seeds import fold
from seqgan_tf.studies.diagnose import _uncertainty, _verdict, measures

pytestmark = pytest.mark.slow


def table(text):
    ((_, *rows),) = plain_tables(text)
    return {name: float(value) for name, value in rows}


def test_of_two_normal_distributions_the_measures_are_known():
    """Logits of the best D: data N(1/2, 1) and generator N(-1/2, 1) have the ratio x itself."""
    draw = np.random.default_rng(0)
    real, generated = draw.standard_normal([2, 200_000]) + [[0.5], [-0.5]]
    found = measures({"train": real, "heldout": 3 * real + 1, "generated": 3 * generated + 1})  # not calibrated
    assert found["AUC, held-out data"] == pytest.approx(0.5 * (1 + math.erf(0.5)), abs=0.005)
    gain = next(value for name, value in found.items() if name.startswith("gain"))
    assert gain == pytest.approx(0.5, abs=0.03)  # the divergence of the data from the generator


@pytest.mark.parametrize(
    ("train", "heldout", "is_told"), [(0.9, 0.6, True), (0.9, 0.88, False), (0.46, 0.4, False), (0.53, 0.4, False)]
)
def test_a_discriminator_that_knows_its_training_data_by_heart_is_told(train, heldout, is_told):
    found = {"AUC, training data": train, "AUC, held-out data": heldout, "gain": 0.1}
    assert ("by heart" in _verdict(found)) == is_told


def test_the_uncertainty_is_that_of_scores_without_meaning():
    draw = np.random.default_rng(0)
    errors = [auc(*draw.standard_normal([2, 50])) for _ in range(4000)]
    said = float(_uncertainty(50).partition("up to ")[2].split()[0])
    assert said == pytest.approx(2 * np.std(errors), rel=0.05)


def test_the_discriminator_of_a_run(trained):
    process = here(trained, "diagnose", "--run=runs/quick", "--samples=12")
    assert process.returncode == 0, process.stderr
    found, run = table(process.stdout), LoadedRun(trained / "runs/quick")
    task = build.task(run.config, RunFolder(trained / "runs/quick").corpus)
    generated = sample_sequences(run.generator, 12, run.length, fold(run.config.seed, "diagnose"))
    real, samples = (run.discriminator(tokens).numpy()[:, 1] for tokens in (task.heldout[:12], generated))
    other, others = (run.discriminator(tokens).numpy()[:, 0] for tokens in (task.heldout[:12], generated))
    assert found["AUC, held-out data"] == pytest.approx(auc(real - other, samples - others), abs=1e-3)
    assert -1 <= found["partial correlation with log P_oracle, given log G"] <= 1
    assert "bar of 0.5 nats per sequence: adversarial training against this discriminator can" in process.stdout


def test_a_judge(trained):
    process = here(trained, "diagnose", "--run=runs/quick", "--judge=runs/constant")
    assert process.returncode == 0 and len(table(process.stdout)) == 5
    assert "Diagnosing p_M / (p_M + G) of runs/quick on 16 held-out" in process.stderr
    assert not (trained / "runs/quick/others").exists()  # nothing is written
    text = here(trained, "diagnose", "--run=runs/captions", "--samples=8")
    assert text.returncode == 0 and len(table(text.stdout)) == 4


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--run=runs/constant",), "--judge must be given for a run without a discriminator"),
        (("--run=runs/quick", "--judge=runs/quick"), "--judge must be another run folder, got runs/quick"),
        (("--run=runs/quick", "--judge=runs/captions"), "--judge must be a run on the same data"),
        (
            ("--run=runs/quick", "--judge=nowhere"),
            "--judge must be a run folder, got nowhere, which does not exist; train it first.",
        ),
        (("--run=runs/quick", "--samples=1"), "--samples must be between 4 and"),
    ],
)
def test_bad_input_is_told_in_one_line(trained, flags, message):
    process = here(trained, "diagnose", *flags)
    assert process.returncode == 2 and message in one_error_line(process.stderr)
