"""The same run on one device, on two logical devices, and on two workers, also if one of them is killed.

Two devices and two workers are started by the commands of docs/distributed.md, as they stand there.
"""

import contextlib
import itertools
import json
import re
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf
from command import ROOT, TINY, command, environment, here, one_error_line, records, seqgan

from seqgan_tf.distributed import devices

pytestmark = pytest.mark.slow
# Several chunks of roll-outs and of samples, so that each replica has work.
FLAGS = (
    *TINY,
    "--iterations=6",
    "--rollout_chunk=40",
    "--eval_samples=600",
    "--checkpoint_seconds=0.3",
    "--run=run",
)
CLOSE = 1e-5
GONE = "Another worker is gone"
SECTION = (ROOT / "docs/distributed.md").read_text().split("## How do I try it without a GPU?\n")[1].split("\n## ")[0]
FENCE = r"^```\n(.*?)^```\n"
BLOCKS = re.findall(r"(?:^    .*\n)+", re.sub(FENCE, "", SECTION, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
PORTS = ("2222", "2223")  # of the page


def addresses():
    """Two addresses that nothing listens at, outside of the range from which the system takes ports by itself."""
    ports = []
    for port in itertools.cycle(np.random.default_rng().permutation(np.arange(20_000, 30_000)).tolist()):
        with contextlib.suppress(OSError), socket.create_server(("", port)):
            ports.append(port)
        if len(ports) == 2:
            return [f"localhost:{port}" for port in ports]
    raise AssertionError


def tf_config(workers, index):
    return json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}})


def start(folder, workers, index, *flags):
    """One of two workers, which writes what it says into a file."""
    with open(folder / f"said{index}", "a") as said:
        variables = environment() | {"TF_CONFIG": tf_config(workers, index)}
        return subprocess.Popen(command(*FLAGS, *flags), cwd=folder, env=variables, stdout=said, stderr=said)


def shell(folder, block):
    """Runs a block of commands of the page in bash, with this Python and FLAGS; each worker writes into its file."""
    python = f"""python() {{
      local said=said0
      case $TF_CONFIG in *'"index": 1'*) said=said1;; esac
      "{sys.executable}" "$@" {" ".join(FLAGS)} >> $said 2>&1
    }}"""
    words = ["bash", "-ec", f"{python}\n{block}\nwait"]
    process = subprocess.run(words, cwd=folder, env=environment(), capture_output=True, text=True, timeout=300)
    assert process.returncode == 0, process.stderr + said(folder, 0)


def heads(table):
    """The first cell of each line, without the numbers of epochs and iterations."""
    return [re.sub(r"\d+", "", re.split(r"\s{2,}", line)[0]) for line in table.splitlines()]


def assert_prints_the_table_of_the_page(folder):
    (shown,) = re.findall(FENCE, SECTION, re.DOTALL | re.MULTILINE)
    found = heads(said(folder, 0))
    start = found.index(heads(shown)[0])
    assert found[start : start + len(heads(shown))] == heads(shown)


def said(folder, index):
    """What a worker said, without what TensorFlow logs when others end."""
    lines = (folder / f"said{index}").read_text().splitlines(keepends=True)
    return "".join(line for line in lines if not re.match(r"[EWI]\d{4} |WARNING: All log", line))


def codes(folder, processes):
    """The exit codes; what was said of others than 0 is shown by a failing test."""
    try:
        return [process.wait(120) for process in processes]
    finally:
        for index, process in enumerate(processes):
            process.kill()
            print(said(folder, index)[-3000:])


def wait_for_records(folder, num, processes):
    deadline = time.monotonic() + 120
    path = folder / "run" / "metrics.jsonl"
    while not path.exists() or path.read_bytes().count(b"\n") < num:
        if time.monotonic() > deadline or any(process.poll() is not None for process in processes):
            for process in processes:
                process.kill()
            raise AssertionError(f"{num} records are not to be had")
        time.sleep(0.02)


def wait_until_said(folder, index, words, process, times=1):
    deadline = time.monotonic() + 120
    while said(folder, index).count(words) < times:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)


