"""Report of finished runs over their seeds: a page, Markdown, pictures and CSV, made from run folders alone."""

import base64
import csv
import dataclasses
import io
import os
import pathlib
import shlex
import string

import markdown

from seqgan_tf.config import Config
from seqgan_tf.config.invocation import flags
from seqgan_tf.files import check_new, whole
from seqgan_tf.metrics import catalogue
from seqgan_tf.runs.tables import escaped, table
from seqgan_tf.studies import plots, results, tables

PAGE = pathlib.Path(__file__).with_name("report.html")


def report(folders, to, title="Report"):
    """Writes a report of runs: index.html, report.md, pictures (PNG) and numbers (CSV).

    Args:
      folders: list of RunFolder.
      to: new folder; "": a new one called report, or report-NUMBER, beside the first run folder.

    Returns:
      str: the tables of results, and where the report is.

    Raises:
      ValueError: if `to` exists or cannot be written, naming --output.
    """
    to = to or free_name(folders[0].path.absolute().parent / "report")
    check_new(to)
    found = results.without_copies([results.load(folder) for folder in folders])
    parts, files, said = [f"# {title}", *_status(found)], {}, []
    for number, (data, rows) in enumerate(results.by_data(found).items(), 1):
        section, more = _section(data, rows, "" if number == 1 else f"{number}-")
        said += [data, _main_table(rows)]
        parts += section
        files |= more
    text = "\n\n".join([*parts, *_settings(found), *_machines(found)]) + "\n"
    files |= {"report.md": text.encode(), "index.html": _page(title, text, files).encode()}
    with whole(to) as path:
        path.mkdir()
        for name, content in files.items():
            (path / name).write_bytes(content)
    done = sum(result.status == "done" for result in found)
    where = os.path.relpath(to)
    return "\n\n".join([*said, f"{done} of {len(found)} runs are finished. The report: {where}/index.html"])


def free_name(path):
    """A path that does not exist yet: this one, or with a number appended, as a str."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return str(free)


def _page(title, text, files):
    body = markdown.markdown(text, extensions=["tables", "fenced_code"])
    for name, content in files.items():
        body = body.replace(f'src="{name}"', f'src="data:image/png;base64,{base64.b64encode(content).decode()}"')
    return string.Template(PAGE.read_text()).substitute(title=escaped(title), body=body)


def _status(found):
    """Number of finished runs, and why the others are left out."""
    odd = [[result.folder.name, result.status] for result in found if result.status != "done"]
    yield f"{len(found) - len(odd)} of {len(found)} runs are finished; only these are in the tables and pictures."
    if odd:
        yield table(["run left out", "why"], odd, markdown=True)


def _main_table(rows, markdown=False):
    if rows[0].config.is_text:
        return tables.scores(rows, _names(rows)[0], markdown)
    return tables.oracle_results(rows, markdown)


def _names(rows):
    """Metrics of the main table, and all others that tables show."""
    shown = dict.fromkeys(name for row in rows for run in row.runs for name in tables.shown(run.record("last")))
    main = tables.LIKELIHOODS
    if rows[0].config.is_text:
        main = [name for name in shown if catalogue.metric(name).name in ("bleu", "self_bleu")]
    return list(main), [name for name in shown if name not in main]


def _section(data, rows, prefix):
    """The section of one oracle or text: parts of the Markdown, and files by name."""
    is_text = rows[0].config.is_text
    main, others = _names(rows)
    parts = [f"## Data: {escaped(data)}", "### Results", _main_table(rows, markdown=True)]
    if others:
        parts.append(tables.scores(rows, others, markdown=True))
    parts.append(tables.TEXT_NOTE if is_text else tables.ORACLE_NOTE)
    meanings = catalogue.describe([*main, *others, *([] if is_text else ["d_auc_heldout"])])
    parts.append("\n".join(f"- {line}" for line in meanings))
    temperatures = sorted({run.config.temperature for row in rows for run in row.runs})
    if temperatures != [1.0]:
        parts.append(f"Samples and likelihoods are at temperature {', '.join(map(str, temperatures))}.")
    tests = tables.tests(rows, "bleu_4" if is_text else "nll_oracle")
    note = tables.TESTS_NOTE if tests else "Not testable: no two methods have two seeds in common."
    parts += ["### Are the differences more than seeds?", tests, note]
    evaluations, temperatures = tables.numbers(rows)
    files = {f"{prefix}runs.csv": _csv(evaluations)}
    pictures = {
        "learning_curves": ("Learning curves", plots.learning_curves, plots.CURVES_NOTE),
        "frontier": ("Frontier over temperatures", plots.frontiers, ""),
        "reward_by_position": ("Reward by position", plots.rewards_by_position, plots.REWARDS_NOTE),
    }
    for name, (heading, draw, note) in pictures.items():
        figure = draw(rows)
        if figure is None:
            continue
        parts += [f"### {heading}", f"![{heading}]({prefix}{name}.png)", note]
        buffer = io.BytesIO()
        figure.savefig(buffer, dpi=110, format="png")
        files[f"{prefix}{name}.png"] = buffer.getvalue()
        if name == "frontier":
            parts.append(tables.frontiers(rows, markdown=True))
            files[f"{prefix}frontier.csv"] = _csv(temperatures)
    return [*filter(None, parts), "### Samples side by side", tables.samples(rows)], files


def _csv(lines):
    names = dict.fromkeys(name for line in lines for name in line)
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return buffer.getvalue().encode()


def _settings(found):
    """The command of each method, which determines all settings."""
    readable = [result for result in found if result.config]
    groups = results.grouped(readable, lambda run: shlex.join(flags(_portable(run.config))))
    lines = [
        f"# {', '.join(run.folder.name for run in group)}\npython -m seqgan_tf.main train {words}"
        for words, group in groups.items()
    ]
    yield "## Settings"
    yield "\n".join(["```", *lines, "```"])
    yield "Add `--seed` and `--threads=1`. The preset decides all other settings; config.json of a run has all."


def _portable(config):
    """A Config without its seed, bookkeeping, and the folders of this machine."""
    default = Config()
    changes = {name: getattr(default, name) for name in ("seed", *Config.names("bookkeeping"))}
    files = [name for name in Config.names("data") if name.endswith("_file")]
    changes |= {name: os.path.basename(getattr(config, name)) for name in files}
    return dataclasses.replace(config, **changes)


def _machines(found):
    def machine(result):
        return ", ".join(f"{name} {value}" for name, value in result.environment.items() if name != "date")

    yield "## Versions, machines, time"
    lines = []
    for words, group in results.grouped(found, machine).items():
        days = sorted({result.environment["date"] for result in group if "date" in result.environment})
        hours = sum(result.records[-1]["wall_seconds"] / 3600 for result in group if result.records)
        lines.append([words or "unknown", " to ".join(sorted({*days[:1], *days[-1:]})), len(group), f"{hours:.1f}"])
    yield table(["versions and machine", "last started", "runs", "hours of training"], lines, markdown=True)
    yield "Pre-training taken from another run counts in the hours of both."
