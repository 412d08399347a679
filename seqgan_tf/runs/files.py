"""Output: a file or folder that takes its name only when it is whole."""

import contextlib
import os
import pathlib
import shutil
import signal


def check_new(output):
    """Says at once that an output could not be written, not after minutes of work.

    Raises:
      ValueError: naming the flag and what is allowed.
    """
    if not output:
        return
    if os.path.exists(output):
        raise ValueError(f"--output is {output}, which is there already; allowed is a new name.")
    folder = next(parent for parent in pathlib.Path(output).absolute().parents if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise ValueError(f"--output is {output}, which cannot be written; allowed is a name in a folder that can.")


@contextlib.contextmanager
def whole(output):
    """Yields a path to write a file or a folder at; what is there takes its own name at the end.

    If the body is left by an exception, or a signal ends the process, nothing stays.

    Args:
      output: the name; the folders around it are made.

    Raises:
      ValueError: if it cannot be written, naming the flag.
    """
    path = pathlib.Path(output).absolute()
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    made = [folder for folder in path.parents if not folder.exists()]

    def give_up():
        if temporary.is_dir():
            shutil.rmtree(temporary)
        elif temporary.exists():
            temporary.unlink()
        for folder in made:
            with contextlib.suppress(OSError):  # somebody else has put something there, or it was not made
                folder.rmdir()

    try:
        with _called_on_signals(give_up):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                yield temporary
                os.replace(temporary, path)
            except BaseException:
                give_up()
                raise
    except OSError as error:
        why = f"which cannot be written ({error.strerror}); allowed is a name in a folder that can"
        raise ValueError(f"--output is {output}, {why}.") from error


@contextlib.contextmanager
def _called_on_signals(give_up):
    """SIGINT and SIGTERM call give_up() and end the process at once.

    An exception instead, in the middle of whatever is running, can come out of TensorFlow as another one or not at
    all.
    """

    def end(number, _):
        give_up()
        name = signal.Signals(number).name
        os.write(2, f"\nStopped by {name}; nothing is left of what was half written.\n".encode())
        os._exit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