def assert_same(found, expected, tolerance):
    """Whether records have the same figures: all, to the tolerance."""
    assert [(line["phase"], line["iteration"]) for line in found] == [
        (line["phase"], line["iteration"]) for line in expected
    ]
    for line, other in zip(found, expected, strict=True):
        assert line.keys() == other.keys()
        for name, value in line.items():
            np.testing.assert_allclose(value, other[name], atol=tolerance, err_msg=name) if name != "phase" else None


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """The records of one device."""
    folder = tmp_path_factory.mktemp("one")
    process = here(folder, *FLAGS)
    assert process.returncode == 0, process.stderr
    return records(folder / "run")


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """The folder of a run of two workers."""
    folder, block = tmp_path_factory.mktemp("two"), BLOCKS[1]
    for port, address in zip(PORTS, addresses(), strict=True):
        block = block.replace(f"localhost:{port}", address)
    shell(folder, block)
    return folder


def test_two_logical_devices_give_the_numbers_of_one(one, tmp_path):
    shell(tmp_path, BLOCKS[0])
    assert_prints_the_table_of_the_page(tmp_path)
    assert_same(records(tmp_path / "run"), one, CLOSE)
    assert json.loads((tmp_path / "run/environment.json").read_text())["replicas"] == 2


BOTH = """
from seqgan_tf import rewards

def both(discriminator, task):  # in TensorFlow, and in Python
    parts = [rewards.find(name)(discriminator, task) for name in ("discriminator", "bleu")]
    return lambda tokens: sum(part(tokens) for part in parts)
"""


def test_two_logical_devices_give_the_numbers_of_one_on_text_also_with_a_reward_in_python(tmp_path):
    lines = [" ".join(f"w{(i * j) % 7}" for j in range(1 + i % 5)) for i in range(90)]
    (tmp_path / "text").write_text("\n".join(lines))
    (tmp_path / "own.py").write_text(BOTH)
    text = (
        "--train_file=text",
        "--tokens=spaces",
        "--max_length=5",
        "--reward=own:both",
        "--rollout_chunk=12",
        "--eval_samples=20",
        "--iterations=1",
    )
    for run, *flags in ((here, "--run=1"), (seqgan, "--run=2", "--strategy=mirrored", "--cpu_devices=2")):
        process = run(tmp_path, *FLAGS, *text, *flags)
        assert process.returncode == 0, process.stderr
    one, two = ([{**line, "signatures": 0} for line in records(tmp_path / name)] for name in "12")
    assert_same(two, one, CLOSE)


def test_two_workers_give_the_numbers_of_one_and_only_the_chief_writes(one, two):
    assert_same(records(two / "run"), one, CLOSE)
    assert {path.name for path in two.iterdir()} == {"run", "said0", "said1"}
    assert len(list((two / "run/tensorboard").glob("events*"))) == 1
    assert_prints_the_table_of_the_page(two)
    assert said(two, 1) == "Training as a worker; the chief writes run\n"


def test_whoever_is_killed_or_terminated_nothing_is_lost(one, two, tmp_path):
    """First the worker is killed, then the chief; then both are terminated; at last one resumes alone."""
    workers = addresses()
    processes = [start(tmp_path, workers, index) for index in (0, 1)]
    for killed, num_records in ((1, 3), (0, 5)):
        wait_for_records(tmp_path, num_records, processes)
        assert GONE not in said(tmp_path, 1 - killed)
        processes[killed].kill()
        processes[killed].wait()
        wait_until_said(tmp_path, 1 - killed, GONE, processes[1 - killed])
        processes[killed] = start(tmp_path, workers, killed)
        wait_until_said(tmp_path, 0, "Resuming run, after", processes[0], times=1 + (killed == 0))
    for index in (0, 1):
        assert re.search(f"{GONE} .*training then resumes from the last checkpoint", said(tmp_path, index))

    wait_for_records(tmp_path, 6, processes)
    processes[1].terminate()
    assert codes(tmp_path, processes) == [143, 143]
    assert "Stopped by SIGTERM" in said(tmp_path, 0) and "everything is saved" in said(tmp_path, 1)
    before = records(tmp_path / "run")
    assert before == records(two / "run")[: len(before)]

    alone = seqgan(tmp_path, *FLAGS)
    assert alone.returncode == 0 and "Resuming run, after" in alone.stderr
    assert_same(records(tmp_path / "run"), one, CLOSE)


