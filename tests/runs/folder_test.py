import dataclasses
import errno
import fcntl
import json

import pytest
from folders import ALONE, MLE, SMOKE, write_run

from seqgan_tf.config import PRESETS
from seqgan_tf.models import Generator
from seqgan_tf.runs.folder import RunFolder, find

CONFIG = PRESETS["smoke"]


def taken(path, config=CONFIG):
    folder = RunFolder(path)
    folder.take(config)
    return folder


def test_a_record_is_kept_with_its_samples(tmp_path):
    folder = taken(tmp_path / "run")
    record = {"phase": "adversarial", "iteration": 2, "nll_oracle": 3.5, "reward_by_position": [0.25, 0.5]}
    samples = {".txt": b"1 2\n3 4\n", "-01.mid": b"MThd"}
    folder.add_record(record, samples)
    assert folder.records() == [record]
    assert json.loads((tmp_path / "run/metrics.jsonl").read_text()) == record
    assert (tmp_path / "run/samples/adversarial-00002.txt").read_text() == "1 2\n3 4\n"
    assert (tmp_path / "run/samples/adversarial-00002-01.mid").read_bytes() == b"MThd"
    assert folder.read_samples(record) == samples


def test_a_run_from_before_a_setting_that_changes_no_number_is_resumed(tmp_path):
    taken(tmp_path / "run").release()
    path = tmp_path / "run/config.json"
    config = json.loads(path.read_text())
    del config["profile"]
    path.write_text(json.dumps(config))
    taken(tmp_path / "run", dataclasses.replace(CONFIG, profile=True))


def test_the_config_is_written(tmp_path):
    assert taken(tmp_path / "run").config == CONFIG
    config = json.loads((tmp_path / "run/config.json").read_text())
    assert type(CONFIG)(**{k: tuple(v) if isinstance(v, list) else v for k, v in config.items()}) == CONFIG


