import csv
import dataclasses
import html.parser
import io
import re

import matplotlib.figure
import matplotlib.image
import pytest
from folders import SMOKE, adversarial_records, markdown_tables, mle_records, point, write_run

from seqgan_tf.metrics import catalogue
from seqgan_tf.runs.folder import RunFolder, find
from seqgan_tf.studies import plots, report, results, tables

ALONE = dataclasses.replace(SMOKE, iterations=0, reward="constant", uses_discriminator=False)


def points(shift):
    found = [point(1.0, 7.5 + shift, 9.5), point(1.5, 8.0 + shift, 8.0), point(2.0, 9.0 + shift, 7.0)]
    return [values | {"entropy": entropy} for values, entropy in zip(found, (4.0, 3.0, 2.0), strict=True)]


@pytest.fixture
def folder(tmp_path):
    """Two methods with two seeds, an unfinished run and a corrupt one."""
    for seed, (oracle, test) in enumerate([(3.5, 3.8), (3.7, 3.9)]):
        before = mle_records(4, 4.0 + seed / 10, 3.7)
        write_run(tmp_path / f"runs/mle-{seed}", dataclasses.replace(ALONE, seed=seed), before, points(0.0))
        config = dataclasses.replace(SMOKE, seed=seed, oracle_file="", pretrained="/some/where")
        records = adversarial_records(before, [oracle - 0.1, oracle], [test - 0.1, test])
        write_run(tmp_path / f"runs/seqgan-{seed}", config, records, points(0.2))
    write_run(tmp_path / "runs/half", SMOKE, mle_records(2, 4.0, 3.7))
    corrupt = write_run(tmp_path / "runs/bro|ken", SMOKE, [])
    (corrupt / "metrics.jsonl").write_text("<b>\n")
    return tmp_path


def test_the_report_says_what_the_runs_say(folder, monkeypatch):
    monkeypatch.chdir(folder)
    said = report.report(find("runs"), "new/report", "A title")
    assert said.endswith("4 of 6 runs are finished. Report: new/report/index.html")
    text = (folder / "new/report/report.md").read_text()
    assert text.startswith("# A title\n\n4 of 6 runs are finished")
    odd, main, tests, frontier, judged, samples, pairs, _ = markdown_tables(text)
    assert odd[1][0] == "bro&#124;ken" and odd[1][1].startswith("unusable: ") and "&lt;" not in odd[1][0]
    assert odd[2] == ["half", "unfinished: mle 2/4"]
    by_method = {row[0]: dict(zip(main[0], row, strict=True)) for row in main[1:]}
    assert list(by_method) == [
        *("Random: uniform tokens", "Random: untrained generator", "MLE", "SeqGAN", "Real data")
    ]
    # 3.5 and 3.7: mean 3.6, deviation sqrt(2 * 0.1^2).
    assert by_method["SeqGAN"]["nll_oracle"] == "3.600 ± 0.141" and by_method["SeqGAN"]["nll_test"] == "3.850 ± 0.071"
    assert by_method["SeqGAN"]["best nll_oracle"] == "3.500 ± 0.141"
    assert by_method["SeqGAN"]["nll_test there"] == "3.750 ± 0.071"
    assert by_method["MLE"]["nll_oracle"] == "4.050 ± 0.071" and by_method["MLE"]["seeds"] == "2"
    assert by_method["Random: untrained generator"]["nll_test"] == "3.900 ± 0.000"
    assert by_method["Random: uniform tokens"]["entropy"] == "3.912 ± 0.000"  # log 50
    # SeqGAN - MLE: -0.5 and -0.4, so t = -0.45 / 0.05 = -9 with one degree of freedom: p = 1 - 2/pi arctan 9.
    assert tests[1] == ["SeqGAN − MLE", "2", "-0.450", "0.070", "+0.150", "0.205"]
    by_method = {row[0]: dict(zip(frontier[0], row, strict=True)) for row in frontier[1:]}
    assert by_method["MLE"]["nll_oracle at nll_test 7.6"] == "9.200 ± 0.000"
    assert by_method["SeqGAN"]["nll_oracle at nll_test 7.6"] == "–"
    assert by_method["SeqGAN"]["nll_oracle at nll_test 8.5"] == "7.700 ± 0.000"
    assert "area, 7.700 to 9.000" in by_method["MLE"]
    by_method = {row[0]: dict(zip(judged[0], row, strict=True)) for row in judged[1:]}
    assert by_method["SeqGAN"]["lowest nll_test"] == "7.700 ± 0.000"
    # Real data have the entropy 3.4: six tenths of the way from the first point (4.0) to the second (3.0).
    assert by_method["MLE"]["nll_oracle at H"] == "8.600 ± 0.000"
    assert by_method["SeqGAN"]["nll_test at H"] == "8.000 ± 0.000" and by_method["SeqGAN"]["frechet at H"] == "–"
    assert by_method["MLE"]["nll_oracle at nll_test 7.65"] == "9.050 ± 0.000"
    # Both seeds have the same frontiers, so there is no p. No level of 7.65 and no collapse.
    assert pairs[1:] == [["SeqGAN − MLE", "2", "+0.200", "+0.000", "+0.200", "–", "–", "–"]]
    assert [row[0] for row in samples[1:]] == ["MLE", "SeqGAN"] and samples[1][1] == "1 2 3<br>4 5 6<br>7 8 9"
    assert "python -m seqgan_tf.main train --preset=smoke --d_rounds=1 --iterations=2\n" in text
    assert "/some/where" not in text and str(folder) not in text and "2026-11-25" in text


