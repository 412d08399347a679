"""Files: write files and folders completely or not at all, and restore signal handlers."""

import contextlib
import json
import os
import pathlib
import shutil
import signal


def check_new(output):
    """Checks --output before the work for it begins: raises ValueError unless it is new and can be written, or ""."""
    if not output:
        return
    if os.path.exists(output):
        raise ValueError(f"--output must be a new file or folder, got {output}, which already exists.")
    folder = next(parent for parent in pathlib.Path(output).absolute().parents if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise ValueError(f"--output must be in a folder that can be written, got {output}.")


def write_file(path, content):
    """Writes bytes to a file, completely or not at all; replaces an existing file."""
    temporary = path.with_name(path.name + ".new")
    temporary.write_bytes(content)
    os.replace(temporary, path)


def write_json(path, content):
    """Writes a JSON file, completely or not at all; replaces an existing file."""
    write_file(path, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())


@contextlib.contextmanager
def new_folder(path):
    """Yields a temporary folder that replaces `path` when the body ends, and is removed if the body fails."""
    temporary = path.with_name(path.name + ".new")
    for old in (temporary, path):
        shutil.rmtree(old, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextlib.contextmanager
def whole(output):
    """Yields a temporary path for --output, a file or a folder, which is renamed to `output` at the end.

    Creates the parent folders. If the body fails or a signal ends the process, nothing is left behind.

    Raises:
      ValueError: instead of an OSError in the body.
    """
    path = pathlib.Path(output).absolute()
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    made = [folder for folder in path.parents if not folder.exists()]

    def clean_up():
        shutil.rmtree(temporary, ignore_errors=True)
        for remove in (temporary.unlink, *(folder.rmdir for folder in made)):
            with contextlib.suppress(OSError):  # it does not exist, or is not empty
                remove()

    def end(number, _):
        # Ends at once, because TensorFlow may swallow an exception or turn it into another one.
        clean_up()
        message = f"\nStopped by {signal.Signals(number).name}; the incomplete output has been removed.\n"
        os.write(2, message.encode())
        os._exit(128 + number)

    with handled_signals(end):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
            os.replace(temporary, path)
        except OSError as error:
            raise ValueError(
                f"--output must be in a folder that can be written, got {output} ({error.strerror})."
            ) from error
        finally:
            clean_up()


@contextlib.contextmanager
def handled_signals(handler, numbers=(signal.SIGINT, signal.SIGTERM)):
    """Installs handler(number, frame) for signals inside the body; yields the previous handlers, a dict by number."""
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield before
    finally:
        for number, old in before.items():
            signal.signal(number, old)
