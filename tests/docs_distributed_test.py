"""The commands of docs/distributed.md that need neither a GPU nor a second machine, as they stand there."""

import contextlib
import re
import socket
import subprocess
import sys

import numpy as np
import pytest
from command import ROOT, TINY, environment, records

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs/distributed.md").read_text()
SECTION = PAGE.split("## How do I try it without a GPU?\n")[1].split("\n## ")[0]
FENCE = r"^```\n(.*?)^```\n"
BLOCKS = re.findall(r"(?:^    .*\n)+", re.sub(FENCE, "", SECTION, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
SHORTER = (*TINY[1:], "--iterations=1")
PORTS = ("2222", "2223")  # of the page


def shell(block, folder):
    """Runs a block of commands in bash, with this Python and less to do, and waits for those in the background."""
    python = f'python() {{ "{sys.executable}" "$@" {" ".join(SHORTER)}; }}'
    variables = environment() | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    words = ["bash", "-ec", f"{python}\n{block}\nwait"]
    process = subprocess.run(words, cwd=folder, env=variables, capture_output=True, text=True, timeout=300)
    assert process.returncode == 0, process.stderr
    return process.stdout


def free_ports():
    """Two ports outside of the range from which the system takes ports by itself."""
    found = []
    for port in np.random.default_rng().permutation(np.arange(20_000, 30_000)).tolist():
        with contextlib.suppress(OSError), socket.create_server(("", port)):
            found.append(str(port))
        if len(found) == 2:
            return found
    raise AssertionError


def heads(table):
    """The first cell of each line, without the numbers of epochs and iterations."""
    return [re.sub(r"\d+", "", re.split(r"\s{2,}", line)[0]) for line in table.splitlines()]


def test_two_devices_and_two_workers_print_the_same_table_and_have_the_same_metrics(tmp_path):
    two_devices, two_workers = BLOCKS
    for old, new in zip(PORTS, free_ports(), strict=True):
        two_workers = two_workers.replace(old, new)
    (shown,) = re.findall(FENCE, SECTION, re.DOTALL | re.MULTILINE)
    for block in (two_devices, two_workers):
        assert heads(shell(block, tmp_path))[: len(heads(shown))] == heads(shown)
    one, two = (records(tmp_path / "runs" / name) for name in ("two_devices", "two_workers"))
    assert len(one) == len(two) == 4
    for line, other in zip(one, two, strict=True):
        assert line.keys() == other.keys()
        for name in line.keys() - {"phase"}:
            np.testing.assert_allclose(line[name], other[name], atol=1e-5, err_msg=name)
