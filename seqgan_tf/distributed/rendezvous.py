"""Rendezvous: workers wait for each other before TensorFlow starts, and report who is missing."""

import contextlib
import select
import socket
import time

GREETING = "seqgan_tf worker "


def meet(addresses, own, timeout):
    """Waits until all workers are ready, before TensorFlow uses their addresses.

    TensorFlow itself would wait forever without a message. It would also treat a restarted worker as failed until the
    others notice that it was gone.

    Args:
      addresses: list of "host:port", the chief's first.
      own: index of the address of this process.
      timeout: seconds to wait at most.

    Raises:
      ValueError: if the port of this process is in use, or naming the workers that are not ready in time.
    """
    deadline = time.monotonic() + timeout
    try:
        listener = socket.create_server(("", int(addresses[own].rsplit(":", 1)[1])))
    except OSError as error:
        raise ValueError(
            f"The address of this worker must be free, got {addresses[own]} ({error.strerror})."
        ) from error
    with listener:
        missing = _gather(listener, addresses, deadline) if own == 0 else _report(addresses, own, deadline)
    if missing:
        raise ValueError(
            f"All workers must be started within --worker_timeout={timeout:g} seconds, with the same addresses in "
            f"the same order; no answer from {', '.join(missing)}."
        )


def _gather(listener, addresses, deadline):
    """Waits, as the chief, for a greeting from each worker and then answers all; returns the missing addresses."""
    connections = {}  # by index of the worker
    while len(connections) < len(addresses) - 1 and (left := deadline - time.monotonic()) > 0:
        ready = select.select([listener, *connections.values()], [], [], left)[0]
        # Workers send nothing after the greeting, so a readable connection has been closed.
        connections = {index: connection for index, connection in connections.items() if connection not in ready}
        if listener in ready:
            with contextlib.suppress(OSError, ValueError):
                connection = listener.accept()[0]
                connection.settimeout(2)
                connections[int(connection.recv(100).decode().removeprefix(GREETING))] = connection
    missing = [address for index, address in enumerate(addresses) if index and index not in connections]
    for connection in connections.values():
        with connection, contextlib.suppress(OSError):
            if not missing:
                connection.sendall(GREETING.encode())
    return missing


def _report(addresses, own, deadline):
    """Greets the chief until it answers that all workers are ready; returns its address if it does not in time."""
    host, port = addresses[0].rsplit(":", 1)
    while (left := deadline - time.monotonic()) > 0:
        # TensorFlow may still listen there, on a chief that has not noticed yet that this worker was gone.
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=left) as chief:
            chief.sendall(f"{GREETING}{own}".encode())
            if chief.recv(100) == GREETING.encode():
                return []
        time.sleep(0.2)
    return [addresses[0]]
