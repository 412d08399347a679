"""Rendezvous: workers wait for each other before TensorFlow does, and say who is missing."""

import contextlib
import socket
import time

GREETING = "seqgan_tf worker "


def meet(addresses, own, timeout):
    """Waits until all workers are there, before TensorFlow listens at their addresses.

    TensorFlow itself would wait forever in silence; and it would treat a restarted worker as broken until the others
    notice that it was gone.

    Args:
      addresses: "host:port" of all, the chief's first.
      own: int, which of them is this process's.
      timeout: seconds.

    Raises:
      ValueError: if the own port is in use, or some are not there in time, naming them.
    """
    deadline = time.monotonic() + timeout
    port = int(addresses[own].rsplit(":", 1)[1])
    try:
        listener = socket.create_server(("", port))
    except OSError as error:
        raise ValueError(
            f"{addresses[own]} is this worker's address, and cannot be listened at ({error.strerror}); allowed is a "
            "free port."
        ) from error
    with listener:
        missing = _gather(listener, addresses, deadline) if own == 0 else _report(addresses, own, deadline)
    if missing:
        raise ValueError(
            f"--worker_timeout is {timeout:g}, and in so many seconds {', '.join(missing)} could not be reached; "
            "allowed are workers that are all started, with the same addresses in the same order."
        )


def _gather(listener, addresses, deadline):
    """The chief waits for a line from each of the others, then answers all of them; returns who has not come."""
    there = {}
    while len(there) < len(addresses) - 1 and time.monotonic() < deadline:
        listener.settimeout(0.2)
        with contextlib.suppress(OSError, ValueError):
            connection, _ = listener.accept()
            connection.settimeout(2)
            there[int(connection.recv(100).decode().removeprefix(GREETING))] = connection
        for index in [index for index, connection in there.items() if _is_closed(connection)]:
            del there[index]
    missing = [address for index, address in enumerate(addresses) if index and index not in there]
    for connection in there.values():
        with connection, contextlib.suppress(OSError):
            if not missing:
                connection.sendall(GREETING.encode())
    return missing


def _report(addresses, own, deadline):
    """The others tell the chief that they are there until it says that all are; returns whom they could not reach."""
    host, port = addresses[0].rsplit(":", 1)
    while (left := deadline - time.monotonic()) > 0:
        # Something else may listen there: TensorFlow of a chief that has not noticed yet that this worker was gone.
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=left) as chief:
            chief.sendall(f"{GREETING}{own}".encode())
            if chief.recv(100) == GREETING.encode():
                return []
        time.sleep(0.2)
    return [addresses[0]]


def _is_closed(connection):
    """Whether the other side has closed a connection on which it says nothing more."""
    connection.setblocking(False)
    try:
        return not connection.recv(1)
    except BlockingIOError:
        return False
    except OSError:
        return True
