"""The command line as a user meets it: in processes of its own, by exit codes, messages and files."""

import contextlib
import dataclasses
import os
import pickle
import pty
import shlex
import signal
import subprocess
import sys
import termios
import time

import matplotlib.image
import numpy as np
import pytest
from command import command, environment, here, one_error_line, records, seqgan

from seqgan_tf.config import PRESETS, Config
from seqgan_tf.main import main

pytestmark = pytest.mark.slow

SMALL = ("--preset=smoke", "--train_size=24", "--eval_samples=16", "--heldout_size=16")
OFTEN_SAVED = (*SMALL, "--checkpoint_seconds=0.1")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a finished run of SMALL, and its process."""
    folder = tmp_path_factory.mktemp("finished")
    process = seqgan(folder, *SMALL)
    assert process.returncode == 0, process.stderr
    return folder / "runs" / "smoke", process


def test_a_run_leaves_every_file(finished):
    run, process = finished
    assert {path.name for path in run.iterdir()} == {
        *("config.json", "environment.json", "metrics.jsonl", "checkpoints", "models", "tensorboard", "samples"),
        *("learning_curve.png", "lock"),
    }
    assert (run / "checkpoints" / "checkpoint").exists()
    assert any(path.stat().st_size > 1000 for path in (run / "tensorboard").iterdir())
    lines = records(run)
    assert [(line["phase"], line["iteration"]) for line in lines] == [
        *[("mle", epoch) for epoch in (0, 2, 4)],
        *[("discriminator", d_round) for d_round in (1, 2)],
        *[("adversarial", iteration) for iteration in (1, 2, 3)],
    ]
    for line in lines:
        assert line["phase"] == "discriminator" or {"nll_oracle", "nll_test", "entropy"} <= set(line)
    assert (run / "samples" / "adversarial-00003.txt").read_text().count("\n") == 10
    picture = matplotlib.image.imread(run / "learning_curve.png")
    assert picture.shape[1] == 1200 and picture.std() > 0.05
    last = lines[-1]
    row = next(line for line in process.stdout.splitlines() if line.startswith("SeqGAN, last (iteration 3)"))
    assert row.split()[-3:] == [f"{last[name]:.3f}" for name in ("nll_oracle", "nll_test", "entropy")]
    for start in (
        "Random",
        "MLE (epoch 4)",
        "SeqGAN, best",
        "Real data",
        "For any number of samples",
        "Learning curves: runs/smoke",
    ):
        assert any(line.startswith(start) for line in process.stdout.splitlines()), start


def test_the_terminal_shows_the_programs_own_plain_lines_only(finished):
    lines = finished[1].stderr.splitlines()
    assert lines[0].startswith("Training in runs/smoke; to watch it: ")
    assert [line.split()[0] for line in lines[1:]] == ["mle"] * 2 + ["discriminator"] * 2 + ["adversarial"] * 3
    assert all(line.endswith("left)") and line.isprintable() for line in lines[1:])


@pytest.fixture(scope="module")
def on_a_terminal(tmp_path_factory):
    """The run folder of the same command, and what it has shown on a terminal."""
    folder = tmp_path_factory.mktemp("terminal")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 120))
    process = subprocess.Popen(command(*SMALL), cwd=folder, env=environment(), stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # raised at the end of the output
        while part := os.read(ours, 4096):
            shown += part
    os.close(ours)
    assert process.wait() == 0
    return folder / "runs" / "smoke", shown.decode()


def test_on_a_terminal_each_phase_is_one_line_with_a_bar(on_a_terminal):
    lines = on_a_terminal[1].replace("\r\n", "\n").split("\n")
    assert lines[0].startswith("Training in")
    for line, phase in zip(lines[1:4], ("mle", "discriminator", "adversarial"), strict=True):
        last = line.split("\r")[-1]
        assert last.startswith(phase) and "100%" in last and "left" in last
    assert lines[4].split() == ["nll_oracle", "nll_test", "entropy"]


def test_the_same_command_gives_the_same_numbers(finished, on_a_terminal):
    assert records(on_a_terminal[0]) == records(finished[0])


def interrupt(folder, number, num_records):
    """Starts a run and sends it a signal once it has num_records records; returns its exit code and stderr."""
    metrics = folder / "runs" / "smoke" / "metrics.jsonl"
    process = subprocess.Popen(
        command(*OFTEN_SAVED),
        cwd=folder,
        env=environment(),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 300
    while not metrics.exists() or metrics.read_text().count("\n") < num_records:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=300)
    return process.returncode, stderr


def test_killed_or_stopped_a_run_is_resumed_and_ends_with_the_same_numbers(finished, tmp_path):
    """Stopped by both signals, in MLE and in D's pre-training, and killed in adversarial training."""
    for number, code, num_records, where in (
        (signal.SIGINT, 130, 2, "of the mle phase"),
        (signal.SIGTERM, 143, 5, "of the discriminator phase"),
        (signal.SIGKILL, -9, 6, None),
    ):
        found, stderr = interrupt(tmp_path, number, num_records)
        assert found == code
        if where:
            last = stderr.splitlines()[-1]
            assert last.startswith(f"Stopped by {number.name} after ") and where in last and "Traceback" not in stderr
            again = shlex.split(last.split("To resume: ")[1])
            assert (tmp_path / again[0]).samefile(sys.executable) and again[1:] == command(*OFTEN_SAVED)[1:]
    process = seqgan(tmp_path, *OFTEN_SAVED)
    assert process.returncode == 0, process.stderr
    assert process.stderr.startswith("Resuming runs/smoke, after ")
    assert "iteration 3/3" in process.stderr and "epoch 2/4" not in process.stderr  # it did not begin anew
    assert records(tmp_path / "runs" / "smoke") == records(finished[0])


