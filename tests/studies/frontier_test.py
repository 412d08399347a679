import dataclasses
import json
import shutil

import numpy as np
import pytest
from folders import SMOKE, point

from seqgan_tf import build
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.runs.loaded import LoadedRun
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.seeds import fold
from seqgan_tf.studies import frontier

pytestmark = pytest.mark.slow

# Hotter than the lowest nll_test is worse in both, so the first is no part of the curve.
POINTS = [point(2.0, 9.0, 7.0), point(0.8, 7.6, 9.8), point(1.0, 7.5, 9.5), point(1.5, 8.0, 8.0)]


def test_the_curve_begins_at_the_lowest_nll_test():
    variety, quality = frontier.curve(POINTS)
    assert variety.tolist() == [7.5, 8.0, 9.0] and quality.tolist() == [9.5, 8.0, 7.0]


@pytest.mark.parametrize(
    ("level", "expected"), [(7.5, 9.5), (7.6, 9.2), (8.5, 7.5), (9.0, 7.0), (7.4, None), (9.1, None)]
)
def test_quality_at_a_level_is_interpolated_and_not_guessed_outside(level, expected):
    found = frontier.at(POINTS, level)
    assert found is None if expected is None else found == pytest.approx(expected)


def test_the_area_is_that_of_trapezoids():
    # From 7.75 (8.75) to 8 (8.0), and from there to 8.5 (7.5).
    assert frontier.area(POINTS, 7.75, 8.5) == pytest.approx(0.25 * (8.75 + 8.0) / 2 + 0.5 * (8.0 + 7.5) / 2)


def test_levels_that_all_curves_have():
    other = [point(1.0, 7.9, 8.2), point(2.0, 8.6, 7.6)]
    assert frontier.common([POINTS, other]) == (7.9, 8.6)
    assert frontier.common([POINTS, [point(1.0, 9.1, 7.0), point(2.0, 9.5, 6.0)]]) is None


def test_of_text_the_curve_is_negative_bleu_against_self_bleu():
    text = [{"inverse_temperature": t, "bleu_5": b, "self_bleu_5": s} for t, b, s in ((2, 0.4, 0.6), (1, 0.3, 0.2))]
    variety, quality = frontier.curve(text)
    assert variety.tolist() == [0.2, 0.6] and quality.tolist() == [-0.3, -0.4]


@pytest.mark.parametrize(("entropy", "expected"), [(5.0, 9.0), (5.5, 8.5), (6.0, 8.0), (4.9, None), (6.1, None)])
def test_metrics_at_an_entropy_are_interpolated_and_not_guessed_outside(entropy, expected):
    points = [{"entropy": 6.0, "nll_test": 8.0}, {"entropy": 5.0, "nll_test": 9.0}, {"entropy": 7.0}]
    found = frontier.at_level(points, "entropy", entropy, "nll_test")
    assert found is None if expected is None else found == pytest.approx(expected)


def test_other_data_are_refused_and_named():
    configs = {"a": SMOKE, "b": dataclasses.replace(SMOKE, seed=3), "c": dataclasses.replace(SMOKE, oracle_seed=2)}
    with pytest.raises(
        ValueError,
        match=r"must be runs on the same oracle or text, got a and c on different data \(oracle_seed 0 and 2\)",
    ):
        frontier.check_same_data(configs)
    frontier.check_same_data({name: configs[name] for name in ("a", "b")})


@pytest.fixture
def quick(trained, tmp_path):
    shutil.copytree(trained / "runs/quick", tmp_path / "quick")
    return RunFolder(tmp_path / "quick")


