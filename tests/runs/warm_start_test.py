import dataclasses
import json
import shutil

import pytest
from trainer_test import TINY, records, stop_after

from seqgan_tf.runs.checkpoints import Stopped
from seqgan_tf.runs.loaded import LoadedRun
from seqgan_tf.trainer import Trainer

pytestmark = pytest.mark.slow
CONFIG = dataclasses.replace(TINY, mle_eval_every=1)
ALONE = dataclasses.replace(CONFIG, iterations=0, reward="constant", mle_epochs=3)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A folder with long, which is maximum likelihood alone, and own, which does everything itself."""
    folder = tmp_path_factory.mktemp("pretrained")
    Trainer(ALONE, folder / "long").train()
    Trainer(CONFIG, folder / "own").train()
    return folder


def test_what_is_taken_over_gives_the_numbers_of_a_run_that_does_it_all_also_after_a_stop(runs, tmp_path):
    stopped = Trainer(dataclasses.replace(CONFIG, pretrained=str(runs / "long")), tmp_path / "run")
    stop_after(stopped, 9)
    with pytest.raises(Stopped):
        stopped.train()
    Trainer(dataclasses.replace(CONFIG, pretrained="gone"), tmp_path / "run").train()  # no longer needed
    assert_like_own(tmp_path / "run", runs / "own")


def test_a_kill_before_the_first_checkpoint_begins_anew(runs, tmp_path):
    config = dataclasses.replace(CONFIG, pretrained=str(runs / "long"))
    killed = Trainer(config, tmp_path / "run")
    killed.session.checkpoints.save = lambda: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        killed.train()
    assert len(records(tmp_path / "run")) == 3
    Trainer(config, tmp_path / "run").train()
    assert_like_own(tmp_path / "run", runs / "own")


def assert_like_own(run, own):
    """Whether a run that took over has the numbers and files of one that did everything itself."""
    assert records(run) == records(own)
    assert len(records(run)) == 6
    for folder in ("samples", "models"):
        names = [{path.relative_to(place) for path in (place / folder).rglob("*")} for place in (run, own)]
        assert names[0] == names[1]
    assert LoadedRun(run, "0").discriminator is not None
    seconds = [json.loads(line)["wall_seconds"] for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert seconds == sorted(seconds) and seconds[2] > 0  # those of the other run count


def test_of_early_stopping_the_chosen_generator_is_taken(tmp_path):
    early = dataclasses.replace(
        CONFIG, mle_epochs=12, mle_patience=2, mle_learning_rate=0.5, d_rounds=0, reward="bleu"
    )
    Trainer(dataclasses.replace(early, iterations=0), tmp_path / "alone").train()
    assert records(tmp_path / "alone")[-1]["iteration"] < 12
    Trainer(early, tmp_path / "own").train()
    Trainer(dataclasses.replace(early, pretrained=str(tmp_path / "alone")), tmp_path / "taken").train()
    assert records(tmp_path / "taken") == records(tmp_path / "own")
    chosen = min(records(tmp_path / "alone"), key=lambda record: record["nll_valid"])
    assert LoadedRun(tmp_path / "alone").record["step"] == chosen["step"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"seed": 1}, "a run with the same MLE settings, got .*long, which differs in seed."),
        ({"g_hidden_dim": 9, "mle_eval_every": 2}, "got .*long, which differs in g_hidden_dim, mle_eval_every."),
        ({"mle_epochs": 4}, "a run with an evaluation after 4 epochs of pre-training, got .*long, which has none"),
    ],
)
def test_other_pre_training_is_refused_and_no_folder_is_left(runs, tmp_path, settings, words):
    config = dataclasses.replace(CONFIG, pretrained=str(runs / "long"), **settings)
    with pytest.raises(ValueError, match=f"--pretrained must be .*{words}"):
        Trainer(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("missing", ["models/00002", "samples/mle-00001.txt"])
def test_what_is_incomplete_is_refused_and_no_folder_is_left(runs, tmp_path, missing):
    shutil.copytree(runs / "long", tmp_path / "long")
    path = tmp_path / "long" / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    config = dataclasses.replace(CONFIG, pretrained=str(tmp_path / "long"))
    with pytest.raises(ValueError, match=f"a complete run folder, got .*missing or corrupt file .*{path.name}"):
        Trainer(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_run_cannot_begin_with_itself(runs, tmp_path):
    shutil.copytree(runs / "long", tmp_path / "run")
    shutil.rmtree(tmp_path / "run/checkpoints")
    before = records(tmp_path / "run")
    with pytest.raises(ValueError, match="which is --run itself"):
        Trainer(dataclasses.replace(ALONE, pretrained=f"{tmp_path}/run/"), tmp_path / "run")
    assert records(tmp_path / "run") == before and len(list((tmp_path / "run/models").iterdir())) == 4


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(ValueError, match="--pretrained must be a run folder, got nowhere, which cannot be read"):
        Trainer(dataclasses.replace(CONFIG, pretrained="nowhere"), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_another_text_is_refused(tmp_path):
    text = tmp_path / "text.txt"
    settings = {"train_file": str(text), "max_length": 4, "d_filter_widths": (1, 2, 3)}
    config = dataclasses.replace(CONFIG, **settings)
    text.write_text("\n".join(f"w{i % 7} w{i % 5} w{i}" for i in range(40)))
    Trainer(dataclasses.replace(ALONE, **settings), tmp_path / "long").train()
    taken = dataclasses.replace(config, pretrained=str(tmp_path / "long"))
    Trainer(taken, tmp_path / "same").train()
    assert len(records(tmp_path / "same")) == 6
    text.write_text("\n".join(f"w{i % 7} w{i % 4} w{i}" for i in range(40)))
    with pytest.raises(ValueError, match="must be a run on the same text, got .*, whose text differs"):
        Trainer(taken, tmp_path / "other")
    assert not (tmp_path / "other").exists()
