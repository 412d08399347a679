import signal
import subprocess
import sys

import pytest
from command import environment

from seqgan_tf import files


def test_a_file_takes_its_name_when_it_is_whole(tmp_path):
    with files.whole(tmp_path / "a" / "file") as path:
        path.write_text("half")
        assert not (tmp_path / "a" / "file").exists()
    assert [(file.name, file.read_text()) for file in (tmp_path / "a").iterdir()] == [("file", "half")]


def test_a_folder_too_and_nothing_stays_of_one_that_fails(tmp_path):
    with files.whole(tmp_path / "folder") as path:
        path.mkdir()
        (path / "1").touch()
    assert (tmp_path / "folder" / "1").exists()
    for make in (lambda path: path.mkdir(), lambda path: path.touch(), lambda path: None):
        with pytest.raises(ZeroDivisionError), files.whole(tmp_path / "other") as path:
            make(path)
            raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_what_cannot_be_written_is_said(tmp_path):
    (tmp_path / "there").touch()
    with (
        pytest.raises(ValueError, match="--output must be .* written, got .*/there/file"),
        files.whole(tmp_path / "there" / "file"),
    ):
        pass
    with pytest.raises(ValueError, match="--output must be a new file or folder, got .*, which already exists"):
        files.check_new(tmp_path / "there")
    files.check_new(tmp_path / "a" / "b")
    files.check_new("")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_removes_what_is_half_written(tmp_path, number):
    # Exceptions are swallowed here, as TensorFlow may do it with one that a signal's handler raises.
    code = f"""
import signal
from seqgan_tf import files
with files.whole({str(tmp_path / "a" / "b" / "folder")!r}) as path:
    path.mkdir()
    (path / "file").touch()
    try:
        signal.raise_signal({int(number)})
    except BaseException:
        pass
"""
    process = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True)
    assert process.returncode == 128 + number and not list(tmp_path.iterdir())
    assert process.stderr == f"\nStopped by {number.name}; the incomplete output has been removed.\n"


def test_handlers_come_back(tmp_path):
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with files.whole(tmp_path / "file") as path:
        path.touch()
        assert signal.getsignal(signal.SIGTERM) != before[0]
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
