"""Report of finished runs over their seeds: HTML, Markdown, pictures and CSV, made only from run folders."""

import base64
import csv
import dataclasses
import io
import itertools
import os
import pathlib
import shlex
import string
from functools import partial

import markdown

from seqgan_tf.config import Config
from seqgan_tf.config.invocation import flags
from seqgan_tf.files import check_new, whole
from seqgan_tf.metrics import catalogue
from seqgan_tf.runs.tables import escaped, table
from seqgan_tf.studies import judgement, plots, results, tables

PAGE = pathlib.Path(__file__).with_name("report.html")


def report(folders, to, title="Report", name="report"):
    """Writes a report of runs: index.html, report.md, pictures (PNG) and numbers (CSV).

    Args:
      folders: list of RunFolder.
      to: str, a new folder; "" for a new one called NAME or NAME-NUMBER beside the first run folder.
      title: str, heading of the report.
      name: str, NAME above.

    Returns:
      str, the tables of results and the path of the report.

    Raises:
      ValueError: naming --output, if the folder exists or cannot be written.
    """
    beside = folders[0].path.absolute().parent
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    to = to or str(next(beside / free for free in names if not (beside / free).exists()))
    check_new(to)
    found = results.without_copies([results.load(folder) for folder in folders])
    odd = [[result.folder.name, result.status] for result in found if result.status != "done"]
    finished = f"{len(found) - len(odd)} of {len(found)} runs are finished"
    parts = [f"# {title}", f"{finished}; tables and pictures show only these."]
    if odd:
        parts.append(table(["omitted run", "reason"], odd, markdown=True))
    files, said, by_data = {}, [], results.by_data(found)
    for number, (data, rows) in enumerate(by_data.items(), 1):
        shown, section, more = _section(rows, "" if number == 1 else f"{number}-")
        said += [data, shown]
        parts += [f"## Data: {escaped(data)}", *section]
        files |= more
    parts += _comparisons(by_data.values())
    text = "\n\n".join([*parts, *_settings(found), *_machines(found)]) + "\n"
    body = markdown.markdown(text, extensions=["tables", "fenced_code"])
    for name, content in files.items():
        body = body.replace(f'src="{name}"', f'src="data:image/png;base64,{base64.b64encode(content).decode()}"')
    page = string.Template(PAGE.read_text()).substitute(title=escaped(title), body=body)
    files |= {"report.md": text.encode(), "index.html": page.encode()}
    with whole(to) as path:
        path.mkdir()
        for name, content in files.items():
            (path / name).write_bytes(content)
    return "\n\n".join([*said, f"{finished}. Report: {os.path.relpath(to)}/index.html"])


def _section(rows, prefix):
    """Returns the section of one oracle or text: the main table for a terminal, Markdown parts, and files by name."""
    is_text = rows[0].config.is_text
    shown = dict.fromkeys(name for row in rows for run in row.runs for name in tables.shown(run.record("last")))
    main, main_table, note = list(tables.LIKELIHOODS), partial(tables.oracle_results, rows), tables.ORACLE_NOTE
    if is_text:
        main = [name for name in shown if catalogue.metric(name).name in ("bleu", "self_bleu")]
        main_table, note = partial(tables.scores, rows, main), tables.TEXT_NOTE
    others = [name for name in shown if name not in main]
    parts = ["### Results", main_table(markdown=True)]
    if others:
        parts.append(tables.scores(rows, others, markdown=True))
    meanings = catalogue.describe([*main, *others, *([] if is_text else ["d_auc_heldout"])])
    parts += [note, "\n".join(f"- {line}" for line in meanings)]
    temperatures = sorted({run.config.temperature for row in rows for run in row.runs})
    if temperatures != [1.0]:
        parts.append(f"Samples and likelihoods are at temperature {', '.join(map(str, temperatures))}.")
    tests = tables.tests(rows, "bleu_4" if is_text else "nll_oracle")
    note = tables.TESTS_NOTE if tests else "Not testable: no two methods have two seeds in common."
    parts += ["### Paired t-tests over seeds", tests, note]
    evaluations, points = tables.numbers(rows)
    files = {f"{prefix}runs.csv": _csv(evaluations)}
    pictures = {
        "learning_curves": ("Learning curves", plots.learning_curves, plots.CURVES_NOTE),
        "frontier": ("Frontier over temperatures", plots.frontiers, ""),
        "reward_by_position": ("Action value by position", plots.rewards_by_position, plots.REWARDS_NOTE),
    }
    for name, (heading, draw, note) in pictures.items():
        if not (figure := draw(rows)):
            continue
        parts += [f"### {heading}", f"![{heading}]({prefix}{name}.png)", note]
        buffer = io.BytesIO()
        figure.savefig(buffer, dpi=110, format="png")
        files[f"{prefix}{name}.png"] = buffer.getvalue()
        if name == "frontier":
            parts += [tables.frontiers(rows, markdown=True), "### How the methods are judged"]
            parts.append(judgement.judged(rows, markdown=True))
            files[f"{prefix}frontier.csv"] = _csv(points)
    return main_table(), [*filter(None, parts), "### Samples", tables.samples(rows)], files


def _comparisons(groups):
    """Yields the comparisons of methods over all oracles, and over all texts, if frontiers have been measured."""
    for kind, is_text in (("oracles", False), ("texts", True)):
        rows = [group for group in groups if group[0].config.is_text == is_text]
        if rows and (shown := judgement.comparisons(rows)):
            yield from (f"## Comparisons over all {kind}", shown, judgement.COMPARISONS_NOTE)


def _csv(lines):
    names = dict.fromkeys(name for line in lines for name in line)
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return buffer.getvalue().encode()


def _settings(found):
    """Yields the command of each method, with all settings except the seed and the folders of this machine."""

    def command(run):
        changes = {name: getattr(Config, name) for name in ("seed", *Config.names("bookkeeping"))}
        files = [name for name in Config.names("data") if name.endswith("_file")]
        changes |= {name: os.path.basename(getattr(run.config, name)) for name in files}
        return shlex.join(flags(dataclasses.replace(run.config, **changes)))

    lines = []
    for words, group in results.grouped([result for result in found if result.config], command).items():
        lines += [f"# {', '.join(run.folder.name for run in group)}", f"python -m seqgan_tf.main train {words}"]
    yield "## Settings"
    yield "\n".join(["```", *lines, "```"])
    yield "Add `--seed` and `--threads=1`. The preset sets all other settings; config.json of a run lists all."


def _machines(found):
    lines = []
    machines = results.grouped(
        found, lambda run: ", ".join(f"{name} {value}" for name, value in run.environment.items() if name != "date")
    )
    for words, group in machines.items():
        days = sorted({result.environment["date"] for result in group if "date" in result.environment})
        hours = sum(result.records[-1]["wall_seconds"] / 3600 for result in group if result.records)
        lines.append([words or "unknown", " to ".join(sorted({*days[:1], *days[-1:]})), len(group), f"{hours:.1f}"])
    yield "## Versions, machines, time"
    yield table(["versions and machine", "last started", "runs", "hours of training"], lines, markdown=True)
    yield "The hours of a run with a warm start include the pre-training of the other run."
