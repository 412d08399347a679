"""The authors' file of oracle parameters, a pickle, read by an unpickler that can make nothing but NumPy arrays."""

import hashlib
import io
import os
import pickle
import re
import urllib.parse

import keras
import numpy as np

# github.com/LantaoYu/SeqGAN, save/target_params_py3.pkl
PUBLISHED_SHA256 = "5ac794a695dd6e0eb2bb689f3dfda55e4e0053e8c0399e6242630a95f1e60e8a"


def read_arrays(path, sha256=PUBLISHED_SHA256):
    """The 15 float32 arrays of a file: embedding; W, U and b of the gates i, f, o, c; output weights and bias.

    Args:
      path: a file, or a URL (http, https, ftp), which is downloaded once and kept in Keras's cache.
      sha256: hexadecimal digest that the file must have; None or "" admits any file.

    Raises:
      ValueError: if the file cannot be read, has another digest, holds anything but finite arrays of float32, or
        arrays of the wrong number or shapes.
    """
    content = _read(path, sha256)
    digest = hashlib.sha256(content).hexdigest()
    if sha256 and digest != sha256.lower():
        raise ValueError(
            f"{path} has SHA-256 {digest}, allowed is {sha256} only: it is truncated, damaged or another file."
        )
    arrays = _unpickle(path, content)
    if arrays[0].ndim != 2 or arrays[13].ndim != 2:
        found = f"{arrays[0].shape}, {arrays[13].shape}"
        raise ValueError(f"{path} has arrays 0 and 13 of shapes {found}; allowed are matrices.")
    (vocab_size, embedding_dim), hidden_dim = arrays[0].shape, arrays[13].shape[0]
    gate = [(embedding_dim, hidden_dim), (hidden_dim, hidden_dim), (hidden_dim,)]
    shapes = [(vocab_size, embedding_dim), *gate * 4, (hidden_dim, vocab_size), (vocab_size,)]
    found = [array.shape for array in arrays]
    if found != shapes:
        raise ValueError(f"{path} has arrays of shapes {found}; allowed is {shapes}.")
    if not all(np.isfinite(array).all() for array in arrays):
        raise ValueError(f"{path} holds numbers that are not finite; allowed are finite numbers only.")
    return arrays


def _read(path, sha256):
    try:
        if re.match(r"(https?|ftp)://", path):
            name = os.path.basename(urllib.parse.urlparse(path).path) or "oracle"
            name = f"{hashlib.sha256(path.encode()).hexdigest()[:8]}-{name}"
            # With a hash a bad copy is fetched anew.
            path = keras.utils.get_file(name, path, file_hash=sha256 or None)
        with open(path, "rb") as file:
            return file.read()
    except Exception as error:  # get_file raises plain Exception when a download fails
        raise ValueError(f"{path} cannot be read ({error}); allowed is a parameter file or its URL.") from error


class _ArrayUnpickler(pickle.Unpickler):
    """Unpickler for NumPy arrays: a pickle may name these three globals, and code of no other kind can run."""

    ALLOWED = {
        ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
    }

    def find_class(self, module, name):
        module = module.replace("numpy._core.", "numpy.core.")  # NumPy 2's name of the same module
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"it names {module}.{name}, and only NumPy arrays are allowed")
        return self.ALLOWED[module, name]


def _unpickle(path, content):
    try:
        # The published file was written by Python 2, whose byte strings are read as latin1.
        arrays = _ArrayUnpickler(io.BytesIO(content), encoding="latin1").load()
    except Exception as error:  # a damaged pickle raises nearly anything
        raise ValueError(f"{path} is not a parameter file: {error}.") from error
    if not isinstance(arrays, list) or len(arrays) != 15:
        raise ValueError(f"{path} is not a parameter file: allowed is a list of 15 arrays.")
    if not all(isinstance(array, np.ndarray) and array.dtype == np.float32 for array in arrays):
        raise ValueError(f"{path} is not a parameter file: allowed are arrays of float32 only.")
    return arrays
