import json
import math

import matplotlib.image
import pytest

from seqgan_tf.studies import summary

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
    (tmp_path / "config.json").write_text(
        '{"vocab_size": 5000, "reward": "discriminator", "seed": 3, "temperature": 1.0}'
    )
    return tmp_path


def rows(text):
    """Table rows: title -> its three numbers."""
    cells = [line.rsplit(None, 3) for line in text.splitlines()[1:7]]
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
    assert "moved nll_oracle by -0.500" in text
    assert "0.900 on training data, 0.550 on held-out" in text


def test_table_of_a_run_without_adversarial_training(run):
    (run / "metrics.jsonl").write_text(json.dumps(RECORDS[0]) + "\n")
    assert list(rows(summary.table(run))) == ["Random (uniform tokens)", "MLE (epoch 0)", "Real data"]


def test_table_names_another_reward(run):
    (run / "config.json").write_text('{"vocab_size": 5000, "reward": "constant", "seed": 3, "temperature": 1.0}')
    assert "Reward: constant, last" in summary.table(run) and "SeqGAN" not in summary.table(run)


def test_table_names_another_temperature(run):
    assert "temperature" not in summary.table(run)
    (run / "config.json").write_text('{"vocab_size": 5000, "reward": "discriminator", "seed": 3, "temperature": 0.8}')
    assert "All three are of G at temperature 0.8." in summary.table(run)


def test_plot_is_a_picture_with_the_curves(run):
    picture = matplotlib.image.imread(summary.plot(run))
    assert picture.shape[0] > 600 and picture.shape[1] > 800
    colours = {tuple(round(x * 255) for x in pixel[:3]) for row in picture[::2] for pixel in row}
    assert {(0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167)} <= colours


def test_a_run_without_an_evaluation_is_refused(run):
    (run / "metrics.jsonl").write_text("")
    with pytest.raises(ValueError, match="has no evaluation yet"):
        summary.table(run)
