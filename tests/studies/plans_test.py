import dataclasses
import itertools
import json

import pytest
from folders import write_run

from seqgan_tf import build
from seqgan_tf.cli import commands
from seqgan_tf.config import PRESETS
from seqgan_tf.studies import frontier, plans
from seqgan_tf.studies.experiments import BUDGETS, EXPERIMENTS

ORACLES = ("", "-oracle1", "-oracle2")
ALL = list(itertools.product(EXPERIMENTS, BUDGETS))


@pytest.mark.parametrize(("name", "budget"), ALL, ids=["-".join(pair) for pair in ALL])
def test_every_experiment_is_a_plan_of_different_runs(name, budget):
    plan = plans.configs(name, budget, range(2), {})
    methods, oracles = EXPERIMENTS[name]["methods"], [""]
    if name == "beyond" and budget != "smoke":
        oracles += ["-oracle1", "-oracle2"]
    expected = itertools.product((0, 1), oracles, methods)
    assert list(plan) == [f"{method}{oracle}-seed{seed}" for seed, oracle, method in expected]
    assert len({tuple(vars(config).values()) for config in plan.values()}) == len(plan) or budget == "smoke"
    assert all(config.seed == int(run[-1]) for run, config in plan.items())


def test_the_methods_of_table_1_differ_in_what_they_are_about():
    plan = plans.configs("table1", "paper", [5], {"oracle_file": "o.pkl"})
    seqgan = plan["seqgan-seed5"]
    assert seqgan == dataclasses.replace(PRESETS["paper"], seed=5, oracle_file="o.pkl")

    def changes(method):
        ours, theirs = vars(plan[f"{method}-seed5"]), vars(seqgan)
        return {key: ours[key] for key in ours if ours[key] != theirs[key]}

    alone = {"iterations": 0, "reward": "constant", "uses_discriminator": False}
    assert changes("mle") == alone
    assert changes("scheduled_sampling") == alone | {"scheduled_sampling": 0.002}
    assert [changes(name) for name in ("pg_bleu", "constant", "random")] == [
        {"reward": name, "uses_discriminator": False} for name in ("bleu", "constant", "random")
    ]
    assert changes("mle_regularised") == alone | {
        **{"g_dropout": 0.3, "mle_learning_rate": 0.005, "mle_patience": 2, "mle_eval_every": 2}
    }
    # So many epochs are not evaluated every five: that would be thousands of models.
    continued = changes("mle_continued")
    assert set(continued) == {*alone, "mle_epochs", "mle_eval_every"}
    assert continued["mle_epochs"] // continued["mle_eval_every"] == 50


def test_figure_3_has_the_paper_s_four_settings():
    plan = plans.configs("figure3", "paper", [0], {})
    found = [(config.g_steps, config.d_steps, config.d_epochs) for config in plan.values()]
    assert found == [(100, 1, 10), (30, 1, 30), (1, 1, 10), (1, 5, 3)]
    assert all(config.iterations == 200 for config in plan.values())


def test_figure_4_has_four_lengths_of_pre_training():
    plan = plans.configs("figure4", "paper", [0], {})
    assert [config.mle_epochs for config in plan.values()] == [120, 60, 20, 10]


def sources(name, budget, folder, **settings):
    plan = plans.configs(name, budget, [0, 1], settings)
    return {run.name: config.pretrained for run, config in plans.runs(plan, folder).items()}


def test_all_take_over_the_longest_maximum_likelihood_of_their_seed_that_begins_as_theirs(tmp_path):
    found = sources("table1", "quick", tmp_path)
    own = {"mle_continued", "scheduled_sampling", "mle_regularised"}
    for name, source in found.items():
        method, seed = name.split("-")
        assert source == ("" if method in own else f"{tmp_path}/mle_continued-{seed}")
    assert sources("figure4", "quick", tmp_path)["pretrained_sixth-seed1"] == f"{tmp_path}/pretrained_full-seed1"
    # Without an evaluation after 60 epochs nothing can be taken over from a run of more.
    assert sources("table1", "quick", tmp_path, mle_eval_every=7)["seqgan-seed0"] == f"{tmp_path}/pg_bleu-seed0"


