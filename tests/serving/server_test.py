"""The server: answers against NumPy, limits, many requests at once, and a process as a user starts it."""

import concurrent.futures
import json
import re
import signal
import socket
import subprocess
import time

import httpx2 as httpx
import numpy as np
import pytest
import reference
from command import LINES, SMALL, command, environment, train_here
from fastapi.testclient import TestClient

from seqgan_tf.runs.loaded import LoadedRun
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.serving import server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a run on text, one on an oracle, and one without a discriminator."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "lines.txt").write_text(LINES)
    for name, flags in {
        "text": ["--train_file=lines.txt", "--max_length=8", "--vocab_size=60"],
        "oracle": [],
        "constant": ["--reward=constant"],
    }.items():
        train_here(folder, *SMALL, *flags, f"--run={name}")
    return folder


@pytest.fixture(scope="module")
def text(folder):
    """The run on text, and a client of its server."""
    trained = LoadedRun(folder / "text")
    return trained, TestClient(server.create_app(trained, "text"), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def oracle(folder):
    trained = LoadedRun(folder / "oracle")
    return trained, TestClient(server.create_app(trained, "oracle"), raise_server_exceptions=False)


def texts(trained, tokens):
    return [trained.vocabulary.text(row) for row in tokens]


def log_probs(trained, tokens):
    """Log-probabilities [S, T] of tokens by NumPy in float64."""
    generator = trained.generator
    logits = reference.lstm_logits(generator.get_weights(), tokens, generator.start_token)
    if generator.end_token is not None:
        logits[:, :, [0, generator.start_token, 3]] = -1e9  # <unk> is never predicted
    return -reference.token_nll(logits, tokens) * generator.mask(tokens).numpy()


def test_health_says_what_is_served(text, oracle):
    for (trained, client), name in ((text, "text"), (oracle, "oracle")):
        health = client.get("/healthz").json()
        assert health["status"] == "ok" and health["run"] == name and health["temperature"] == 1.0
        assert health["length"] == trained.length and health["vocabulary_size"] == trained.generator.vocab_size
        assert health["is_text"] is (name == "text") and health["has_discriminator"] is True
        assert (health["phase"], health["iteration"]) == ("adversarial", 1)


@pytest.mark.parametrize("temperature", [None, 0, 0.01, 0.5, 10])
@pytest.mark.parametrize("prefix", ["", "the cat"])
def test_samples_are_those_of_the_seed(text, temperature, prefix):
    trained, client = text
    body = {"num": 7, "seed": 3, "temperature": temperature, "prefix": prefix}
    answer = client.post("/sample", json=body).json()
    ids = trained.vocabulary.prefix(prefix, trained.length)
    tokens = sample_sequences(trained.generator, 7, 8, 3, 1.0 if temperature is None else temperature, ids).numpy()
    assert answer["seed"] == 3 and [row["text"] for row in answer["sequences"]] == texts(trained, tokens)
    assert all(row["text"].startswith(prefix) for row in answer["sequences"])
    assert [row["tokens"] for row in answer["sequences"]] == [trained.vocabulary.shown(row) for row in tokens]
    found = [row["log_prob"] for row in answer["sequences"]]
    np.testing.assert_allclose(found, log_probs(trained, tokens).sum(1), rtol=1e-5)


def test_samples_of_numbers(oracle):
    trained, client = oracle
    answer = client.post("/sample", json={"num": 4, "seed": 5, "prefix": "3 1"}).json()
    tokens = sample_sequences(trained.generator, 4, 6, 5, prefix=[3, 1]).numpy()
    assert [row["tokens"] for row in answer["sequences"]] == tokens.tolist()
    assert answer["sequences"][0]["text"] == " ".join(map(str, tokens[0]))


def test_without_a_seed_one_is_drawn_and_given_back(text):
    client = text[1]
    first, second = (client.post("/sample", json={"num": 3}).json() for _ in range(2))
    assert first["seed"] != second["seed"]
    assert client.post("/sample", json={"num": 3, "seed": first["seed"]}).json() == first


def test_scores_are_those_of_numpy(text, oracle):
    for (trained, client), texts in (
        (text, ["the cat sees a tree", "the zebra sees a a a a a", "one"]),
        (oracle, ["1 2 3 4 5 6", "49 0 49 0 49 0"]),
    ):
        scores = client.post("/score", json={"texts": texts}).json()["scores"]
        tokens = np.stack([trained.vocabulary.ids(line, trained.length)[0] for line in texts])
        expected = log_probs(trained, tokens)
        for score, row, ids in zip(scores, expected, [trained.vocabulary.shown(row) for row in tokens], strict=True):
            assert score["tokens"] == ids and score["unknown"] == sum(index == 3 for index in ids) * (
                trained is text[0]
            )
            np.testing.assert_allclose(score["token_log_probs"], row[: len(ids)], rtol=1e-4, atol=1e-6)
            np.testing.assert_allclose(score["log_prob"], row.sum(), rtol=1e-5)
            np.testing.assert_allclose(
                score["perplexity"], np.exp(-row.sum() / (len(ids) - score["unknown"])), rtol=1e-4
            )
        found = client.post("/discriminate", json={"texts": texts}).json()["probabilities"]
        real = np.exp(reference.log_softmax(reference.discriminator_logits(trained.discriminator, tokens)))[:, 1]
        np.testing.assert_allclose(found, real, rtol=1e-5)


def test_a_run_without_a_discriminator_says_so(folder):
    client = TestClient(server.create_app(LoadedRun(folder / "constant"), "constant"))
    assert client.get("/healthz").json()["has_discriminator"] is False
    assert client.post("/score", json={"texts": ["1 2 3 4 5 6"]}).status_code == 200
    answer = client.post("/discriminate", json={"texts": ["1 2 3 4 5 6"]})
    assert answer.status_code == 409
    assert answer.json() == {"detail": "the run has no discriminator: its reward is constant"}


NUM = "num must be the number of sequences, an integer from 1 to 1000"
TEMPERATURE = "temperature must be null (the run's), 0 (always the most probable token) or a number from 0.01 to 10"
TEXTS = "texts must be a list of 1 to 1000 texts of at most 2000 characters"
BAD = [
    ("sample", '{"num": 0}', "num must be the number of sequences, an integer from 1 to 1000, got 0"),
    ("sample", '{"num": 1001}', f"{NUM}, got 1001"),
    ("sample", '{"num": "5"}', f'{NUM}, got "5"'),
    ("sample", '{"temperature": -1}', f"{TEMPERATURE}, got -1"),
    ("sample", '{"temperature": 10.5}', f"{TEMPERATURE}, got 10.5"),
    ("sample", '{"temperature": 1e-40}', f"{TEMPERATURE}, got 1e-40"),
    ("sample", '{"temperature": NaN}', f"{TEMPERATURE}, got NaN"),
    ("sample", '{"seed": 2147483648}', "seed must be null (random) or an integer from 0 to 2^31 - 1, got 2147483648"),
    ("sample", '{"prefix": 3}', "prefix must be a text of at most 2000 characters, got 3"),
    ("sample", '{"prefix": "\\ud800"}', 'prefix must be a text of at most 2000 characters, got "\\ud800"'),
    ("sample", f'{{"prefix": "{"the " * 501}"}}', 'prefix must be a text of at most 2000 characters, got "the the'),
    ("sample", '{"prefix": "the zebra"}', "prefix has unknown words: zebra; each must be one of the "),
    ("sample", f'{{"prefix": "{"z" * 1990}"}}', "prefix has unknown words: zzz"),
    ("sample", f'{{"prefix": "{"the " * 9}"}}', "prefix has 9 tokens; the number of tokens must be at most 8"),
    ("sample", '{"nam": 3}', 'unknown field "nam"; the fields are: num, temperature, prefix, seed'),
    ("sample", "[]", "the body must be a JSON object"),
    ("sample", '{"num": 3', "the body must be a JSON object"),
    ("sample", "", "the body must be a JSON object"),
    ("score", "{}", f"{TEXTS}, got nothing"),
    ("score", '{"texts": []}', f"{TEXTS}, got a list of 0"),
    ("score", json.dumps({"texts": ["the"] * 1001}), f"{TEXTS}, got a list of 1001"),
    ("score", '{"texts": ["the", 5]}', f"{TEXTS}, got 5 at index 1"),
    ("score", '{"texts": ["the", ""]}', "texts[1] has 0 tokens; the number of tokens must be between 1 and 8"),
    (
        "score",
        f'{{"texts": ["{"the " * 9}"]}}',
        "texts[0] has 9 tokens; the number of tokens must be between 1 and 8",
    ),
    ("score", f'{{"texts": ["{"t" * 2001}"]}}', f'{TEXTS}, got "ttt'),
    ("score", '{"texts": ["the"], "num": 3}', 'unknown field "num"; the fields are: texts'),
    ("discriminate", '{"texts": [null]}', f"{TEXTS}, got null at index 0"),
]


@pytest.mark.parametrize(("path", "content", "message"), BAD, ids=lambda value: value[:30])
def test_bad_bodies_get_one_line(text, path, content, message):
    answer = text[1].post(f"/{path}", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(message) and "\n" not in answer.json()["detail"]
    assert len(answer.json()["detail"]) < 250


def test_bad_numbers_of_an_oracle_run(oracle):
    client = oracle[1]
    for path, body, message in (
        ("/score", {"texts": ["1 2 3"]}, "texts[0] has 3 tokens; the number of tokens must be 6"),
        ("/score", {"texts": ["1 2 3 4 5 50"]}, "texts[0] has invalid tokens; each must be a number from 0 to 49"),
        ("/sample", {"prefix": "cat"}, "prefix has invalid tokens; each must be a number from 0 to 49"),
    ):
        answer = client.post(path, json=body)
        assert answer.status_code == 422 and answer.json()["detail"].startswith(message)


def test_a_body_that_is_no_utf_8_or_no_json_by_its_header_is_refused(text):
    for content, kind, code in ((b"\xff", "json", 400), (b"[" * 100_000, "json", 400), (b"{}", "text", 422)):
        answer = text[1].post("/sample", content=content, headers={"Content-Type": f"application/{kind}"})
        assert answer.status_code == code


def test_many_requests_at_once_get_what_they_would_get_alone(text):
    client = text[1]
    requests = [
        *[("/sample", {"num": 50 + i, "seed": i, "temperature": (0, 0.7, None)[i % 3]}) for i in range(30)],
        *[
            (path, {"texts": ["the cat sees a tree"] * (i + 1)})
            for i in range(5)
            for path in ("/score", "/discriminate")
        ],
    ]
    alone = [client.post(path, json=body) for path, body in requests]
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        together = list(pool.map(lambda request: client.post(request[0], json=request[1]), requests))
    assert {answer.status_code for answer in alone + together} == {200}
    assert [answer.json() for answer in together] == [answer.json() for answer in alone]


def test_beyond_the_queue_requests_are_refused_and_health_is_answered(text, monkeypatch):
    monkeypatch.setattr(server, "MOST_WAITING", 2)
    monkeypatch.setattr(server, "_sample", lambda *_: time.sleep(1.5) or {"seed": 0, "sequences": []})
    client = TestClient(server.create_app(text[0], "text"))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(client.post, "/sample", json={}) for _ in range(2)]
        time.sleep(0.4)
        start = time.monotonic()
        refused = client.post("/sample", json={})
        assert client.get("/healthz").status_code == 200 and time.monotonic() - start < 1
        assert [answer.result().status_code for answer in waiting] == [200, 200]
    assert refused.status_code == 503 and refused.headers["Retry-After"] == "1"
    assert refused.json()["detail"] == "2 requests are already waiting; try again soon"
    assert client.post("/sample", json={}).status_code == 200


def test_the_api_is_documented_without_a_network(text):
    client = text[1]
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {"/healthz", "/sample", "/score", "/discriminate"}
    assert set(paths["/discriminate"]["post"]["responses"]) == {"200", "400", "409", "413", "422", "503"}
    for page in ("/docs", "/"):
        answer = client.get(page)
        assert answer.status_code == 200 and "text/html" in answer.headers["Content-Type"]
        assert "https://" not in answer.text and "http://" not in answer.text
        for link in re.findall(r'(?:src|href)="(/[^"]+)"', answer.text):
            assert client.get(link).status_code == 200


@pytest.fixture
def process(folder):
    """A server as a user starts it, and its address."""
    args = command("serve", "--run=text", "--port=0")
    process = subprocess.Popen(args, cwd=folder, env=environment(), stderr=subprocess.PIPE, text=True)
    said = r"Serving text at (http://127\.0\.0\.1:\d+) \(API: \1/docs\); press Ctrl-C to stop\n"
    yield process, re.fullmatch(said, process.stderr.readline()).group(1)
    process.kill()
    process.communicate()


def chunks(megabytes):
    for _ in range(megabytes):
        yield b" " * 1_000_000


def test_a_process_serves_on_one_address_only_refuses_large_bodies_and_ends_on_a_signal(process):
    process, url = process
    port = int(url.rsplit(":", 1)[1])
    assert httpx.get(f"{url}/healthz").json()["run"] == "text"
    header = {"Content-Type": "application/json"}
    for content in (b" " * 5_000_000, chunks(5)):  # with a Content-Length, and without
        answer = httpx.post(f"{url}/sample", content=content, headers=header, timeout=30)
        assert answer.status_code == 413
        assert answer.json()["detail"] == "the body must have at most 1,000,000 bytes"
    assert httpx.post(f"{url}/sample", content=b" " * 999_998 + b"{}", headers=header, timeout=30).status_code == 200
    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", port), timeout=5):
        pass
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda i: httpx.post(f"{url}/sample", json={"seed": i}, timeout=60), range(40)))
    assert {answer.status_code for answer in answers} == {200}
    with pytest.raises(ValueError, match=f"^--port must be a free port, got {port}, which is in use; 0 takes any"):
        server.serve("text", "last", "127.0.0.1", port)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0 and process.stderr.read() == ""


def test_ctrl_c_ends_a_process_while_a_connection_is_open(process):
    process, url = process
    with httpx.Client(base_url=url) as client:
        assert client.get("/healthz").status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0 and process.stderr.read() == ""


@pytest.mark.parametrize(
    ("host", "port", "message"),
    [
        ("127.0.0.1", 65536, "--port must be between 0 and 65535, got 65536; 0 takes any free port."),
        ("", 0, "--host must be an address of this machine, got ''."),
        ("no such name", 0, "--host must be an address of this machine, got 'no such name'."),
        ("x" * 300, 0, "--host must be an address of this machine, got 'xxx"),
        (
            "192.0.2.1",
            0,
            "--host must be an address of this machine, got '192.0.2.1'.",
        ),  # an address of no machine
    ],
)
def test_bad_addresses_get_one_line(host, port, message):
    with pytest.raises(ValueError) as caught:
        server.serve("text", "last", host, port)
    assert str(caught.value).startswith(message)


def test_a_bad_run_frees_the_port_again(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ValueError, match="must be a run folder, made by train"):
        server.serve(tmp_path, "last", "127.0.0.1", port)
    socket.create_server(("127.0.0.1", port)).close()
