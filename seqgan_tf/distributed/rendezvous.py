"""Rendezvous: workers wait for each other before TensorFlow does, and say who is missing."""

import contextlib
import select
import socket
import time

GREETING = "seqgan_tf worker "


def meet(addresses, own, timeout):
    """Waits, `timeout` seconds at most, until all workers are there, before TensorFlow listens at their addresses.

    TensorFlow itself would wait forever in silence; and it would treat a restarted worker as broken until the others
    notice that it was gone. Addresses are "host:port", the chief's first; own: which of them is this process's.
    ValueError names an own port that is in use, or the workers who are not there in time.
    """
    deadline = time.monotonic() + timeout
    try:
        listener = socket.create_server(("", int(addresses[own].rsplit(":", 1)[1])))
    except OSError as error:
        said = f"this worker's address {addresses[own]} cannot be listened at ({error.strerror})."
        raise ValueError(said) from error
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
    while len(there) < len(addresses) - 1 and (left := deadline - time.monotonic()) > 0:
        ready = select.select([listener, *there.values()], [], [], left)[0]
        # They say nothing more: what can be read of a connection now is its end.
        there = {index: connection for index, connection in there.items() if connection not in ready}
        if listener in ready:
            with contextlib.suppress(OSError, ValueError):
                connection = listener.accept()[0]
                connection.settimeout(2)
                there[int(connection.recv(100).decode().removeprefix(GREETING))] = connection
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
