"""Files and folders that take their name only when they are whole, and signal handlers that come back."""

import contextlib
import json
import os
import pathlib
import shutil
import signal


def check_new(output):
    """Raises ValueError unless --output, "" for none, is new and can be written: before the work for it begins."""
    if not output:
        return
    if os.path.exists(output):
        raise ValueError(f"--output is {output}, which is there already; allowed is a new name.")
    folder = next(parent for parent in pathlib.Path(output).absolute().parents if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise ValueError(f"--output must be a name in a folder that can be written, got {output}.")


def write_file(path, content):
    """Writes bytes to a file whole or not at all; replaces what was there."""
    temporary = path.with_name(path.name + ".new")
    temporary.write_bytes(content)
    os.replace(temporary, path)


def write_json(path, content):
    """Writes a JSON file whole or not at all."""
    write_file(path, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())


@contextlib.contextmanager
def new_folder(path):
    """Yields a temporary folder that takes the place of `path` when the body ends, and vanishes if it fails."""
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
    """Yields a path to write the user's --output at, a file or a folder; it takes its own name at the end.

    Folders around it are made; if the body fails or a signal ends the process, nothing stays. An OSError becomes a
    ValueError.
    """
    path = pathlib.Path(output).absolute()
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    made = [folder for folder in path.parents if not folder.exists()]

    def clean_up():
        shutil.rmtree(temporary, ignore_errors=True)
        for remove in (temporary.unlink, *(folder.rmdir for folder in made)):
            with contextlib.suppress(OSError):  # it is not there, or something is in it
                remove()

    def end(number, _):
        # At once: an exception may come out of TensorFlow as another one or not at all.
        clean_up()
        said = f"\nStopped by {signal.Signals(number).name}; nothing is left of what was half written.\n"
        os.write(2, said.encode())
        os._exit(128 + number)

    with handled_signals(end):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
            os.replace(temporary, path)
        except OSError as error:
            raise ValueError(
                f"--output must be a name in a folder that can be written, got {output} ({error.strerror})."
            ) from error
        finally:
            clean_up()


@contextlib.contextmanager
def handled_signals(handler, numbers=(signal.SIGINT, signal.SIGTERM)):
    """Lets handler(number, frame) answer signals inside the body; yields the handlers before, a dict by number."""
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield before
    finally:
        for number, old in before.items():
            signal.signal(number, old)
