import dataclasses
import json
import math

import pytest
from folders import SMOKE, adversarial_records, mle_records, point, write_run

from seqgan_tf.runs.folder import RunFolder, find
from seqgan_tf.studies import results, tables

ALONE = dataclasses.replace(SMOKE, iterations=0, reward="constant", uses_discriminator=False)


def seqgan(folder, seed, nll_oracle, **settings):
    config = dataclasses.replace(SMOKE, seed=seed, **settings)
    records = adversarial_records(mle_records(4, 4.0, 3.7), [nll_oracle - 0.1, nll_oracle], [3.75, 3.8])
    return write_run(folder, config, records)


def mle(folder, seed, nll_oracle, **settings):
    config = dataclasses.replace(ALONE, seed=seed, **settings)
    return write_run(folder, config, mle_records(config.mle_epochs, nll_oracle, 3.7))


@pytest.fixture
def folder(tmp_path):
    for seed in range(3):
        seqgan(tmp_path / f"seqgan-{seed}", seed, (3.5, 3.8, 3.2)[seed])
        mle(tmp_path / f"mle-{seed}", seed, (4.0, 4.1, 3.9)[seed])
    return tmp_path


def test_runs_that_differ_in_their_seeds_are_one_method(folder):
    ((data, rows),) = results.by_data([results.load(path) for path in find(str(folder))]).items()
    assert data == "oracle with seed 0" and [row.title for row in rows] == ["MLE", "SeqGAN"]
    assert rows[1].values("nll_oracle") == {0: 3.5, 1: 3.8, 2: 3.2}
    assert rows[1].values("nll_oracle", "best") == {0: 3.4, 1: pytest.approx(3.7), 2: pytest.approx(3.1)}
    assert rows[0].values("d_auc_heldout") == {} and rows[1].values("d_auc_heldout") == dict.fromkeys(range(3), 0.6)
    assert (
        rows[1].runs[0].samples == ["1 2 3", "4 5 6", "7 8 9"]
        and rows[1].runs[0].records[-1]["wall_seconds"] == 202.0
    )


def test_methods_of_one_name_are_told_apart_by_their_settings_and_come_in_a_fixed_order(folder):
    seqgan(folder / "a", 0, 3.0, g_steps=7, d_steps=1)
    mle(folder / "b", 0, 3.0, mle_epochs=16)
    mle(folder / "c", 0, 3.0, g_dropout=0.3)
    mle(folder / "d", 0, 3.0, scheduled_sampling=0.002)
    for reward in ("bleu", "constant", "random"):
        seqgan(folder / reward, 0, 3.0, reward=reward, uses_discriminator=False)
    (rows,) = results.by_data([results.load(path) for path in find(str(folder))]).values()
    assert [row.title for row in rows] == [
        *("MLE (4 epochs)", "MLE (16 epochs)", "Scheduled sampling", "PG-BLEU"),
        *("SeqGAN (g_steps 1, d_steps 2)", "SeqGAN (g_steps 7, d_steps 1)"),
        *("Constant reward", "Random reward", "Regularised MLE"),
    ]


def test_any_reward_is_a_method_by_its_name_after_the_known_ones(folder):
    for number, reward in enumerate(["zeros:mine", "low"]):
        seqgan(folder / f"own-{number}", 0, 3.0, reward=reward, uses_discriminator=bool(number))
    (rows,) = results.by_data([results.load(path) for path in find(str(folder))]).values()
    assert [row.title for row in rows] == ["MLE", "SeqGAN", "Reward low", "Reward zeros:mine"]


def test_another_objective_or_cell_sets_rows_apart(folder):
    seqgan(folder / "a", 0, 3.0, objective="ppo")
    mle(folder / "b", 0, 3.0, g_cell="my_cells:Mine")
    (rows,) = results.by_data([results.load(path) for path in find(str(folder))]).values()
    assert [row.title for row in rows] == [
        "MLE (g_cell lstm)",
        "MLE (g_cell my_cells:Mine)",
        "SeqGAN (objective ppo)",
        "SeqGAN (objective reinforce)",
    ]


def test_adversarial_training_after_a_regularised_pre_training_is_a_row_of_its_own(folder):
    for number in range(2):
        seqgan(folder / f"tuned-{number}", number, 3.0, g_dropout=0.3, g_l2=2.0, mle_epochs=30)
    (rows,) = results.by_data([results.load(path) for path in find(str(folder))]).values()
    assert [row.title for row in rows] == ["MLE", "SeqGAN", "SeqGAN after regularised MLE"]
    assert [run.folder.name for run in rows[2].runs] == ["tuned-0", "tuned-1"]


def test_what_changes_no_number_or_is_not_used_is_no_other_method(folder):
    seqgan(folder / "a", 7, 3.0, checkpoint_seconds=1.0, pretrained="somewhere")
    mle(folder / "b", 7, 3.0, d_rounds=9, d_learning_rate=0.5)
    (rows,) = results.by_data([results.load(path) for path in find(str(folder))]).values()
    assert [(row.title, len(row.runs)) for row in rows] == [("MLE", 4), ("SeqGAN", 4)]


