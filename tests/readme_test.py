"""The commands of the README's section "After training", as they stand there, on tiny runs of the same names."""

import json
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from command import ROOT, environment, here

pytestmark = pytest.mark.slow

SECTION = (ROOT / "README.md").read_text().split("## After training\n")[1].split("\n## ")[0]
PORT = 8000  # of the README
BIN = pathlib.Path(sys.executable).parent


@pytest.fixture(scope="module")
def place(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(trained / "runs", folder / "runs")
    (folder / "my_lines.txt").write_text("a man can't see the house\na zebra\n")
    return folder


def indented(start=""):
    shell = "".join(SECTION.split("```")[::2])  # without the Python
    return [line.strip() for line in shell.splitlines() if line.startswith("    " + start)]


def words_of(line, port=PORT):
    """A command line, with this Python for python and for .venv, and with another port."""
    words = shlex.split(line.replace(f"{PORT}", str(port)))
    if words[0] == "python":
        words[0] = sys.executable
    return [f"{BIN}/{word.removeprefix('.venv/bin/')}" if word.startswith(".venv/bin/") else word for word in words]


def run(line, folder, port=PORT):
    words = words_of(line, port)
    if words[:3] == [sys.executable, "-m", "seqgan_tf.main"]:
        process = here(folder, *words[3:])
    else:
        process = subprocess.run(words, cwd=folder, env=environment(), capture_output=True, text=True)
    assert process.returncode == 0, (line, process.stderr)
    return process.stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_every_command_of_the_section_is_run_here():
    known = ("python -m seqgan_tf.main", ".venv/bin/saved_model_cli", "curl", ".venv/bin/tensorboard")
    assert all(line.startswith(known) for line in indented()) and len(indented()) == 15


def test_commands_that_end(place):
    outputs = {}
    for line in [*indented("python"), *indented(".venv/bin/saved_model_cli")]:
        if "main serve" not in line:
            outputs[line] = run(line, place)
    listed, sampled, _, evaluated, scored, exported, shown, drawn, likely = outputs.values()
    assert "captions" in listed and "nll_test" in evaluated and "1 of 2 lines" not in scored
    assert sampled.count("\n") == 5 and all(line.startswith("a man") for line in sampled.splitlines())
    rows = [json.loads(line) for line in (place / "samples.jsonl").read_text().splitlines()]
    assert len(rows) == 1000 and set(rows[0]) == {"tokens", "text", "log_prob"}
    assert json.loads((place / "scores.json").read_text())["lines"] == 2
    assert "runs/captions/export/1" in exported and "signature_def['score']" in shown
    assert drawn.count("a man") >= 3 and "log_prob" in likely


def test_the_python_of_the_section(place):
    if not (place / "runs/captions/export/1").exists():
        run("python -m seqgan_tf.main export --run=runs/captions", place)
    (code,) = (part.split("```")[0] for part in SECTION.split("```python\n")[1:])
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=place, env=environment(), capture_output=True, text=True
    )
    assert process.returncode == 0 and process.stdout.count("a man") == 3, process.stderr


def wait_for(url, process):
    deadline = time.monotonic() + 120
    while True:
        try:
            return urllib.request.urlopen(url, timeout=10).read()
        except OSError:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.2)


def test_requests_by_http(place):
    port = free_port()
    (line,) = (line for line in indented("python") if "main serve" in line)
    server = subprocess.Popen(words_of(line, port), cwd=place, env=environment(), stderr=subprocess.PIPE, text=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", server)
        health, sampled, scored, judged = (json.loads(run(line, place, port)) for line in indented("curl"))
        assert health["run"] == "captions" and len(sampled["sequences"]) == 2
        assert all(sequence["text"].startswith("a man") for sequence in sampled["sequences"])
        assert len(scored["scores"]) == 1 and 0 < judged["probabilities"][0] < 1
    finally:
        server.send_signal(signal.SIGINT)
        _, said = server.communicate(timeout=60)
    assert server.returncode == 0 and "Traceback" not in said


def test_tensorboard_starts(place):
    port = free_port()
    words = [*words_of(indented(".venv/bin/tensorboard")[0]), "--port", str(port)]
    board = subprocess.Popen(words, cwd=place, env=os.environ | environment(), stderr=subprocess.DEVNULL)
    try:
        assert b"captions" in wait_for(f"http://127.0.0.1:{port}/data/runs", board)
    finally:
        board.terminate()
        board.wait(60)