def test_two_workers_are_timed_together(tmp_path):
    workers = addresses()
    assert codes(tmp_path, [start(tmp_path, workers, index, "benchmark") for index in (0, 1)]) == [0, 0]
    size, _, heads, rule, *rows = said(tmp_path, 0).splitlines()
    assert size.endswith("2 processes") and heads.split()[2:] == ["2", "replicas"]
    assert not rule.strip("- ") and len(rows) == 4
    assert all(float(row.split()[-1]) > 0 for row in rows) and said(tmp_path, 1) == "\n"


def test_workers_that_cannot_work_together_are_refused(tmp_path):
    workers = addresses()
    flags = "--worker_timeout=20", "--strategy=multiworker"
    processes = [start(tmp_path, workers, 0, *flags), start(tmp_path, workers, 1, *flags, "--g_steps=3")]
    assert codes(tmp_path, processes) == [2, 2]
    for index in (0, 1):
        assert "All workers must have the same flags" in one_error_line(said(tmp_path, index))
    assert not (tmp_path / "run").exists()


TWO = {"cluster": {"worker": ["localhost:1", "localhost:2"]}, "task": {"type": "worker", "index": 0}}
BAD = {
    "no JSON": "{",
    "a list": "[1]",
    "no index": json.dumps(TWO | {"task": {"type": "worker"}}),
    "another task": json.dumps(TWO | {"task": {"type": "worker", "index": 2}}),
    "another kind": json.dumps(TWO | {"task": {"type": "chief", "index": 0}}),
    "ps": json.dumps(TWO | {"cluster": {"ps": ["localhost:1"], "worker": ["localhost:2"]}}),
    "two chiefs": json.dumps(TWO | {"cluster": {"chief": ["a:1", "b:2"], "worker": ["c:3"]}}),
    "a string": json.dumps(TWO | {"cluster": {"worker": "localhost:1"}}),
    "no port": json.dumps(TWO | {"cluster": {"worker": ["localhost", "localhost:2"]}}),
    "no such port": json.dumps(TWO | {"cluster": {"worker": ["a:99999", "b:2"]}}),
    "twice": json.dumps(TWO | {"cluster": {"worker": ["localhost:2"] * 2}}),
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_malformed_tf_config_is_refused(text):
    with pytest.raises(ValueError, match=f"TF_CONFIG must list host:port .*; got {re.escape(repr(text[:20])[:-1])}"):
        devices._parse(text)


def test_on_the_command_line_too(tmp_path):
    process = here(tmp_path, *FLAGS, TF_CONFIG="{")
    assert process.returncode == 2 and "TF_CONFIG must list" in one_error_line(process.stderr)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("index", [0, 1])
def test_a_worker_that_cannot_be_reached_is_named(index, tmp_path):
    workers = addresses()
    started = time.monotonic()
    process = here(tmp_path, *FLAGS, "--worker_timeout=2", TF_CONFIG=tf_config(workers, index))
    assert process.returncode == 2 and time.monotonic() - started < 60
    line = one_error_line(process.stderr)
    assert "within --worker_timeout=2 seconds" in line and f"no answer from {workers[1 - index]}." in line
    assert not list(tmp_path.iterdir())


def test_an_address_in_use_is_said(tmp_path):
    with socket.create_server(("", 0)) as listener:
        workers = [f"localhost:{listener.getsockname()[1]}", "localhost:2"]
        process = here(tmp_path, *FLAGS, TF_CONFIG=tf_config(workers, 0))
    assert process.returncode == 2
    assert f"address of this worker must be free, got {workers[0]} (" in one_error_line(process.stderr)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--strategy=both",), "--strategy must be one of auto, one, mirrored, multiworker, got 'both'"),
        (("--gpus=4",), "--gpus must be between 0 and "),
        (
            ("--strategy=multiworker",),
            "--strategy=multiworker must have several workers, named by TF_CONFIG or a SLURM",
        ),
        (("--cpu_devices=2",), "--cpu_devices must be 0 except with --strategy=mirrored"),
        (("--worker_timeout=0",), "--worker_timeout must be at least 1.0 and less than 2147483648, got 0.0"),
    ],
)
def test_devices_that_are_not_there_are_refused(flags, message, tmp_path):
    process = here(tmp_path, *FLAGS, *flags)
    assert process.returncode == 2 and message in one_error_line(process.stderr)
    assert not list(tmp_path.iterdir())


