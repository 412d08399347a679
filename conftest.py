"""For the tests in tests/ and for the examples in docstrings, which are doctests."""

import gc
import os

import pytest

from seqgan_tf.main import QUIET_AND_FAST

# Before anything imports TensorFlow, as on the command line. oneDNN, the default on some processors, changes the last
# bits of numbers depending on what the process has done before, and so between whole and resumed runs.
os.environ |= {key: os.environ.get(key, value) for key, value in QUIET_AND_FAST.items()}
gc.disable()  # until all modules are imported, as on the command line


def pytest_collection_finish():
    """Excludes what has been imported from garbage collection."""
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def registries_restored(request):
    """Removes what an example has registered as a reward, an objective or a cell."""
    names = getattr(getattr(request.node, "dtest", None), "globs", {})
    registries = [names[name] for name in ("REWARDS", "OBJECTIVES", "CELLS") if name in names]
    before = [dict(registry) for registry in registries]
    yield
    for registry, entries in zip(registries, before, strict=True):
        registry.clear()
        registry.update(entries)
