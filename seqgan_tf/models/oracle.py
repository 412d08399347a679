"""The oracle G_oracle: the frozen LSTM that the synthetic data comes from."""

import hashlib
import io
import pathlib
import pickle
import re

import keras
import numpy as np

from seqgan_tf.models.generator import Generator

# github.com/LantaoYu/SeqGAN, save/target_params_py3.pkl
PUBLISHED_SHA256 = "5ac794a695dd6e0eb2bb689f3dfda55e4e0053e8c0399e6242630a95f1e60e8a"


@keras.saving.register_keras_serializable("seqgan_tf")
class Oracle(Generator):
    """A generator whose parameters are known and never trained (paper, "Synthetic Data Experiments")."""

    def __init__(self, vocab_size=5000, embedding_dim=32, hidden_dim=32, start_token=0, stddev=1.0, **kwargs):
        super().__init__(vocab_size, embedding_dim, hidden_dim, start_token, None, stddev, **kwargs)
        self.trainable = False

    @classmethod
    def from_seed(cls, seed, vocab_size=5000, embedding_dim=32, hidden_dim=32, start_token=0):
        """An oracle with every parameter drawn from N(0, 1), as in the paper."""
        # Far from the seeds of generators: one of the same seed would start as the oracle in small.
        return cls(vocab_size, embedding_dim, hidden_dim, start_token, seed=2**24 + seed)

    @classmethod
    def from_file(cls, path, sha256=PUBLISHED_SHA256, start_token=0):
        """The oracle of the authors' parameter file, whose arrays give V, E, H.

        A URL (http, https, ftp) is downloaded once and kept in Keras's cache. ValueError if the file cannot be read,
        has another SHA-256, None or "" for any, or holds anything but 15 fitting arrays.
        """
        embedding, *gates, kernel, bias = _read_arrays(path, sha256)
        oracle = cls(*embedding.shape, len(kernel), start_token)
        # The file's gates are in the order input, forget, output, candidate; Keras has candidate third.
        gates = [gates[3 * gate : 3 * gate + 3] for gate in (0, 1, 3, 2)]
        recurrent = [np.concatenate(parts, -1) for parts in zip(*gates, strict=True)]
        oracle.set_weights([embedding, *recurrent, kernel, bias])
        return oracle


class _ArrayUnpickler(pickle.Unpickler):
    """Unpickler for NumPy arrays: a pickle may name these three globals, and code of no other kind can run."""

    def find_class(self, module, name):
        module = module.replace("numpy.core.", "numpy._core.")  # NumPy 2's name of the same module
        allowed = ("numpy._core.multiarray", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype")
        if (module, name) not in allowed:
            raise pickle.UnpicklingError(f"it names {module}.{name}, and only NumPy arrays are allowed")
        return super().find_class(module, name)


def _read_arrays(path, sha256):
    """The 15 float32 arrays of a file: embedding; W, U and b of each gate; output weights and bias."""
    file = path
    try:
        if re.match("(https?|ftp)://", path):
            # With a hash a bad copy is fetched anew.
            file = keras.utils.get_file(hashlib.sha256(path.encode()).hexdigest(), path, file_hash=sha256 or None)
        content = pathlib.Path(file).read_bytes()
    except Exception as error:  # get_file raises plain Exception when a download fails
        raise ValueError(f"{path} cannot be read ({error}); allowed is a parameter file or its URL.") from error
    digest = hashlib.sha256(content).hexdigest()
    if sha256 and digest != sha256.lower():
        raise ValueError(f"{path} has SHA-256 {digest}, allowed is {sha256} only.")
    try:
        # The published file was written by Python 2, whose byte strings are read as latin1.
        arrays = _ArrayUnpickler(io.BytesIO(content), encoding="latin1").load()
    except Exception as error:  # a damaged pickle raises nearly anything
        raise ValueError(f"{path} is not a parameter file: {error}.") from error
    kinds = [getattr(array, "dtype", None) for array in arrays] if isinstance(arrays, list) else []
    if kinds != [np.float32] * 15:
        raise ValueError(f"{path} is not a parameter file: allowed is a list of 15 arrays of float32.")
    hidden_dim, vocab_size = arrays[3].size, arrays[14].size
    embedding_dim = arrays[0].size // max(1, vocab_size)
    gate = [(embedding_dim, hidden_dim), (hidden_dim, hidden_dim), (hidden_dim,)]
    shapes = [(vocab_size, embedding_dim), *gate * 4, (hidden_dim, vocab_size), (vocab_size,)]
    found = [array.shape for array in arrays]
    if found != shapes:
        raise ValueError(f"{path} has arrays of shapes {found}; allowed is {shapes}.")
    if not all(np.isfinite(array).all() for array in arrays):
        raise ValueError(f"{path} holds numbers that are not finite; allowed are finite numbers only.")
    return arrays