def test_what_replicas_cannot_do_is_refused(tmp_path):
    """In one process of its own: logical devices are made before TensorFlow has begun."""
    three = "--strategy=mirrored", "--cpu_devices=3"
    messages = {
        three: "--batch_size must be a multiple of 3 with 3 replicas, got 8",
        ("benchmark", *three): "--batch_size must be a multiple of 3 with 3 replicas, got 8",
        (*three, "--jit", "--batch_size=9"): "--jit must be left out with 3 replicas, because XLA",
    }
    calls = [["main", *FLAGS, *flags] for flags in messages]
    code = f"from seqgan_tf.main import main; print([main(call) for call in {calls}])"
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True, text=True
    )
    assert process.stdout == "[2, 2, 2]\n"
    for line, message in zip(process.stderr.splitlines(), messages.values(), strict=True):
        assert line.startswith(f"error: {message}")
    assert not list(tmp_path.iterdir())


SLURM = {
    **{"SLURM_STEP_NUM_TASKS": "3", "SLURM_PROCID": "1", "SLURM_STEP_NODELIST": "node[9-10]"},
    "SLURM_STEP_TASKS_PER_NODE": "2,1",
}


def test_a_slurm_step_says_who_the_workers_are(monkeypatch):
    for name, value in SLURM.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert devices._workers(8888) == ({"worker": ["node9:8888", "node9:8889", "node10:8888"]}, "worker", 1)
    found = []
    for job in ("77", "78", ""):  # two jobs on one host must not meet
        monkeypatch.setenv("SLURM_JOB_ID", job)
        found.append([int(address.split(":")[1]) for address in devices._workers(0)[0]["worker"]])
    assert found[0] == [12077, 12078, 12077] and found[1][0] == 12078 and found[2][0] == 12000
    for tasks in ("1", ""):
        monkeypatch.setenv("SLURM_STEP_NUM_TASKS", tasks)
        assert devices._workers(0) is None


def test_a_worker_has_all_its_gpus(monkeypatch):
    asked = []
    monkeypatch.setattr(devices, "meet", lambda *arguments: asked.append(arguments))
    monkeypatch.setattr(devices.tf.distribute, "MultiWorkerMirroredStrategy", lambda resolver: resolver)
    resolver = devices._multiworker({"chief": ["a:1"], "worker": ["b:2", "c:3"]}, "worker", 1, 4, 7.0)
    assert asked == [(["a:1", "b:2", "c:3"], 2, 7.0)]
    assert resolver.num_accelerators() == {"GPU": 4} and (resolver.task_type, resolver.task_id) == ("worker", 1)


def test_one_device_needs_no_strategy():
    assert devices.make_strategy("mirrored", cpu_devices=1) is tf.distribute.get_strategy()
    assert devices.make_strategy("auto") is tf.distribute.get_strategy()


def test_tf_config_says_who_the_workers_are(monkeypatch):
    jobs = {"chief": ["a:1"], "worker": ["b:2", "c:3"]}
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": jobs, "task": {"type": "worker", "index": 1}}))
    assert devices._workers(0) == (jobs, "worker", 1)
    monkeypatch.setenv(
        "TF_CONFIG", json.dumps({"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 0}})
    )
    assert devices._workers(0) is None


@pytest.mark.parametrize("text", ["", " ", "{}", '{"cluster": {}}', "{ }"])
def test_a_tf_config_that_names_no_worker_is_one_machine(text, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", text)
    assert devices.make_strategy("auto") is tf.distribute.get_strategy()


def test_with_strategy_one_nothing_is_read(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", "{nonsense")
    for name, value in SLURM.items():
        monkeypatch.setenv(name, value)
    assert devices.make_strategy("one") is tf.distribute.get_strategy()