def test_the_page_needs_nothing_but_itself(folder):
    report.report(find(str(folder / "runs")), str(folder / "out"))
    tags = []
    parser = html.parser.HTMLParser()
    parser.handle_starttag = lambda tag, attributes: tags.append((tag, dict(attributes)))
    text = (folder / "out/index.html").read_text()
    parser.feed(text)
    images = [attributes["src"] for tag, attributes in tags if tag == "img"]
    assert len(images) == 3 and all(image.startswith("data:image/png;base64,iVBOR") for image in images)
    assert sum(tag == "table" for tag, _ in tags) == 8 and "<td>3.600 ± 0.141</td>" in text
    assert not re.search(r"https?://|<script|<b>", text)
    for name in ("learning_curves", "frontier", "reward_by_position"):
        picture = matplotlib.image.imread(folder / f"out/{name}.png")
        assert picture.shape[0] > 300 and picture.shape[1] > 800 and picture.std() > 0.05


def test_the_numbers_as_csv(folder):
    report.report(find(str(folder / "runs")), str(folder / "out"))
    with open(folder / "out/runs.csv") as file:
        lines = list(csv.DictReader(file))
    found = {(line["run"], line["which"]): float(line["nll_oracle"]) for line in lines}
    assert len(found) == 8 and found["seqgan-1", "last"] == 3.7 and found["seqgan-1", "best"] == pytest.approx(3.6)
    with open(folder / "out/frontier.csv") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 12 and {line["method"] for line in lines} == {"MLE", "SeqGAN"}
    assert float(lines[-1]["nll_test"]) == 9.2


def test_a_report_is_never_written_over_another(folder):
    with pytest.raises(ValueError, match="--output must be a new file or folder, got .*runs, which already exists"):
        report.report(find(str(folder / "runs")), str(folder / "runs"))
    for name in ("report", "report-2"):
        report.report(find(str(folder / "runs")), "")
        assert (folder / "runs" / name / "index.html").exists()


def test_without_a_finished_run_it_says_so(folder):
    said = report.report([RunFolder(folder / "runs/half")], str(folder / "out"))
    assert said.startswith("0 of 1 runs are finished")
    assert "unfinished: mle 2/4" in (folder / "out/report.md").read_text()