def test_a_run_waits_for_the_evaluation_that_it_starts_from(tmp_path):
    plan = plans.configs("table1", "smoke", [0], {})
    by_name = {run.name: (run, config) for run, config in plans.runs(plan, tmp_path).items()}
    first, then = (plans.training(*by_name[name]) for name in ("mle_continued-seed0", "seqgan-seed0"))
    assert first.is_ready() and not then.is_ready()
    assert then.words[-1].startswith("--") and f"--pretrained={tmp_path}/mle_continued-seed0" in then.words
    assert "--threads=1" in first.words and first.work_done() == 0
    run, config = by_name["mle_continued-seed0"]
    write_run(run.path, config, [{"phase": "mle", "iteration": 11}])
    assert not then.is_ready() and 0 < first.work_done() < first.work
    (run.path / "metrics.jsonl").write_text(json.dumps({"phase": "mle", "iteration": 12}) + "\n")
    assert then.is_ready()
    (run.path / "metrics.jsonl").write_text(json.dumps({"phase": "mle", "iteration": config.mle_epochs}) + "\n")
    assert first.work_done() == first.work and then.work_done() == 0 < then.work


def test_runs_of_other_settings_in_the_folder_are_refused(tmp_path):
    plan = plans.configs("table1", "smoke", [0], {})
    write_run(
        tmp_path / "mle-seed0", dataclasses.replace(plan["mle-seed0"], g_hidden_dim=9, checkpoint_seconds=1.0), []
    )
    with pytest.raises(
        ValueError, match="the same budget and flags, got .*, where mle-seed0 differs in g_hidden_dim"
    ):
        plans.runs(plan, tmp_path)


def test_every_experiment_and_budget_is_named_in_the_help():
    (budget,) = (flag for flag in commands.COMMANDS["experiment"].flags if flag.name == "budget")
    assert budget.choices == list(BUDGETS) and all(about["help"] for about in EXPERIMENTS.values())


def test_beyond_is_planned_for_the_given_oracle_and_two_seeded_ones(tmp_path):
    plan = plans.configs("beyond", "quick", [4], {"oracle_file": "o.pkl"})
    found = {run.name: config for run, config in plans.runs(plan, tmp_path).items()}
    oracles = [(found[f"mle{which}-seed4"].oracle_file, found[f"mle{which}-seed4"].oracle_seed) for which in ORACLES]
    assert oracles == [("o.pkl", 0), ("", 1), ("", 2)]
    for which in ORACLES:
        assert found[f"distilled{which}-seed4"].teacher == f"{tmp_path}/mle_wide{which}-seed4"
        judged, copy = (found[f"{method}{which}-seed4"] for method in ("language_model", "own_copy"))
        assert judged.pretrained == copy.pretrained == copy.judge == f"{tmp_path}/mle_tuned{which}-seed4"
        assert judged.judge == f"{tmp_path}/mle_wide{which}-seed4"
        assert judged.differences(copy) == ["judge"]  # the control
    with pytest.raises(ValueError, match="--g_l2 must be left out with beyond, because its methods set it"):
        plans.configs("beyond", "quick", [0], {"g_l2": 1.0})
    with pytest.raises(ValueError, match="--pg_learning_rate must be left out with beyond_captions"):
        plans.configs("beyond_captions", "quick", [0], {"pg_learning_rate": 0.1})  # set by what a method is based on


def test_a_run_waits_for_its_teacher(tmp_path):
    plan = plans.configs("beyond", "smoke", [0], {})
    by_name = {run.name: (run, config) for run, config in plans.runs(plan, tmp_path).items()}
    teacher, config = by_name["mle_wide-seed0"]
    task = plans.training(*by_name["distilled-seed0"])
    assert not task.is_ready()
    write_run(teacher.path, config, [{"phase": "mle", "iteration": config.mle_epochs - 1}])
    assert not task.is_ready()
    (teacher.path / "metrics.jsonl").write_text(json.dumps({"phase": "mle", "iteration": config.mle_epochs}) + "\n")
    assert task.is_ready()


def test_a_run_waits_for_all_of_its_teachers(tmp_path):
    plan = plans.configs("beyond", "quick", [3], {})
    by_name = {run.name: (run, config) for run, config in plans.runs(plan, tmp_path).items()}
    for which in ORACLES:
        teachers = [f"{tmp_path}/{name}{which}-seed3" for name in ("mle_gru_160", "mle_gru_128")]
        assert by_name[f"distilled_grus{which}-seed3"][1].teacher == ",".join(teachers)
    task = plans.training(*by_name["distilled_grus-seed3"])
    for name in ("mle_gru_160-seed3", "mle_gru_128-seed3"):
        assert not task.is_ready()
        teacher, config = by_name[name]
        write_run(teacher.path, config, [_end(config)])
    assert task.is_ready()


