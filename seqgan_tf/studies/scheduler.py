"""Scheduler: runs several commands of this program at once, each with its own log."""

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from seqgan_tf.files import handled_signals
from seqgan_tf.runs.progress import Progress

POLL_SECONDS, SHOW_SECONDS = 0.5, 5.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclasses.dataclass(frozen=True)
class Task:
    """One command to run."""

    name: str
    words: tuple[str, ...]  # the command and its flags
    work: float  # total work, in a unit that all tasks share
    work_done: Callable[[], float]  # work done so far
    is_ready: Callable[[], bool] = lambda: True  # whether it can start


class Interrupted(Exception):
    """All tasks were stopped by a signal. args: (signal number,)."""


def run_all(title, tasks, jobs, logs):
    """Runs tasks in parallel, each as soon as it is ready.

    A task that fails does not stop the others. Tasks that never become ready count as failed.

    Args:
      title: str, shown with the progress.
      tasks: list of Task; earlier ones are preferred.
      jobs: maximum number of tasks at once.
      logs: path of a folder; the output of a task is in LOGS/NAME.txt.

    Returns:
      dict of name -> reason for the failed tasks, with the last line of the log.

    Raises:
      Interrupted: after one of SIGNALS; all processes have saved and ended, or a second signal has killed them.
    """
    waiting, running, failed, caught = list(tasks), {}, {}, []
    shown, due = sum(task.work_done() for task in tasks), time.monotonic()

    def note(number, _):
        caught.append(number)
        for process in running.values() if len(caught) > 1 else ():  # after a second signal, do not wait
            process.kill()

    total = sum(task.work for task in tasks)
    with handled_signals(note, SIGNALS), _ended(running), Progress(title, total, shown) as progress:
        while (waiting or running) and not caught:
            for task in list(waiting):
                if len(running) < jobs and task.is_ready():
                    running[task] = _started(task, logs / f"{task.name}.txt")
                    waiting.remove(task)
            if not running:
                failed |= dict.fromkeys((task.name for task in waiting), "a run that it needs is missing")
                break
            for task in [task for task, process in running.items() if process.poll() is not None]:
                code = running.pop(task).returncode
                if code:
                    failed[task.name] = f"exit code {code}: {last_line(logs / f'{task.name}.txt')}"
                done = len(tasks) - len(waiting) - len(running) - len(failed)
                words = f"{done} of {len(tasks)} done, {len(running)} running"
                progress.report(f"{task.name}: {'failed' if code else 'done'}; {words}")
                due = 0.0
            if time.monotonic() > due:
                done = sum(task.work_done() for task in tasks)
                progress.advance(done - shown)
                shown, due = done, time.monotonic() + SHOW_SECONDS
            time.sleep(POLL_SECONDS)
    if caught:
        raise Interrupted(caught[0])
    return failed


@contextlib.contextmanager
def _ended(running):
    """Terminates the processes that are still running at the end of the context."""
    try:
        yield
    finally:
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        for process in running.values():
            process.wait()


def _started(task, path):
    # Tasks may share the memory of a GPU. In sessions of their own they do not receive the signals for this process.
    variables = {"TF_FORCE_GPU_ALLOW_GROWTH": "true"} | os.environ
    words = [sys.executable, "-m", "seqgan_tf.main", *task.words]
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a") as log:
        return subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=variables, start_new_session=True
        )


def last_line(log):
    """Returns the last non-empty line of a file, a Path."""
    return (log.read_text(errors="replace").strip().splitlines() or ["no output"])[-1].strip()
