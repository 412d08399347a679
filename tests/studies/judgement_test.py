import dataclasses

import pytest
from folders import markdown_tables, mle_records, point, write_run

from seqgan_tf.config import PRESETS
from seqgan_tf.runs.folder import find
from seqgan_tf.studies import judgement, results

TUNED = dataclasses.replace(
    PRESETS["smoke"], iterations=0, reward="constant", uses_discriminator=False, g_dropout=0.3, mle_epochs=4
)
ADVERSARIAL = dataclasses.replace(TUNED, iterations=1)
METHODS = {
    "mle": dataclasses.replace(TUNED, g_dropout=0.0),
    "tuned": TUNED,
    "wide": dataclasses.replace(TUNED, g_hidden_dim=16),
    "distilled": dataclasses.replace(TUNED, g_dropout=0.0, teacher="r/wide{}"),
    "judged": dataclasses.replace(ADVERSARIAL, reward="language_model", judge="r/wide{}", pretrained="r/tuned{}"),
    "copy": dataclasses.replace(ADVERSARIAL, reward="language_model", judge="r/tuned{}", pretrained="r/tuned{}"),
    "constant": ADVERSARIAL,
}
MLE, TUNED_MLE = "MLE", "Regularised MLE (g&#95;hidden&#95;dim 8)"


@pytest.fixture
def groups(tmp_path):
    """Two oracles with one seed each. A run has the lowest nll_test 8 - 0.1 * its place - 0.01 * the oracle's."""
    for oracle in (0, 1):
        for place, (name, config) in enumerate(METHODS.items()):
            suffix = f"-oracle{oracle}-seed3"
            config = dataclasses.replace(
                config,
                seed=3,
                oracle_seed=oracle,
                teacher=config.teacher.format(suffix),
                judge=config.judge.format(suffix),
                pretrained=config.pretrained.format(suffix),
            )
            records = mle_records(4, 4.0, 3.7)
            if config.iterations:
                records.append(records[-1] | {"phase": "adversarial", "iteration": 1, "step": 9})
            for record in records:
                record["wall_seconds"] = 60.0 * (place + 1)
            best = 8.0 - 0.1 * place - 0.01 * oracle * place
            points = [
                point(inverse, best + level, 9.0 - level) | {"entropy": 4.0 - level, "frechet": 0.5 + place}
                for inverse, level in ((1.0, 0.0), (1.5, 1.0))
            ]
            write_run(tmp_path / f"{name}{suffix}", config, records, points)
    return list(results.by_data([results.load(folder) for folder in find(str(tmp_path))]).values())


def test_each_method_is_compared_with_the_best_likelihood_of_its_size_and_with_its_controls(groups):
    ((head, *lines),) = markdown_tables(judgement.comparisons(groups))
    assert head[:3] == ["difference", "pairs", "lowest nll_test"]
    assert {line[0] for line in lines} == {
        f"{MLE} − {TUNED_MLE}",
        f"Distilled MLE − {TUNED_MLE}",
        *(f"Language-model reward − {other}" for other in (TUNED_MLE, results.OWN_COPY, "Distilled MLE")),
        f"Language-model reward − {results.REWARDED['constant']}",
        f"{results.OWN_COPY} − {TUNED_MLE}",
        f"{results.REWARDED['constant']} − {TUNED_MLE}",
    }
    changes = {line[0]: dict(zip(head, line, strict=True)) for line in lines}
    # -0.2 and -0.22: mean -0.21, t = -0.21 / 0.01 = -21 with one degree of freedom: p = 1 - 2/pi arctan 21.
    found = changes[f"Distilled MLE − {TUNED_MLE}"]
    assert found["lowest nll_test"] == "-0.210 (p 0.030)" and found["pairs"] == "2"
    # Real data have the entropy 3.4 in these records: six tenths of the way to the second point.
    assert found["nll_test at H"] == "-0.210 (p 0.030)" and found["frechet at H"] == "+2.000"
    assert found["nll_oracle at H"] == "+0.000" and found["commonest_token at H"] == "–"


