"""What TensorBoard shows of a run, by its HTTP API."""

import json
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import numpy as np
import pytest
import tensorflow as tf
from command import environment, records, train_here

pytestmark = pytest.mark.slow


def is_read(ask, runs, name):
    """Whether TensorBoard, which answers before it has read the runs, knows of the last thing that a run wrote."""
    query = {"run": f"{name}/tensorboard", "tag": "reward_by_position/06"}
    known = query["tag"] in ask("histograms/tags").get(query["run"], {})
    return known and ask("histograms/histograms", **query)[-1][1] == records(runs / name)[-1]["step"]


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The folder `runs` with an oracle run and a text run, and a function that asks TensorBoard about it."""
    folder = tmp_path_factory.mktemp("shown")
    lines = "".join(f"a {word} <b> *c* {word}\n" for word in "defghijklmnopqrstuvwxyz" * 4)
    (folder / "lines.txt").write_text(lines)
    oracle = ("--preset=smoke", "--train_size=24", "--eval_samples=16", "--seed=3")
    text = (*oracle, "--train_file=lines.txt", "--tokens=spaces", "--iterations=1")
    for name, flags in (("oracle", oracle), ("text", text)):
        train_here(folder, *flags, f"--run=runs/{name}")
    command = [sys.executable, "-m", "tensorboard.main", "--logdir=runs", "--port=0", "--load_fast=false"]
    server = subprocess.Popen(command, cwd=folder, env=environment(), stderr=subprocess.PIPE, text=True)
    try:
        address = next(found[0] for line in server.stderr if (found := re.search(r"http://\S+/", line)))

        def ask(path, body=None, **query):
            url = f"{address}data/plugin/{path}?{urllib.parse.urlencode(query)}"
            data = None if body is None else json.dumps(body).encode()
            request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=60) as answer:
                content = answer.read()
            return json.loads(content) if answer.headers.get_content_type() == "application/json" else content

        deadline = time.monotonic() + 120
        while not all(is_read(ask, folder / "runs", name) for name in ("oracle", "text")):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        yield folder / "runs", ask
    finally:
        server.kill()
        server.wait()


ORACLE, TEXT = "oracle/tensorboard", "text/tensorboard"


def test_scalars_have_names_in_groups_and_descriptions(shown):
    tags = shown[1]("scalars/tags")
    assert set(tags[ORACLE]) == {
        *("nll/nll_oracle", "nll/nll_test", "nll/nll_valid", "nll/entropy"),
        *("real data/nll_oracle", "random tokens/nll_oracle"),
        *("training/nll_train", "training/pg_loss", "training/mean_reward"),
        *("training/d_loss", "training/d_accuracy", "discriminator/auc_train", "discriminator/auc_heldout"),
        *("discriminator/accuracy_train", "discriminator/accuracy_heldout", "time/wall_seconds"),
    }
    assert {"nll/nll_test", "bleu/bleu_2", "self_bleu/self_bleu_2", "diversity/memorised", "real data/bleu_5"} <= set(
        tags[TEXT]
    )
    assert all(len(tag["description"]) > 20 for run in tags.values() for tag in run.values())


def test_nll_of_all_phases_is_one_curve(shown):
    runs, ask = shown
    for name in ("nll_oracle", "nll_test", "entropy"):
        points = ask("scalars/scalars", run=ORACLE, tag=f"nll/{name}")
        lines = [line for line in records(runs / "oracle") if name in line]
        assert {line["phase"] for line in lines} == {"mle", "adversarial"}
        steps = [step for _, step, _ in points]
        assert steps == [line["step"] for line in lines] and steps == sorted(set(steps))
        np.testing.assert_allclose([value for *_, value in points], [line[name] for line in lines], rtol=1e-6)


def test_rewards_by_position_are_histograms(shown):
    runs, ask = shown
    assert set(ask("histograms/tags")[ORACLE]) == {f"reward_by_position/{position:02}" for position in range(1, 7)}
    points = ask("histograms/histograms", run=ORACLE, tag="reward_by_position/02")
    lines = [line for line in records(runs / "oracle") if line["phase"] == "adversarial"]
    assert [step for _, step, _ in points] == [line["step"] for line in lines]
    for (*_, buckets), line in zip(points, lines, strict=True):
        assert sum(count for *_, count in buckets) == 8  # a batch
        assert buckets[0][0] <= line["reward_by_position"][1] <= buckets[-1][1]


def test_samples_are_shown_as_they_are(shown):
    runs, ask = shown
    assert ask("text/tags")[TEXT] == ["samples"]
    last = ask("text/text", run=TEXT, tag="samples")[-1]
    for line in (runs / "text/samples/adversarial-00001.txt").read_text().splitlines():
        assert line.replace("<", "&lt;").replace(">", "&gt;") in last["text"]  # HTML that shows the very line


def test_the_roc_is_an_image_wherever_d_is_scored(shown):
    runs, ask = shown
    for run, folder in ((ORACLE, "oracle"), (TEXT, "text")):
        assert set(ask("images/tags")[run]) == {"discriminator/roc"}
        images = ask("images/images", run=run, tag="discriminator/roc", sample=0)
        scored = [line["step"] for line in records(runs / folder) if "d_auc_heldout" in line]
        assert [image["step"] for image in images] == scored
        query = dict(urllib.parse.parse_qsl(images[-1]["query"]))
        assert tf.io.decode_png(ask("images/individualImage", **query)).shape == (460, 400, 3)


def test_hyperparameters_stand_beside_the_final_figures(shown):
    runs, ask = shown
    experiment = ask("hparams/experiment", {"experimentName": "", "includeMetrics": True})
    assert [info["displayName"] for info in experiment["metricInfos"]] == [
        "nll_oracle",
        "nll_test",
        "entropy",
        "bleu_2",
        "bleu_4",
        "self_bleu_2",
        "self_bleu_4",
        "d_auc_heldout",
    ]
    names = [info["name"] for info in experiment["hparamInfos"]]
    assert set(names[:5]) == {"corpus", "num_rollouts", "reward", "seed", "temperature"}
    assert "batch_size" in names and "checkpoint_seconds" not in names
    statuses = ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"]
    request = {"allowedStatuses": statuses, "startIndex": 0, "sliceSize": 9, "includeMetrics": True, "colParams": []}
    groups = ask("hparams/session_groups", request)["sessionGroups"]
    assert [group["name"] for group in groups] == ["runs/oracle", "runs/text"]
    tags = {
        "oracle": {"nll_oracle": "nll/nll_oracle", "nll_test": "nll/nll_test", "entropy": "nll/entropy"},
        "text": {"nll_test": "nll/nll_test", "bleu_2": "bleu/bleu_2", "self_bleu_2": "self_bleu/self_bleu_2"},
    }
    for group, (name, figures) in zip(groups, tags.items(), strict=True):
        assert group["hparams"]["seed"] == 3 and group["hparams"]["reward"] == "discriminator"
        values = {value["name"]["tag"]: value["value"] for value in group["metricValues"]}
        last = records(runs / name)[-1]
        for figure, tag in figures.items():
            assert values[tag] == pytest.approx(last[figure], rel=1e-6)
