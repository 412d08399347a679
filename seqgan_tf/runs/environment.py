"""Environment: the versions and the machine of a run, needed to reproduce its numbers."""

import datetime
import os
import pathlib
import platform
import re
import sys

import keras
import numpy as np
import tensorflow as tf

import seqgan_tf


def environment():
    """Returns versions, machine and date as a dict."""
    linux = pathlib.Path("/proc/cpuinfo")
    name = re.search(r"^model name\s*: (.*)", linux.read_text() if linux.exists() else "", re.MULTILINE)
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "seqgan_tf": seqgan_tf.__version__,
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "platform": f"{sys.platform} {platform.machine()}",
        "processor": name[1].strip() if name else platform.processor(),
        "cores": os.cpu_count(),
        "threads": tf.config.threading.get_intra_op_parallelism_threads() or os.cpu_count(),
        "gpus": len(tf.config.list_physical_devices("GPU")),
    }