def test_a_diverged_run_keeps_its_checkpoint_and_says_so(tmp_path):
    process = here(tmp_path, *SMALL, "--mle_epochs=1", "--d_rounds=1", "--pg_learning_rate=1e38")
    assert process.returncode == 1
    last = process.stderr.splitlines()[-1]
    assert last.startswith("Training diverged ") and "Traceback" not in process.stderr
    assert "last good checkpoint is in runs/smoke/checkpoints" in last
    assert (tmp_path / "runs" / "smoke" / "checkpoints" / "checkpoint").exists()


class Hostile:
    def __reduce__(self):
        return os.mkdir, ("made",)


def oracle_arrays(hidden_dim=3):
    gate = [(2, hidden_dim), (hidden_dim, hidden_dim), (hidden_dim,)]
    shapes = [(50, 2), *gate * 4, (hidden_dim, 50), (50,)]
    return [np.zeros(shape, np.float32) for shape in shapes]


@pytest.fixture
def bad_files(tmp_path):
    """A folder with a file for each way in which an oracle file can be bad."""
    whole = pickle.dumps(oracle_arrays())
    wrong = [*oracle_arrays()[:-1], np.zeros([49], np.float32)]
    contents = {"truncated": whole[:100], "hostile": pickle.dumps([Hostile()]), "wrong": pickle.dumps(wrong)}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


BAD_FLAGS = [
    (
        ["--preset=large"],
        "--preset must be one of quick, paper, best_teacher, best_teacher_2, best, smoke, poems, ",
    ),
    (
        ["train", "--run", "report", "--preset=large"],
        "speeches, speeches_paper, got 'large'.",
    ),  # a folder with the name of a command
    (["--num_rollout=4"], "Unknown command line flag 'num_rollout'. Did you mean: num_rollouts"),
    (["--num_rollout", "4", "sample"], "Unknown command line flag 'num_rollout'"),
    (["dance"], "command must be one of train, experiment, benchmark, "),
    (["train", "benchmark"], ", list, followed by flags only, got 'train benchmark'"),
    (["experiment", "table9"], "experiment must be one of table1, "),
    (["--reward=praise"], "--reward must be one of discriminator, "),
    (["--objective=win"], "--objective must be one of reinforce, "),
    (["--g_cell=cage"], "--g_cell must be one of lstm, gru"),
    (["--reward=no_such_module:reward"], "which cannot be imported (ModuleNotFoundError"),
    (["--run="], "--run must be a name, got ''; leave the flag out"),
    (["sample", "--num=3000000000", "--run=x"], "--num must be between 1 and 2147483647, got 3000000000"),
    (["sample", "--temperature=200", "--run=x"], "--temperature must be 0 or between 0.01 and 100, got 200.0"),
    (["sample"], "--run must be a run folder, got none; for example: "),
    (["--num_rollouts=0"], "--num_rollouts must be at least 1, got 0"),
    (["--num_rollouts=four"], "--num_rollouts must be an integer, got 'four'"),
    (["--batch_size=0"], "--batch_size must be at least 1, got 0"),
    (
        ["--max_length=3", "--d_filter_widths=4", "--d_filter_counts=4"],
        "--d_filter_widths must be 3 (--max_length) or less",
    ),
    (["--batch_size=10001"], "--batch_size must be between 1 and 10000 (--train_size), got 10001"),
    (["--d_filter_widths=1,two"], "--d_filter_widths must be whole numbers separated by commas, got 1,two"),
    (["--mle_learning_rate=nan"], "--mle_learning_rate must be finite, got nan"),
]