def test_a_reward_is_also_compared_with_its_own_pre_training(groups):
    for rows in groups:  # a longer pre-training, which is better
        (row,) = (row for row in rows if row.title.endswith("(g_hidden_dim 8)"))
        (run,) = row.runs
        points = [{**point, "nll_test": point["nll_test"] - 0.5} for point in run.points]
        config = dataclasses.replace(run.config, mle_epochs=8)
        rows.append(results.Row("longer", [dataclasses.replace(run, config=config, points=points)]))
    ((_, *lines),) = markdown_tables(judgement.comparisons(groups))
    found = {line[0] for line in lines}
    constant = results.REWARDED["constant"]
    assert {"Distilled MLE − longer", f"{constant} − longer", f"{constant} − {TUNED_MLE}"} < found
    assert f"Distilled MLE − {TUNED_MLE}" not in found
    assert f"Language-model reward − {TUNED_MLE}" in found and f"Language-model reward − {constant}" in found


def test_the_time_of_teachers_and_judges_counts(groups):
    ((head, *lines), *_) = markdown_tables(judgement.judged(groups[0], markdown=True))
    minutes = {line[0]: line[head.index("minutes")] for line in lines}
    assert minutes[TUNED_MLE] == "2.0" and minutes["Distilled MLE"] == "7.0"  # its own 4 and the teacher's 3
    assert minutes["Language-model reward"] == "8.0"  # its own 5, which have the pre-training in them, and 3
    assert minutes[results.OWN_COPY] == "6.0"  # its judge is its pre-training


def test_one_pair_is_not_compared(groups):
    assert judgement.comparisons(groups[:1]) == ""


def test_texts_are_judged_at_the_variety_of_real_data(tmp_path):
    config = dataclasses.replace(PRESETS["captions"], iterations=0, reward="constant", uses_discriminator=False)
    records = mle_records(config.mle_epochs, 4.0, 3.7)
    names = ("inverse_temperature", "nll_test", "self_bleu_5", "bleu_5", "commonest_sequence")
    points = [
        dict(zip(names, values, strict=True)) for values in ((1, 4.0, 0.2, 0.3, 0.001), (2, 4.8, 0.4, 0.5, 0.005))
    ]
    write_run(tmp_path / "run", config, [r | {"self_bleu_5_real": 0.25} for r in records], points)
    (rows,) = results.by_data([results.load(folder) for folder in find(str(tmp_path))]).values()
    ((head, line),) = markdown_tables(judgement.judged(rows, markdown=True))
    found = dict(zip(head, line, strict=True))  # 0.25 is a quarter of the way from 0.2 to 0.4
    assert found["lowest nll_test"] == "4.000" and found["nll_test at S"] == "4.200"
    assert found["bleu_5 at S"] == "0.350" and found["commonest_sequence at S"] == "0.002"


def test_methods_are_named_alike_on_all_data_and_so_compared_over_all(groups, tmp_path):
    # On the first oracle only: a second teacher, and a constant reward without the regularised pre-training.
    records = mle_records(4, 4.0, 3.7)
    other = dataclasses.replace(METHODS["distilled"], teacher="r/other-oracle0-seed3", seed=3)
    plain = dataclasses.replace(ADVERSARIAL, g_dropout=0.0, seed=3)
    points = [point(inverse, 8.0 + inverse, 9.0 - inverse) for inverse in (1.0, 1.5)]
    write_run(tmp_path / "other-oracle0-seed3", other, records, points)
    write_run(
        tmp_path / "plain-oracle0-seed3",
        plain,
        [*records, records[-1] | {"phase": "adversarial", "iteration": 1, "step": 9}],
        points,
    )
    found = results.by_data([results.load(folder) for folder in find(str(tmp_path))])
    first, second = ({row.title for row in rows} for rows in found.values())
    constant = results.REWARDED["constant"]
    assert first - second == {"Distilled MLE (teacher other)", constant} and second < first
    assert {"Distilled MLE (teacher wide)", f"{constant} after regularised MLE"} <= second
    ((_, *lines),) = markdown_tables(judgement.comparisons(list(found.values())))
    assert f"Distilled MLE (teacher wide) − {TUNED_MLE}" in {line[0] for line in lines}
