import os
import signal
import threading
import time

import pytest
from command import ROOT

from seqgan_tf.studies.scheduler import Interrupted, Task, last_line, run_all


@pytest.fixture(autouse=True)
def path(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def task(tmp_path, name, words=("--help",), is_ready=lambda: True):
    log = tmp_path / "logs" / f"{name}.txt"
    return Task(name, tuple(words), 1.0, lambda: float(log.exists()), is_ready)


def test_tasks_start_in_order_when_they_are_ready_and_each_has_its_log(tmp_path, capsys):
    first = task(tmp_path, "first")
    logs = tmp_path / "logs"
    log = logs / "first.txt"
    waits = task(tmp_path, "waits", is_ready=lambda: log.exists() and "Presets" in log.read_text())
    assert run_all("some", [waits, first, task(tmp_path, "third")], 2, logs) == {}
    assert all(
        "Flags of train" in (tmp_path / "logs" / f"{name}.txt").read_text() for name in ("first", "waits", "third")
    )
    lines = capsys.readouterr().err.splitlines()
    assert (
        len(lines) == 3 and "3 of 3 done, 0 running" in lines[-1] and all(line.startswith("some") for line in lines)
    )


def test_a_failure_is_told_and_stops_no_other(tmp_path, capsys):
    bad = task(tmp_path, "bad", ["nonsense"])
    never = task(tmp_path, "never", is_ready=lambda: False)
    failed = run_all("some", [bad, task(tmp_path, "good"), never], 1, tmp_path / "logs")
    assert set(failed) == {"bad", "never"} and failed["never"] == "a run that it needs is missing"
    assert failed["bad"].startswith("exit code 2: error: ") and "'nonsense'" in failed["bad"]
    assert "Flags of train" in (tmp_path / "logs/good.txt").read_text()
    assert "bad: failed; 0 of 3 done" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_processes_and_is_raised(tmp_path, number):
    slow = task(tmp_path, "slow", ["train", "--preset=paper", f"--run={tmp_path}/run"])
    before = signal.getsignal(number)
    never = task(tmp_path, "later", is_ready=lambda: False)
    threading.Timer(0.5, lambda: os.kill(os.getpid(), number)).start()
    start = time.monotonic()
    with pytest.raises(Interrupted) as stop:
        run_all("some", [slow, never], 1, tmp_path / "logs")
    assert stop.value.args == (number,) and time.monotonic() - start < 20
    assert signal.getsignal(number) is before


def test_the_last_line_of_a_log(tmp_path):
    (tmp_path / "log").write_bytes(b"one\ntwo \xff\n\n")
    assert last_line(tmp_path / "log") == "two \ufffd"
    (tmp_path / "log").write_text("")
    assert last_line(tmp_path / "log") == "no output"