def test_other_data_are_another_section(folder):
    seqgan(folder / "other", 0, 3.0, oracle_seed=4)
    mle(folder / "text", 0, 3.0, corpus="image_coco")
    mle(folder / "file", 0, 3.0, oracle_file="some/where.pkl", oracle_sha256="")
    found = results.by_data([results.load(path) for path in find(str(folder))])
    assert list(found) == ["oracle where.pkl", "oracle with seed 0", "oracle with seed 4", "text image_coco"]


def test_early_stopped_maximum_likelihood_counts_with_the_generator_it_has_chosen(folder):
    path = mle(folder / "early", 0, 3.0, mle_epochs=9, mle_patience=4)
    records = mle_records(5, 4.0, 3.7)
    (path / "metrics.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    result = results.load(RunFolder(path))
    assert (
        result.status == "done" and result.record("last")["iteration"] == 1
    )  # nll_valid rises from the first epoch on


def test_what_is_unfinished_or_corrupt_is_said_and_does_not_count(folder):
    for name, content in (("cut", '{"phase": "mle", "iter\n'), ("kind", '{"a": 1}\n'), ("list", "[3]\n")):
        (mle(folder / name, 0, 3.0) / "metrics.jsonl").write_text(content)
    (mle(folder / "config", 0, 3.0) / "config.json").write_text("{")
    (mle(folder / "environment", 0, 3.0) / "environment.json").write_text("[]")
    early = [{key: value for key, value in record.items() if "random" not in key} for record in mle_records(4, 4, 3)]
    write_run(folder / "early", ALONE, early)
    (mle(folder / "frontier", 0, 3.0) / "frontier.json").write_text("{")
    write_run(folder / "half", SMOKE, mle_records(2, 4.0, 3.7))
    write_run(folder / "none", SMOKE, [])
    found = {path.name: results.load(path) for path in find(str(folder))}
    statuses = {name: result.status for name, result in found.items() if result.status != "done"}
    assert set(statuses) == {"cut", "kind", "list", "config", "frontier", "half", "none", "environment", "early"}
    assert statuses["half"] == "unfinished: mle 2/4" and statuses["none"] == "unfinished: no evaluation yet"
    assert all(statuses[name].startswith("unusable: ") for name in set(statuses) - {"half", "none"})
    assert statuses["config"].startswith("unusable: has a corrupt config.json")
    assert "lacks metrics" in statuses["early"]
    (rows,) = results.by_data(found.values()).values()
    assert [len(row.runs) for row in rows] == [3, 3]


def test_the_same_settings_and_seed_count_once(folder):
    mle(folder / "twin", 1, 7.0)
    (mle(folder / "zzz", 1, 7.0) / "config.json").write_text("{")
    found = results.without_copies([results.load(path) for path in find(str(folder))])
    statuses = {result.folder.name: result.status for result in found if result.status != "done"}
    assert "unusable" in statuses.pop("zzz")
    assert statuses == {"twin": "omitted: same settings and seed as mle-1"}
    (rows,) = results.by_data(found).values()
    assert rows[0].values("nll_oracle")[1] == 4.1


def test_runs_that_are_scored_otherwise_are_not_compared(folder):
    seqgan(folder / "cold", 0, 3.0, temperature=0.7)
    seqgan(folder / "few", 0, 3.0, eval_samples=16)
    assert list(results.by_data([results.load(path) for path in find(str(folder))])) == [
        *("oracle with seed 0, 64 samples at temperature 0.7", "oracle with seed 0, 16 samples at temperature 1.0"),
        "oracle with seed 0, 64 samples at temperature 1.0",
    ]


def test_a_frontier_of_an_earlier_evaluation_is_left_out(folder):
    records = mle_records(4, 4.0, 3.7)
    points = [point(1.0, 3.7, 4.0), point(2.0, 3.9, 3.8)]
    write_run(folder / "new", ALONE, records, points)
    assert results.load(RunFolder(folder / "new")).points == points
    text = (folder / "new/frontier.json").read_text()
    (folder / "new/frontier.json").write_text(text.replace('"step": 4', '"step": 3'))
    assert results.load(RunFolder(folder / "new")).points == []


def test_mean_and_sample_deviation():
    # Squares of the distances from 7/3: 16/9, 1/9 and 25/9, the sum over 3 - 1 is 7/3.
    assert tables.spread({0: 1.0, 1: 2.0, 2: 4.0}) == f"2.333 ± {math.sqrt(7 / 3):.3f}"
    assert tables.spread({7: 5.0}, digits=1) == "5.0" and tables.spread({}) == ""


def test_the_paired_test_is_student_s():
    # Differences 1, 2 and 3: mean 2, deviation 1, t = 2 sqrt(3), two degrees of freedom, for which the distribution
    # function is 1/2 + t / (2 sqrt(2 + t^2)).
    a, b = {0: 2.0, 1: 4.0, 2: 6.0, 7: 0.0}, {0: 1.0, 1: 2.0, 2: 3.0, 8: 0.0}
    t = 2 * math.sqrt(3)
    change, p, seeds = results.paired(a, b)
    assert (change, seeds) == (2.0, 3) and p == pytest.approx(1 - t / math.sqrt(2 + t * t))
    assert results.paired({0: 1.0}, {0: 2.0}) is None and results.paired({0: 1.0, 1: 1.0}, {2: 2.0}) is None
    assert results.paired({0: 1.0, 1: 2.0}, {0: 2.0, 1: 3.0}) == (-1.0, None, 2)  # no spread, no test
