"""Processes: command lines of this program, several at once, each with a log of its own."""

import dataclasses
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from seqgan_tf.runs.progress import Progress

POLL_SECONDS, SHOW_SECONDS = 0.5, 5.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclasses.dataclass(frozen=True)
class Task:
    """One command line.

    Attributes:
      name: what it is called.
      words: the command and its flags.
      log: pathlib.Path of the file that takes what it prints.
      work: how much it has to do, in any unit that all tasks share.
      work_done: () -> how much of that is done.
      is_ready: () -> whether it can start.
    """

    name: str
    words: tuple[str, ...]
    log: pathlib.Path
    work: float
    work_done: Callable[[], float]
    is_ready: Callable[[], bool] = lambda: True


class Interrupted(Exception):
    """A signal has stopped all. args: (signal number,)."""


def run_all(title, tasks, jobs):
    """Runs tasks, `jobs` of them at once, in their order as far as they are ready.

    A task that fails does not stop the others, but a task that is not ready by then counts as failed too.

    Args:
      title: what the progress is called.
      tasks: list of Task.
      jobs: int.

    Returns:
      The failed ones, a dict of name -> why, with the last line of its log.

    Raises:
      Interrupted: after one of SIGNALS; the processes, which get a SIGTERM and save all upon it, have ended. A second
        signal kills them.
    """
    waiting, running, failed = list(tasks), {}, {}
    caught = []

    def note(number, _):
        caught.append(number)
        for process in running.values() if len(caught) > 1 else ():  # somebody does not want to wait
            process.kill()

    before = {number: signal.signal(number, note) for number in SIGNALS}
    total = sum(task.work for task in tasks)
    first = shown = sum(task.work_done() for task in tasks)
    due = time.monotonic()
    try:
        with Progress(title, total, first) as progress:
            while (waiting or running) and not caught:
                for task in list(waiting):
                    if len(running) < jobs and task.is_ready():
                        waiting.remove(task)
                        running[task] = _start(task)
                for task, process in list(running.items()):
                    if process.poll() is None:
                        continue
                    del running[task]
                    if process.returncode:
                        failed[task.name] = f"exit code {process.returncode}: {last_line(task.log)}"
                    due = 0.0
                    done = len(tasks) - len(waiting) - len(running) - len(failed)
                    progress.report(
                        f"{task.name}: {'failed' if process.returncode else 'done'}; {done} of "
                        f"{len(tasks)} done, {len(running)} running"
                    )
                if not running and waiting and not any(task.is_ready() for task in waiting):
                    failed |= {task.name: "what it starts from is missing" for task in waiting}
                    break
                if time.monotonic() > due:
                    done = sum(task.work_done() for task in tasks)
                    progress.advance(done - shown)
                    shown, due = done, time.monotonic() + SHOW_SECONDS
                time.sleep(POLL_SECONDS)
    finally:
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        for process in running.values():
            process.wait()
        for number, handler in before.items():
            signal.signal(number, handler)
    if caught:
        raise Interrupted(caught[0])
    return failed


def _start(task):
    task.log.parent.mkdir(parents=True, exist_ok=True)
    # A GPU's memory is not taken as a whole by one of several; a signal to this process is not one to those.
    variables = {"TF_FORCE_GPU_ALLOW_GROWTH": "true"} | os.environ
    with open(task.log, "a") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "seqgan_tf.main", *task.words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=variables,
            start_new_session=True,
        )


def last_line(log):
    """The last line of a file that is not empty."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it printed nothing"
