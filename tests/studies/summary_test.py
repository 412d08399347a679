import json
import math

import matplotlib.image
import pytest

from seqgan_tf.studies import plots, summary

MLE = {"phase": "mle", "nll_oracle_real": 5.75, "nll_oracle_random": 11.44}
ADVERSARIAL = {"phase": "adversarial", "d_auc_train": 0.9, "d_auc_heldout": 0.55}
RECORDS = [
    MLE | {"iteration": 0, "nll_oracle": 10.5, "nll_test": 8.5, "entropy": 8.51},
    MLE | {"iteration": 5, "nll_oracle": 9.0, "nll_test": 7.5, "entropy": 6.5},
    {"phase": "discriminator", "iteration": 1, "d_auc_train": 0.7, "d_auc_heldout": 0.5},
    ADVERSARIAL | {"iteration": 1, "nll_oracle": 8.25, "nll_test": 7.75, "entropy": 6.25},
    ADVERSARIAL | {"iteration": 2, "nll_oracle": 8.5, "nll_test": 7.8, "entropy": 6.0},
]


@pytest.fixture
def run(tmp_path):
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(record) + "\n" for record in RECORDS))
    (tmp_path / "config.json").write_text('{"seed": 3}')
    return tmp_path


def rows(text):
    """Table rows: title -> its three numbers."""
    cells = [line.rsplit(None, 3) for line in text.splitlines()[2:8]]
    return {row[0]: [float(cell) for cell in row[1:]] for row in cells if len(row) == 4 and row[1][0].isdigit()}


def test_table_has_the_five_rows(run):
    text = summary.table(run)
    uniform = round(math.log(5000), 3)
    assert rows(text) == {
        "Random (uniform tokens)": [11.44, uniform, uniform],
        "MLE (epoch 5)": [9.0, 7.5, 6.5],
        "SeqGAN, last (iteration 2)": [8.5, 7.8, 6.0],
        "SeqGAN, best (iteration 1)": [8.25, 7.75, 6.25],
        "Real data": [5.75, 5.75, 5.75],
    }
    assert "changed nll_oracle by -0.500 (last minus MLE)" in text
    assert "0.900 on training data, 0.550 on held-out data" in text


def test_table_of_a_run_without_adversarial_training(run):
    (run / "metrics.jsonl").write_text(json.dumps(RECORDS[0]) + "\n")
    assert list(rows(summary.table(run))) == ["Random (uniform tokens)", "MLE (epoch 0)", "Real data"]


def test_table_names_another_reward(run):
    (run / "config.json").write_text('{"reward": "constant", "uses_discriminator": false}')
    assert "Constant reward, last" in summary.table(run) and "SeqGAN" not in summary.table(run)


def test_table_names_another_temperature(run):
    assert "temperature" not in summary.table(run)
    (run / "config.json").write_text('{"temperature": 0.8}')
    assert "All three are at temperature 0.8." in summary.table(run)


def test_plot_is_a_picture_with_the_curves(run):
    picture = matplotlib.image.imread(summary.plot(run))
    assert picture.shape[0] > 600 and picture.shape[1] > 800
    assert picture.shape[1] == 1200 and picture.std() > 0.05


def test_plot_shows_what_the_report_shows_of_one_run(run, monkeypatch):
    drawn, draw = [], plots.learning_curves
    monkeypatch.setattr(plots, "learning_curves", lambda rows: drawn.append(draw(rows)) or drawn[0])
    summary.plot(run)
    (figure,) = drawn
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["SeqGAN, seed 3"]
    curves = {ax.get_ylabel(): ax.lines[0].get_xydata().tolist() for ax in figure.axes if ax.get_ylabel()}
    assert curves == {
        "nll_oracle\n(nats per token)": [[5, 9.0]],  # the untrained generator is left out
        "nll_test\n(nats per token)": [[5, 7.5]],
        "entropy\n(nats per token)": [[5, 6.5]],
        "d_auc_heldout\n(0 to 1, 0.5 is chance)": [[0, 0.5], [1, 0.55], [2, 0.55]],
    }
    nll_oracle = figure.axes[1].lines[0].get_xydata().tolist()
    assert nll_oracle == [[0, 9.0], [1, 8.25], [2, 8.5]]


def test_a_run_without_an_evaluation_is_refused(run):
    (run / "metrics.jsonl").write_text("")
    with pytest.raises(
        ValueError, match="--run must be a run with an evaluation, got .*, which has no evaluation yet"
    ):
        summary.table(run)


TEXT = {"train_file": "lines.txt", "corpus": ""}


def _as_text(run, **metrics):
    record = {"phase": "mle", "iteration": 1, "nll_test": 3.0, "nll_valid": 3.0} | metrics
    (run / "config.json").write_text(json.dumps(TEXT))
    (run / "metrics.jsonl").write_text(json.dumps(record) + "\n")


def test_scores_of_the_first_samples_are_shown_only_if_they_differ_from_those_of_all(run):
    _as_text(run, bleu_2=0.5, bleu_2_real=0.7, bleu_first500_2=0.5, bleu_first500_2_real=0.7)
    assert "all samples" in summary.table(run) and "first 500" not in summary.table(run)
    _as_text(run, bleu_2=0.5, bleu_2_real=0.7, bleu_first500_2=0.5, bleu_first500_2_real=0.6)
    assert "first 500 samples" in summary.table(run)


def test_examples_are_the_first_samples_of_the_current_generator(run):
    assert summary.examples(run) == f"For any number of samples: python -m seqgan_tf.main sample --run={run}"
    _as_text(run)
    (run / "samples").mkdir()
    (run / "samples/mle-00001.txt").write_text("".join(f"line {number}\n" for number in range(7)) + "a\x1bb\n")
    assert summary.examples(run, most=2) == (
        f"Samples:\n  line 0\n  line 1\nFor more samples: python -m seqgan_tf.main sample --run={run}"
    )
    assert "\x1b" not in summary.examples(run, most=8)


def test_pre_training_on_ones_own_text_that_was_too_short_is_told(run):
    def said(config, *nll_valid):
        (run / "config.json").write_text(json.dumps(config))
        lines = [
            {"phase": "mle", "iteration": 5 * i, "nll_test": 3.0, "nll_valid": v} for i, v in enumerate(nll_valid)
        ]
        (run / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        return "still fell at the end of pre-training" in summary.table(run)

    mine = {"train_file": "lines.txt"}
    assert said(mine, 3.5, 3.0) and "(3.500, then 3.000)" in summary.table(run)
    assert "--mle_epochs=400 --mle_patience=3 and another --run" in summary.table(run)
    assert not said(mine, 3.5, 3.49) and not said(mine, 3.0, 3.5) and not said(mine, 3.5)
    assert not said({"corpus": "image_coco"}, 3.5, 3.0)