def test_a_folder_of_other_things_is_refused_untouched(tmp_path):
    (tmp_path / "thesis.txt").write_text("dear")
    with pytest.raises(ValueError, match="--run must be a run folder, a new folder or an empty one, got "):
        taken(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_two_processes_cannot_write_one_folder(tmp_path):
    first = taken(tmp_path / "run")
    assert first.is_running() and first.progress() == "no evaluation yet, running"
    with pytest.raises(ValueError, match="--run must be a folder that no other process is training in, got "):
        taken(tmp_path / "run")
    first.release()
    assert not first.is_running()
    taken(tmp_path / "run")


def test_what_a_kill_leaves_behind_does_not_bar_the_folder(tmp_path):
    for name in ("lock", "config.json.new"):
        (tmp_path / name).touch()
    taken(tmp_path)


def test_a_setting_that_changes_no_number_may_differ(tmp_path):
    taken(tmp_path / "run").release()
    taken(tmp_path / "run", dataclasses.replace(CONFIG, checkpoint_seconds=5.0))


def test_another_setting_may_not(tmp_path):
    taken(tmp_path / "run").release()
    with pytest.raises(
        ValueError, match=r"with the same settings, got .*, which differs in seed \(there 0, here 5\)"
    ):
        taken(tmp_path / "run", dataclasses.replace(CONFIG, seed=5))


def test_a_corrupt_config_is_refused_by_name(tmp_path):
    taken(tmp_path / "run")
    (tmp_path / "run/config.json").write_text('{"seed"')
    with pytest.raises(ValueError, match="--run=.*run has a corrupt config.json"):
        taken(tmp_path / "run")


def test_corrupt_records_are_refused_by_name_but_not_an_incomplete_last_line(tmp_path):
    folder = RunFolder(write_run(tmp_path / "run", ALONE, MLE))
    with open(tmp_path / "run/metrics.jsonl", "a") as file:
        file.write('{"phase": "m')
    assert folder.records() == MLE and folder.progress() == "mle 3/3, done"
    with open(tmp_path / "run/metrics.jsonl", "a") as file:
        file.write("\n")
    with pytest.raises(ValueError, match="--run=.*run has a corrupt metrics.jsonl"):
        folder.records()


@pytest.mark.parametrize("existing", ["", "a", "a/run"])
def test_a_new_folder_is_discarded_with_the_folders_made_around_it(tmp_path, existing):
    (tmp_path / existing).mkdir(parents=True, exist_ok=True)
    taken(tmp_path / "a" / "run").discard()
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")}
    assert left == {"": set(), "a": {"a"}, "a/run": {"a"}}[existing]


def test_a_run_that_was_there_before_is_not_discarded(tmp_path):
    taken(tmp_path / "run").release()
    folder = taken(tmp_path / "run")
    folder.discard()
    assert folder.exists() and not folder.is_running()


def test_models_of_steps_that_will_be_done_again_are_removed(tmp_path):
    folder = taken(tmp_path / "run")
    for step in (0, 5, 12):
        folder.add_record({"phase": "mle", "iteration": step, "step": step}, {})
        folder.save_models(step, {"generator": Generator(20, 3, 4)})
    assert folder.model_steps() == {0, 5, 12}
    with open(tmp_path / "run/metrics.jsonl", "a") as file:
        file.write('{"phase": "m')  # what a kill can leave behind
    folder.truncate(2)
    assert folder.model_steps() == {0, 5}
    assert [record["step"] for record in folder.records()] == [0, 5]
    assert (tmp_path / "run/metrics.jsonl").read_bytes().endswith(b"}\n")
    with pytest.raises(ValueError, match="must have 3 lines in metrics.jsonl to match its checkpoint, got 2"):
        folder.truncate(3)


def test_models_that_cannot_be_written_leave_nothing_half(tmp_path):
    folder = taken(tmp_path / "run")

    class Broken:
        def save(self, path):
            path.write_bytes(b"half")
            raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space left"):
        folder.save_models(3, {"generator": Generator(20, 3, 4), "broken": Broken()})
    assert folder.model_steps() == set() and not list(folder.models.iterdir())


def test_runs_are_found_by_folders_and_folders_of_them(tmp_path):
    for name in ("runs/b", "runs/a", "other"):
        write_run(tmp_path / name, SMOKE, [])
    (tmp_path / "runs/no run").mkdir()
    names = f"{tmp_path}/other,{tmp_path}/runs,{tmp_path}/runs/a"
    assert [folder.name for folder in find(names)] == ["other", "a", "b"]
    with pytest.raises(ValueError, match="--runs must be run folders .*, got .*no run, which has no run"):
        find(f"{tmp_path}/runs/no run")
    with pytest.raises(ValueError, match="--runs must be run folders .*, got none"):
        find("")


def test_reading_a_folder_makes_nothing(tmp_path):
    folder = RunFolder(tmp_path / "run")
    assert not folder.exists() and folder.records() == [] and not folder.is_running()
    assert folder.model_steps() == set()
    with pytest.raises(ValueError, match="--run must be a run folder, made by train, got .*run"):
        _ = folder.config
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("reward", "uses_discriminator"), [("discriminator", True), ("constant", False)])
def test_a_run_from_before_it_was_a_setting_says_by_its_reward_whether_it_has_a_discriminator(
    tmp_path, reward, uses_discriminator
):
    settings = dataclasses.asdict(CONFIG) | {"reward": reward}
    del settings["uses_discriminator"]
    (tmp_path / "config.json").write_text(json.dumps(settings))
    assert RunFolder(tmp_path).config.uses_discriminator is uses_discriminator


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK, errno.EINVAL, errno.EIO])
def test_without_locks_there_is_a_warning(tmp_path, monkeypatch, capsys, number):
    def flock(*_):
        raise OSError(number, "no locks")

    monkeypatch.setattr(fcntl, "flock", flock)
    folder = taken(tmp_path / "run")
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"Files in {folder} cannot be locked (no locks); make sure that only one process trains this run."
    assert folder.config == CONFIG and not folder.is_running()


def test_a_near_miss_of_a_run_is_named(tmp_path):
    write_run(tmp_path / "quick", SMOKE, MLE)
    with pytest.raises(ValueError, match=r"must be a run folder, made by train, got .*qick; did you mean 'quick'\?"):
        _ = RunFolder(tmp_path / "qick").config
    with pytest.raises(ValueError, match=rf"got {tmp_path}; the runs in it are {tmp_path}/quick\.$"):
        _ = RunFolder(tmp_path).config
    with pytest.raises(ValueError, match=r"got .*/zzz; the runs beside it are quick\.$"):
        _ = RunFolder(tmp_path / "zzz").config


def test_another_spelling_of_a_text_file_is_the_same_run(tmp_path):
    text = dataclasses.replace(CONFIG, train_file="a.txt")
    taken(tmp_path / "run", text).release()
    taken(tmp_path / "run", dataclasses.replace(text, train_file="./a.txt")).release()
    with pytest.raises(ValueError, match="which differs in valid_file"):
        taken(tmp_path / "run", dataclasses.replace(text, valid_file="b.txt"))
