"""Report: finished runs over their seeds, as a page and as Markdown with pictures and CSV, from run folders alone."""

import base64
import csv
import io
import os
import shlex

import markdown

from seqgan_tf.runs.files import check_new, whole
from seqgan_tf.runs.records import FREE
from seqgan_tf.studies import plots, results, tables
from seqgan_tf.studies.invocation import flags

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 75em; margin: 2em auto; padding: 0 1em; color: #222; }}
table {{ border-collapse: collapse; display: block; overflow-x: auto; font-variant-numeric: tabular-nums; }}
th, td {{ padding: .25em .7em; border-bottom: 1px solid #ddd; text-align: left; white-space: nowrap; }}
img {{ max-width: 100%; }} pre {{ padding: .7em; overflow-x: auto; background: #f5f5f5; }}
</style></head><body>
{body}
</body></html>
"""


def report(folders, to, title="Report"):
    """Writes the report of runs: index.html, report.md, pictures (PNG) and numbers (CSV).

    Args:
      folders: list of run folders.
      to: folder that is not there yet; "": one called report beside the first run folder, with a number if need be.
      title: heading.

    Returns:
      str: the tables of results, and where the report is.

    Raises:
      ValueError: naming the flag and what is allowed.
    """
    to = to or free_name(folders[0].absolute().parent / "report")
    check_new(to)
    found = results.without_copies([results.load(folder) for folder in folders])
    parts, files, shown = [f"# {title}", *_status(found)], {}, []
    for number, (data, rows) in enumerate(results.by_data(found).items(), 1):
        main, section, more = _section(data, rows, "" if number == 1 else f"{number}-")
        shown += [data, main]
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
    return "\n\n".join([*shown, f"{done} of {len(found)} runs are finished. The report: {where}/index.html"])


def free_name(path):
    """A name that is not there yet: the path, or the path with a number behind it, as a str."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return str(free)


def _page(title, text, files):
    body = markdown.markdown(text, extensions=["tables", "fenced_code"])
    for name, content in files.items():
        body = body.replace(f'src="{name}"', f'src="data:image/png;base64,{base64.b64encode(content).decode()}"')
    return PAGE.format(title=tables.escaped(title), body=body)


def _status(found):
    """Which runs there are, and those that do not count."""
    odd = [result for result in found if result.status != "done"]
    yield f"{len(found) - len(odd)} of {len(found)} runs are finished; only those are in the tables and pictures."
    if odd:
        cells = [[tables.escaped(result.name), tables.escaped(result.status)] for result in odd]
        yield tables.table(["run that is left out", "why"], cells)


def _section(data, rows, prefix):
    """Of one oracle or text: the main table, all parts of the text, and the files as a dict of name -> bytes."""
    is_oracle = "nll_oracle" in rows[0].runs[0].last
    main = tables.oracle_results(rows) if is_oracle else tables.text_results(rows, tables.TEXT)
    parts = [f"## Data: {tables.escaped(data)}", "### Results", main]
    if not is_oracle:
        parts.append(tables.text_results(rows, tables.TEXT_MORE))
    parts.append(tables.ORACLE_NOTE if is_oracle else tables.TEXT_NOTE)
    temperatures = sorted({run.config.temperature for row in rows for run in row.runs})
    if temperatures != [1.0]:
        parts.append(f"Samples and likelihoods are those at temperature {', '.join(map(str, temperatures))}.")
    tests = tables.tests(rows, "nll_oracle" if is_oracle else "bleu_4")
    note = tables.TESTS_NOTE if tests else "That cannot be said: no two methods have two seeds in common."
    parts += ["### Are the differences more than seeds?", tests, note]
    files = {f"{prefix}runs.csv": _csv(tables.run_numbers(rows))}
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
        files[f"{prefix}{name}.png"] = _png(figure)
        if name == "frontier":
            parts.append(tables.frontiers(rows))
            files[f"{prefix}frontier.csv"] = _csv(tables.frontier_numbers(rows))
    return main, [*filter(None, parts), "### Samples side by side", tables.samples(rows)], files


def _png(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=110, format="png")
    return buffer.getvalue()


def _csv(lines):
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(lines)
    return buffer.getvalue().encode()


def _settings(found):
    """The command of each method, by which everything else is settled."""
    groups = {}
    for result in found:
        if result.config:
            words = tuple(filter(None, map(_portable, flags(result.config))))
            groups.setdefault(words, []).append(result.name)
    lines = [
        f"# {', '.join(names)}\npython -m seqgan_tf.main train {shlex.join(words)}" for words, names in groups.items()
    ]
    yield "## Settings"
    yield "\n".join(["```", *lines, "```"])
    yield "With `--seed` and `--threads=1`. What is not named has the preset's value; a run's config.json has all."


def _portable(flag):
    """A flag without the folders of this machine; None for the seed and for what changes no number."""
    name, equals, value = flag.removeprefix("--").partition("=")
    if name in FREE | {"seed"} or name.removeprefix("no") in FREE:
        return None
    return f"--{name}={os.path.basename(value)}" if equals and name.endswith("_file") else flag


def _machines(found):
    yield "## Versions, machines, time"
    kinds = {}
    for result in found:
        words = ", ".join(f"{name} {value}" for name, value in result.environment.items() if name != "date")
        kinds.setdefault(words or "unknown", []).append(result)
    lines = []
    for words, group in kinds.items():
        days = sorted({result.environment["date"] for result in group if "date" in result.environment})
        hours = sum(result.seconds / 3600 for result in group if result.records)
        lines.append(
            [tables.escaped(words), " to ".join(sorted({*days[:1], *days[-1:]})), len(group), f"{hours:.1f}"]
        )
    yield tables.table(["versions and machine", "last started", "runs", "hours of training"], lines)
    yield "What was taken over from another run counts in the hours of both."