def test_text_is_reported_by_bleu(tmp_path):
    figures = {"nll_test": 4.0, "nll_valid": 4.1, "entropy": 3.0, "bleu_2": 0.7, "bleu_4": 0.4, "self_bleu_4": 0.3}
    figures |= {"bleu_4_real": 0.5, "memorised": 0.1}
    records = [
        {"phase": "mle", "iteration": epoch, "step": epoch, "wall_seconds": 1.0} | figures | {"bleu_4": 0.1 * epoch}
        for epoch in range(5)
    ]
    config = dataclasses.replace(ALONE, corpus="image_coco", temperature=0.9)
    run = write_run(tmp_path / "run", config, records)
    (run / "samples/mle-00004.txt").write_text("a <unk> man_s *dog*\n")
    report.report([RunFolder(run)], str(tmp_path / "out"))
    text = (tmp_path / "out/report.md").read_text()
    main, more, samples, _ = markdown_tables(text)
    assert "## Data: text image&#95;coco" in text and "at temperature 0.9" in text
    assert main[1] == ["MLE", "1", "last", "0.700", "0.400", "0.300"] and main[-1][4] == "0.500"
    assert more[0][3:] == ["nll_test", "entropy", "memorised"]
    assert "Not testable: no two methods have two seeds in common." in text
    assert samples[1][1] == "a &lt;unk&gt; man&#95;s &#42;dog&#42;"


@pytest.mark.parametrize("corpus", ["", "image_coco"])
def test_a_metric_of_the_catalogue_appears_by_itself(tmp_path, monkeypatch, corpus):
    entry = catalogue.Metric(
        name="length",
        text="mean length of samples",
        group="diversity",
        unit="tokens",
        compute=lambda samples: 0.0,
        headline=("length",),
    )
    monkeypatch.setitem(catalogue.METRICS, "length", entry)
    records = [record | {"length": 5.5, "bleu_4": 0.5} for record in mle_records(4, 4.0, 3.7)]
    if corpus:
        records = [{name: record[name] for name in record if "oracle" not in name} for record in records]
    run = RunFolder(write_run(tmp_path / "run", dataclasses.replace(ALONE, corpus=corpus), records))
    report.report([run], str(tmp_path / "out"))
    text = (tmp_path / "out/report.md").read_text()
    (more,) = (table for table in markdown_tables(text) if "length" in table[0])
    assert dict(zip(*more[:2], strict=True))["length"] == "5.500"
    assert "- length: mean length of samples (tokens)\n" in text
    (rows,) = results.by_data([results.load(run)]).values()
    assert "length\n(tokens)" in [ax.get_ylabel() for ax in plots.learning_curves(rows).axes]


def test_a_reward_of_the_users_is_compared_with_the_others(tmp_path):
    before = mle_records(4, 4.0, 3.7)
    own = {"reward": "my_rewards:__low__", "uses_discriminator": False}
    for name, settings in {"own": own, "seqgan": {}}.items():
        for seed in range(2):
            config = dataclasses.replace(SMOKE, seed=seed, **settings)
            records = adversarial_records(before, [3.5, 3.6 + seed / 10], [3.8, 3.9])
            write_run(tmp_path / f"{name}-{seed}", config, records)
    said = report.report(find(str(tmp_path)), str(tmp_path / "out"))
    assert "Reward my_rewards:__low__ " in said
    main, tests, *_ = markdown_tables((tmp_path / "out/report.md").read_text())
    title = "Reward my&#95;rewards:&#95;&#95;low&#95;&#95;"
    assert [row[0] for row in main[3:-1]] == ["SeqGAN", title] and [row[0] for row in tests[1:]] == [
        f"SeqGAN − {title}"
    ]
    assert "--reward=my_rewards:__low__" in (tmp_path / "out/report.md").read_text()


