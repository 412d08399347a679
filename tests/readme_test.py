"""The README: short, and its commands work as they stand there, on a tiny run of the same name."""

import shlex

from command import LINES, ROOT, TINY, here

TEXT = (ROOT / "README.md").read_text()
COMMANDS = [shlex.split(line)[3:] for line in TEXT.splitlines() if line.startswith("    python -m seqgan_tf.main")]


def test_it_is_short():
    assert len(TEXT.encode()) <= 8192


def test_own_text_is_trained_on_sampled_and_exported(tmp_path):
    (tmp_path / "lines.txt").write_text(LINES)
    train, sample, export, serve = COMMANDS
    assert serve == ["serve", *train[-1:], "--port=8000"]  # docs_serving_test.py starts one
    process = here(tmp_path, *TINY, "--iterations=1", *train)
    assert process.returncode == 0, process.stderr
    process = here(tmp_path, *sample)
    lines = process.stdout.splitlines()
    assert process.returncode == 0 and len(lines) == 5 and all(line.startswith("the") for line in lines)
    process = here(tmp_path, *export)
    assert process.returncode == 0 and (tmp_path / "runs/mine/export/1/saved_model.pb").exists()
