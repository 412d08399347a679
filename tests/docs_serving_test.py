"""The commands of docs/serving.md, as they stand there, on the run that the page trains."""

import contextlib
import io
import json
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
import tensorflow as tf
from command import ROOT, environment, here

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs/serving.md").read_text()
PORT = 8000  # of the page
BIN = pathlib.Path(sys.executable).parent
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
# The commands of each kind, by how they begin.
PREPARE = ("python3 -c", "printf")
SEQGAN = "python -m seqgan_tf.main"
TOOL = ".venv/bin/saved_model_cli"
HTTP = f"curl -s http://127.0.0.1:{PORT}"
BOARD = ".venv/bin/tensorboard"
TF_SERVING = "curl -s http://127.0.0.1:8501"
NOT_RUN = ("docker run", "tensorflow_model_server")


def indented():
    """The command lines of the page: what is indented outside of fences, with continuation lines joined."""
    lines = []
    for line in re.sub(r"^```.*?^```", "", PAGE, flags=re.DOTALL | re.MULTILINE).splitlines():
        if line.startswith("      "):
            lines[-1] = f"{lines[-1].removesuffix(chr(92)).rstrip()} {line.strip()}"
        elif line.startswith("    "):
            lines.append(line.strip())
    return lines


def commands(start):
    return [line for line in indented() if line.startswith(start)]


def words_of(line, port=PORT):
    """A command line, with this Python for python and for .venv, and with another port."""
    words = shlex.split(line.replace(f"{PORT}", str(port)))
    if words[0] in ("python", "python3"):
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


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder in which the files of the page are made, and its run is trained."""
    folder = tmp_path_factory.mktemp("page")
    for line in commands(PREPARE):
        command, file = line.split(" > ")
        (folder / file).write_text(run(command, folder))
    run(commands(SEQGAN)[0], folder)
    return folder


@pytest.fixture(scope="module")
def exported(place):
    """The SavedModel of that run, at the path that the page names."""
    (export,) = commands(f"{SEQGAN} export")
    assert "runs/tiny/export/1" in run(export, place)
    return place / "runs/tiny/export/1"


def test_every_command_of_the_page_is_run_here():
    known = (*PREPARE, SEQGAN, TOOL, HTTP, BOARD, TF_SERVING, *NOT_RUN)
    assert all(line.startswith(known) for line in indented()) and len(indented()) == 23
    assert [len(commands(start)) for start in known] == [1, 1, 9, 3, 4, 1, 2, 1, 1] and len(PYTHON) == 2


def test_commands_that_end(place):
    _, *lines = commands(SEQGAN)
    outputs = [run(line, place) for line in lines if " serve " not in line and " export " not in line]
    listed, sampled, _, best, evaluated, scored = outputs
    assert "tiny" in listed and evaluated.count("nll_test") == 2 and "entropy" in evaluated
    assert "2 of 2 lines" in scored
    assert sampled.count("\n") == 5 and all(line.startswith("a man ") for line in sampled.splitlines())
    rows = [json.loads(line) for line in (place / "samples.jsonl").read_text().splitlines()]
    assert len(rows) == 1000 and set(rows[0]) == {"tokens", "text", "log_prob"}
    assert all(re.fullmatch(r"\d+( \d+)* 2", line) for line in best.splitlines()) and best.count("\n") == 2
    scores = json.loads((place / "scores.json").read_text())
    assert scores["lines"] == 2 and [line["unknown"] for line in scores["results"]] == [0, 1]


def test_saved_model_cli(place, exported):
    shown, drawn, likely = (run(line, place) for line in commands(TOOL))
    assert all(f"signature_def['{name}']" in shown for name in ("sample", "score", "discriminate"))
    assert drawn.count("a man") >= 3 and "log_prob" in likely


def test_the_python_of_the_page(place, exported):
    alone, with_package = PYTHON
    process = subprocess.run(
        [sys.executable, "-c", alone], cwd=place, env=environment(), capture_output=True, text=True
    )
    assert process.returncode == 0 and process.stdout.count("a man") == 3, process.stderr
    with contextlib.chdir(place), contextlib.redirect_stdout(io.StringIO()) as shown:
        exec(with_package, {})
    assert shown.getvalue() == "(1, 8, 17)\n"


def test_the_requests_of_tensorflow_serving_fit_the_signatures(exported):
    """Their column format: each input is a tensor of its nested form and of the type that the signature declares."""
    signatures = tf.saved_model.load(str(exported)).signatures
    answers = []
    for line in commands(TF_SERVING):
        words = shlex.split(line)
        assert words[2].endswith("/v1/models/seqgan:predict") and words[3] == "-d"
        body = json.loads(words[4])
        assert set(body) == {"signature_name", "inputs"}
        signature = signatures[body["signature_name"]]
        specs = signature.structured_input_signature[1]
        assert set(body["inputs"]) == set(specs)
        inputs = {name: tf.constant(value, specs[name].dtype) for name, value in body["inputs"].items()}
        assert all(specs[name].is_compatible_with(tensor) for name, tensor in inputs.items())
        answers.append(signature(**inputs))
    drawn, scored = answers
    assert set(drawn) == {"tokens", "text", "log_prob"} and drawn["tokens"].shape == [3, 8]
    assert all(text.startswith(b"a man ") for text in drawn["text"].numpy())
    assert set(scored) == {"tokens", "token_log_prob", "log_prob"} and scored["log_prob"].shape == [1]


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
    (line,) = commands(f"{SEQGAN} serve")
    server = subprocess.Popen(words_of(line, port), cwd=place, env=environment(), stderr=subprocess.PIPE, text=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", server)
        health, sampled, scored, judged = (json.loads(run(line, place, port)) for line in commands(HTTP))
        assert health["run"] == "tiny" and len(sampled["sequences"]) == 2
        assert all(sequence["text"].startswith("a man") for sequence in sampled["sequences"])
        assert len(scored["scores"]) == 1 and 0 < judged["probabilities"][0] < 1
    finally:
        server.send_signal(signal.SIGINT)
        _, said = server.communicate(timeout=60)
    assert server.returncode == 0 and "Traceback" not in said


def test_tensorboard_starts(place):
    port = free_port()
    words = [*words_of(commands(BOARD)[0]), "--port", str(port)]
    board = subprocess.Popen(words, cwd=place, env=os.environ | environment(), stderr=subprocess.DEVNULL)
    try:
        assert b"tiny" in wait_for(f"http://127.0.0.1:{port}/data/runs", board)
    finally:
        board.terminate()
        board.wait(60)