def test_the_frontiers_of_each_oracle_are_measured_once_its_runs_are_trained(tmp_path):
    plan = plans.runs(plans.configs("beyond", "quick", [0, 1], {}), tmp_path)
    methods = len(EXPERIMENTS["beyond"]["methods"])
    tasks = plans.measuring(plan)
    assert [task.name for task in tasks] == [
        f"frontier-{number}" for number in range(1, 7)
    ]  # two seeds, three oracles
    for index, task in enumerate(tasks):
        runs = list(plan)[methods * index : methods * (index + 1)]
        assert task.words[:2] == ("frontier", "--runs=" + ",".join(map(str, runs))) and not task.is_ready()
        frontier.check_same_data({str(run): plan[run] for run in runs})  # what the command asks for
    *others, last = list(plan)[:methods]
    for run in others:
        write_run(run.path, plan[run], [_end(plan[run])])
    assert not tasks[0].is_ready()
    write_run(last.path, plan[last], [_end(plan[last])])
    assert tasks[0].is_ready() and not tasks[1].is_ready()
    points = [{"inverse_temperature": inverse} for inverse in frontier.INVERSE_TEMPERATURES]
    content = json.dumps({"step": 0, "points": points, "coin_toss": {}})
    others[0].frontier.write_text(content)
    assert len(plans.measuring(plan)) == 6 and 0 < tasks[0].work_done() < tasks[0].work
    for run in (*others, last):
        run.frontier.write_text(content)
    assert len(plans.measuring(plan)) == 5 and tasks[0].work_done() == pytest.approx(tasks[0].work)


def _end(config):
    phase = "adversarial" if config.iterations else "mle"
    return {"phase": phase, "iteration": config.iterations or config.mle_epochs, "step": 0}


def test_what_figure_3_is_about_is_refused_and_what_it_only_proposes_is_not():
    with pytest.raises(ValueError, match="--g_steps must be left out with figure3"):
        plans.configs("figure3", "quick", [0], {"g_steps": 5})
    plan = plans.configs("figure3", "quick", [0], {"iterations": 7})
    assert [config.iterations for config in plan.values()] == [7] * 4
    assert [config.iterations for config in plans.configs("table1", "quick", [0], {"iterations": 7}).values()] == [
        *(0, 0, 0, 7, 7, 7, 7, 0)
    ]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_text_and_oracles_are_compared_with_as_many_sequences_as_the_authors_have(name):
    quick, smoke = (plans.base(name, budget) for budget in ("quick", "smoke"))
    assert quick.heldout_size == 10_000 and quick.eval_samples == (2_000 if quick.is_text else 10_000)
    assert smoke.eval_samples == 64 and smoke.heldout_size == (10_000 if smoke.is_text else 64)


def test_an_unknown_objective_is_refused_before_anything_is_started():
    with pytest.raises(ValueError, match="--objective must be one of"):
        plans.configs("table1", "smoke", [0], {"objective": "reinforc"})


def test_a_setting_that_is_not_allowed_is_named():
    with pytest.raises(ValueError, match=r"--batch_size must be between 1 and 64 \(--train_size\), got 65"):
        plans.configs("table1", "smoke", [0], {"batch_size": 65})


@pytest.mark.parametrize(
    ("preset", "experiment", "budget", "method", "teacher"),
    [
        ("best_teacher", "beyond", "paper", "mle_gru_160", ""),
        ("best_teacher_2", "beyond", "paper", "mle_gru_128", ""),
        ("best", "beyond", "paper", "distilled_grus", "runs/best_teacher,runs/best_teacher_2"),
        ("best_captions_teacher", "beyond_captions", "quick", "mle_wide", ""),
        ("best_captions", "beyond_captions", "quick", "distilled_text", "runs/best_captions_teacher"),
    ],
)
def test_the_best_presets_are_methods_of_beyond(preset, experiment, budget, method, teacher):
    expected = plans.configs(experiment, budget, [0], {})[f"{method}-seed0"]
    assert build.resolved(PRESETS[preset]) == dataclasses.replace(expected, teacher=teacher)