def test_points_are_those_of_samples_at_their_temperatures_and_are_kept(quick):
    said = []
    found = frontier.measure(quick, 40, say=said.append)
    inverses = [point["inverse_temperature"] for point in found]
    assert inverses == sorted(inverses) and set(frontier.INVERSE_TEMPERATURES) <= set(inverses)
    assert len(said) == len(found) and frontier.is_whole(quick)
    nll = [point["nll_test"] for point in found]
    assert min(nll) < nll[0] or inverses[0] == min(frontier.HOTTER)
    assert nll[-1] >= frontier.FAR_ENOUGH or inverses[-1] == max(frontier.COLDER)

    run = LoadedRun(quick.path)
    task = build.task(dataclasses.replace(run.config, heldout_size=40), quick.corpus)
    generated = sample_sequences(run.generator, 40, run.length, fold(run.config.seed, "frontier"), 1 / 1.5)
    logits = run.generator(task.heldout).numpy() * 1.5
    log_prob = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    expected = -np.take_along_axis(log_prob, np.asarray(task.heldout)[..., None], -1).mean()
    (at,) = (point for point in found if point["inverse_temperature"] == 1.5)
    assert at["nll_test"] == pytest.approx(expected, abs=1e-5)
    logits = task._oracle(generated).numpy()
    log_oracle = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    expected = -np.take_along_axis(log_oracle, generated.numpy()[..., None], -1).mean()
    assert at["nll_oracle"] == pytest.approx(expected, abs=1e-5)

    content = json.loads(quick.frontier.read_text())
    content["points"] = [point for point in content["points"] if point["inverse_temperature"] != 1.3]
    quick.frontier.write_text(json.dumps(content))
    assert not frontier.is_whole(quick)
    said.clear()
    assert frontier.measure(quick, 40, say=said.append) == found and len(said) == 1  # only what is missing
    assert frontier.measure(quick, 39) != found  # another number of samples is another measurement


def test_the_coin_toss_has_the_likelihoods_of_a_mixture(trained, tmp_path):
    run = tmp_path / "mle"
    shutil.copytree(trained / "runs/constant", run)
    config = json.loads((run / "config.json").read_text()) | {"iterations": 0}
    (run / "config.json").write_text(json.dumps(config))
    lines = (run / "metrics.jsonl").read_text().splitlines()
    (run / "metrics.jsonl").write_text("".join(line + "\n" for line in lines if json.loads(line)["phase"] == "mle"))
    frontier.measure(RunFolder(run), 40)
    found, loaded = frontier.coin_toss(RunFolder(run)), LoadedRun(run)
    task = build.task(dataclasses.replace(loaded.config, heldout_size=40), RunFolder(run).corpus)

    def likelihoods(tokens, inverse):  # of whole sequences
        logits = loaded.generator(tokens).numpy() * inverse
        log_prob = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        return np.exp(np.take_along_axis(log_prob, np.asarray(tokens)[..., None], -1).sum((1, 2)))

    mixture = 0.95 * likelihoods(task.heldout, 5.0) + 0.05 * likelihoods(task.heldout, 1.0)
    assert found["nll_test"] == pytest.approx(-np.log(mixture).mean() / loaded.length, abs=1e-5)
    plain = min(point["nll_test"] for point in frontier.points(RunFolder(run)))
    assert found["nll_test"] < plain - np.log(0.05) / loaded.length  # the bound by which the measure is gamed


def test_of_text_bleu_and_self_bleu_are_those_of_the_task(trained, tmp_path):
    shutil.copytree(trained / "runs/captions", tmp_path / "run")
    found = frontier.measure(RunFolder(tmp_path / "run"), 30)
    inverses = [point["inverse_temperature"] for point in found]
    nll = [point["nll_test"] for point in found]
    assert set(frontier.INVERSE_TEMPERATURES) <= set(inverses) and max(inverses) == 2.0
    assert min(nll) < nll[0] or inverses[0] == min(frontier.HOTTER)
    run = LoadedRun(tmp_path / "run")
    task = build.task(run.config, run.folder.corpus)
    generated = sample_sequences(run.generator, 30, run.length, fold(run.config.seed, "frontier"), 1.0)
    expected = task.scores(generated)
    (at,) = (point for point in found if point["inverse_temperature"] == 1.0)
    assert all(at[name] == expected[name] for name in ("bleu_5", "self_bleu_5"))


def test_a_corrupt_file_is_named(quick):
    quick.frontier.write_text('{"step": 4, "poi')
    with pytest.raises(ValueError, match="frontier.json is corrupt .*; delete it and measure again"):
        frontier.points(quick)