def test_thirty_runs_are_told_apart(tmp_path):
    for number in range(30):
        before = mle_records(60, 4.0 + number / 100, 3.7)
        config = dataclasses.replace(SMOKE, seed=number % 3, g_steps=1 + number // 3, mle_epochs=60)
        write_run(tmp_path / f"{number}", config, adversarial_records(before, [3.5, 3.6], [3.8, 3.9]), points(0.1))
    report.report(find(str(tmp_path)), str(tmp_path / "out"))
    assert len(markdown_tables((tmp_path / "out/report.md").read_text())[0]) == 1 + 2 + 10 + 1


def test_styles_of_sixteen_methods_differ_and_of_eight_in_colour_and_marker():
    assert len({tuple(plots._style(index).values()) for index in range(16)}) == 16
    styles = [plots._style(index) for index in range(8)]
    assert len({style["color"] for style in styles}) == len({style["marker"] for style in styles}) == 8


def test_first_epochs_do_not_squeeze_the_learning_curves(folder):
    (rows,) = results.by_data([results.load(path) for path in find(str(folder / "runs"))]).values()
    figure = plots.learning_curves(rows)
    low, high = figure.axes[0].get_ylim()
    assert 3.9 < low < 4.0 and 4.3 < high < 4.5  # 4.5 is the untrained generator's
    assert [ax.get_xlabel() for ax in figure.axes if ax.get_xlabel()] == [
        *("epochs of pre-training", "generator steps of adversarial training")
    ]
    lines = [line for line in figure.axes[1].get_lines() if len(line.get_xdata())]
    assert [list(line.get_xdata()) for line in lines] == [[0, 1, 2]]
    assert lines[0].get_ydata() == pytest.approx([4.05, 3.5, 3.6])


def test_all_epochs_of_a_pre_training_that_stopped_early_are_in_the_plot(tmp_path):
    config = dataclasses.replace(ALONE, mle_epochs=400, mle_patience=3)
    write_run(tmp_path / "early", config, mle_records(10, 4.0, 3.7))  # nll_oracle 4.9 to 4.0
    (rows,) = results.by_data([results.load(RunFolder(tmp_path / "early"))]).values()
    low, high = plots.learning_curves(rows).axes[0].get_ylim()
    assert low < 4.0 and high > 4.8  # from the second epoch on


def test_a_collapsed_method_does_not_squeeze_the_learning_curves(tmp_path):
    before = mle_records(4, 4.0, 3.7)
    write_run(tmp_path / "seqgan", SMOKE, adversarial_records(before, [3.5, 3.6], [3.8, 3.9]))
    bleu = dataclasses.replace(SMOKE, reward="bleu")
    write_run(tmp_path / "bleu", bleu, adversarial_records(before, [2.0, 0.4], [3.8, 9.0]))  # real data: 3.4
    (rows,) = results.by_data([results.load(path) for path in find(str(tmp_path))]).values()
    assert [row.title for row in rows] == ["PG-BLEU", "SeqGAN"]
    axes = plots.learning_curves(rows).axes
    low, high = axes[1].get_ylim()
    assert 3.4 < low < 3.5 and 4.0 < high < 4.1
    assert 3.8 < axes[3].get_ylim()[1] < 4.0


@pytest.mark.parametrize(
    "title", ["SeqGAN", "SeqGAN (g_steps 30, iterations 2)", "SeqGAN (" + "d_steps 5, " * 6 + ")"]
)
def test_long_names_stay_inside_of_the_picture(title):
    figure = matplotlib.figure.Figure(figsize=(8, 7.5), layout="constrained")
    plots._legend(figure, figure.subplots(), {index: results.Row(title, []) for index in range(3)})
    figure.savefig(io.BytesIO())
    box = figure.legends[0].get_window_extent()
    assert 0 <= box.x0 < box.x1 <= figure.bbox.width


def test_small_p_are_not_zero(tmp_path):
    for seed in range(3):
        write_run(tmp_path / f"m{seed}", dataclasses.replace(ALONE, seed=seed), mle_records(4, 4.0, 3.7))
        records = adversarial_records(mle_records(4, 4.0, 3.7), [3.0, 3.0 + seed / 1e4], [3.8, 3.9])
        write_run(tmp_path / f"s{seed}", dataclasses.replace(SMOKE, seed=seed), records)
    (rows,) = results.by_data([results.load(path) for path in find(str(tmp_path))]).values()
    assert tables.tests(rows, "nll_oracle").splitlines()[2].split("|")[4].strip() == "&lt; 0.001"
