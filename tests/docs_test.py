"""docs/results: what is committed of the measurements holds together."""

import csv
import re

import pytest
from command import ROOT

RESULTS = ROOT / "docs" / "results"
REPORTS = sorted(RESULTS.glob("*/report.md"))
FIGURE = re.compile(r"-?\d+\.\d+ ± \d+\.\d+")


@pytest.mark.parametrize("path", [*REPORTS, RESULTS / "README.md", ROOT / "README.md"], ids=lambda p: p.parent.name)
def test_what_is_linked_is_there(path):
    links = [link for link in re.findall(r"\]\(([^)#]+)", path.read_text()) if not link.startswith("http")]
    assert links and all((path.parent / link).exists() for link in links)


def test_the_reports_are_of_finished_runs_and_name_no_folder_of_a_machine():
    assert REPORTS
    for path in REPORTS:
        text = path.read_text()
        finished, of = re.search(r"(\d+) of (\d+) runs are finished", text).groups()
        assert finished == of and "## Versions, machines, time" in text
        assert not re.search(r"/(home|root|tmp|work|Users)/", text)


def test_means_in_the_tables_are_those_of_the_runs():
    (path,) = RESULTS.glob("oracle/runs.csv")
    with open(path) as file:
        lines = [line for line in csv.DictReader(file) if line["which"] == "last"]
    text = (path.parent / "report.md").read_text()
    methods = dict.fromkeys(line["method"] for line in lines)
    assert len(methods) == 8
    for method in methods:
        values = [float(line["nll_oracle"]) for line in lines if line["method"] == method]
        mean = sum(values) / len(values)
        deviation = (sum((value - mean) ** 2 for value in values) / (len(values) - 1)) ** 0.5
        assert len(values) >= 3 and re.search(rf"\| {re.escape(method)} +\| 3 +\| {mean:.3f} ± {deviation:.3f}", text)


def test_what_is_told_of_the_results_stands_in_the_reports():
    text = (RESULTS / "README.md").read_text()
    reports = "".join(path.read_text() for path in REPORTS)
    figures = FIGURE.findall(text)
    assert len(figures) > 20
    assert [figure for figure in figures if figure not in reports] == []
