import dataclasses

import pytest
from folders import SMOKE, adversarial_records, mle_records, write_run

from seqgan_tf.studies.listing import list_runs


@pytest.fixture
def runs(tmp_path):
    before = mle_records(4, 4.0, 3.7)
    write_run(tmp_path / "a", dataclasses.replace(SMOKE, seed=5), adversarial_records(before, [3.5, 3.6], [3.8, 3.9]))
    write_run(tmp_path / "b", dataclasses.replace(SMOKE, oracle_file="some/where.pkl"), before[:3])
    write_run(tmp_path / "c", SMOKE, [])
    (write_run(tmp_path / "d", SMOKE, []) / "metrics.jsonl").write_text("<b>\n")
    return tmp_path


def test_runs_are_listed_with_their_progress_and_headline_metrics(runs):
    heads, _, *lines = list_runs(str(runs)).splitlines()
    assert heads.split() == [
        "run",
        "preset",
        "data",
        "progress",
        "nll_oracle",
        "nll_test",
        "entropy",
        "d_auc_heldout",
    ]
    assert lines[0].split() == [
        *("a", "smoke*", "oracle", "0", "adversarial", "2/2,", "done", "last", "3.600", "3.900", "3.100", "0.600")
    ]
    assert lines[1].split() == ["best", "(step", "6)", "3.500", "3.800", "3.100", "0.600"]
    assert lines[2].split() == ["b", "smoke*", "where.pkl", "mle", "2/4", "last", "4.200", "3.500", "3.000"]
    assert lines[3].split() == ["c", "smoke*", "oracle", "0", "no", "evaluation", "yet"]
    assert lines[-1].startswith("d: ") and "has a corrupt metrics.jsonl" in lines[-1]
    assert any(line.startswith("*: settings differ") for line in lines)


def test_a_preset_with_other_seeds_has_no_star(tmp_path):
    smoke = dataclasses.replace(SMOKE, d_rounds=2, iterations=3, oracle_seed=3, seed=2)
    write_run(tmp_path / "a", smoke, [])
    assert list_runs(str(tmp_path)).splitlines()[2].split()[1] == "smoke"


def test_without_a_run_it_says_what_is_allowed(tmp_path):
    with pytest.raises(ValueError, match="--runs must be run folders or folders of run folders, .* which has no run"):
        list_runs(str(tmp_path))