@pytest.mark.parametrize(("args", "message"), BAD_FLAGS, ids=lambda value: " ".join(value)[:30])
def test_bad_flags_get_one_line(args, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["main", *args]) == 2
    captured = capsys.readouterr()
    assert message in one_error_line(captured.err) and captured.out == ""
    assert not list(tmp_path.iterdir())


BAD_FILES = [
    (["--oracle_file=missing"], "--oracle_file: missing must be a parameter file or its URL, but cannot be read"),
    (["--oracle_file=truncated"], "--oracle_file: truncated must have SHA-256"),
    (["--oracle_file=truncated", "--oracle_sha256="], "--oracle_file: truncated must be a parameter file"),
    (["--oracle_file=hostile", "--oracle_sha256="], "may contain NumPy arrays only"),
    (["--oracle_file=wrong", "--oracle_sha256="], "--oracle_file: wrong must have arrays of shapes"),
    (["--run=hostile"], "--run must be a folder that can be written, on a disk with free space, got hostile ("),
    (["--run=hostile/run"], "on a disk with free space, got hostile/run ("),
    (["--run=."], "--run must be a run folder, a new folder or an empty one, got ."),
]


@pytest.mark.parametrize(("args", "message"), BAD_FILES, ids=lambda value: " ".join(value)[:30])
def test_bad_files_and_folders_get_one_line_and_nothing_is_written(args, message, capsys, bad_files, monkeypatch):
    monkeypatch.chdir(bad_files)
    before = {path: path.read_bytes() for path in bad_files.iterdir()}
    assert main(["main", *SMALL, *args]) == 2
    captured = capsys.readouterr()
    assert message in one_error_line(captured.err) and captured.out == ""
    assert {path: path.read_bytes() for path in bad_files.iterdir()} == before


def test_bad_input_in_a_process_of_its_own(tmp_path):
    for args in (["--preset=large"], [*SMALL, "--oracle_file=missing"]):
        process = seqgan(tmp_path, *args)
        assert process.returncode == 2
        one_error_line(process.stderr)


def test_a_folder_of_another_configuration_is_refused(finished):
    process = here(finished[0].parents[1], *SMALL, "--seed=4")
    assert process.returncode == 2
    assert "which differs in seed (there 0, here 4)" in one_error_line(process.stderr)


def test_help_names_every_flag_and_does_not_wait_for_tensorflow(tmp_path):
    code = "import sys; from seqgan_tf.main import main; main(['main', '--help']); print('tensorflow' in sys.modules)"
    process = subprocess.run(
        [sys.executable, "-c", code], env=environment(), cwd=tmp_path, capture_output=True, text=True, check=True
    )
    for name in (*filter(Config.is_flag, Config.__dataclass_fields__), "preset", "run", "help"):
        assert f"  --{name}: " in process.stdout, name
    for name in PRESETS:
        assert f"python -m seqgan_tf.main --preset={name}" in process.stdout
    assert "One of words, characters, spaces.\n" in process.stdout and "uses_discriminator" not in process.stdout
    assert process.stdout.endswith("False\n") and process.stderr == ""


def test_help_into_a_pager_that_is_closed_early_ends_quietly(tmp_path):
    shell = f"{shlex.join(command('--help'))} | true"
    process = subprocess.run(shell, shell=True, env=environment(), cwd=tmp_path, capture_output=True, text=True)
    assert process.stderr == ""


def test_benchmark_prints_all_pieces_and_presets(capsys, monkeypatch):
    tiny = {"smoke": PRESETS["smoke"], "other": dataclasses.replace(PRESETS["smoke"], batch_size=4)}
    monkeypatch.setattr("seqgan_tf.studies.benchmark.PRESETS", tiny)  # the paper's sizes take a minute
    assert main(["main", "benchmark", "--preset=smoke"]) == 0
    captured = capsys.readouterr()
    for start in ("Matrix products", "10,000 sequences sampled", "8 MLE steps", "16 D steps"):
        assert any(line.startswith(start) for line in captured.out.splitlines()), start
    for name in tiny:
        assert any(line.startswith(f"  {name} ") for line in captured.out.splitlines()), name
