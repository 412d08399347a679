"""The oracle G_oracle, the frozen LSTM that generates the synthetic data."""

import hashlib
import io
import pathlib
import pickle
import re

import keras
import numpy as np
import tensorflow as tf

from seqgan_tf.models.generator import Generator

# github.com/LantaoYu/SeqGAN, save/target_params_py3.pkl
PUBLISHED_SHA256 = "5ac794a695dd6e0eb2bb689f3dfda55e4e0053e8c0399e6242630a95f1e60e8a"


@keras.saving.register_keras_serializable("seqgan_tf")
class Oracle(Generator):
    """A generator with known parameters that are never trained (paper, "Synthetic Data Experiments").

    Make one with `from_seed` or `from_file`. Its NLL of generated sequences is the metric nll_oracle.

    Examples:
      >>> oracle = Oracle.from_seed(0, vocab_size=8, embedding_dim=4, hidden_dim=4)
      >>> oracle(tf.constant([[1, 2, 3]])).shape
      TensorShape([1, 3, 8])
      >>> oracle.trainable_variables
      []
    """

    def __init__(self, vocab_size=5000, embedding_dim=32, hidden_dim=32, start_token=0, stddev=1.0, **kwargs):
        super().__init__(vocab_size, embedding_dim, hidden_dim, start_token, None, stddev, **kwargs)
        self.trainable = False

    @classmethod
    def from_seed(cls, seed, vocab_size=5000, embedding_dim=32, hidden_dim=32, start_token=0):
        """Returns an oracle with all parameters drawn from N(0, 1), as in the paper.

        Args:
          seed: int, decides the parameters.
          vocab_size: V, number of token ids.
          embedding_dim: E, size of a token's embedding.
          hidden_dim: H, size of the LSTM's state.
          start_token: id read before the first token.

        Examples:
          >>> from seqgan_tf.sampling import sample_sequences
          >>> oracle = Oracle.from_seed(0, vocab_size=8, embedding_dim=4, hidden_dim=4)
          >>> sample_sequences(oracle, num=2, length=5, seed=1).numpy()
          array([[1, 5, 4, 4, 0],
                 [2, 0, 1, 5, 1]], dtype=int32)
        """
        # Offset, because a generator with the same seed would start as a scaled-down copy of the oracle.
        return cls(vocab_size, embedding_dim, hidden_dim, start_token, seed=2**24 + seed)

    @classmethod
    def from_file(cls, path, sha256=PUBLISHED_SHA256, start_token=0):
        """Returns the oracle in a parameter file of the authors' format; V, E and H follow from its arrays.

        Args:
          path: of the file, or its URL (http, https or ftp). A URL is downloaded once, into Keras's cache.
          sha256: SHA-256 that the file must have; by default the authors'. None or "" accepts any.
          start_token: id read before the first token.

        Raises:
          ValueError: if the file cannot be read, has another SHA-256, or does not contain the 15 arrays of an LSTM.
        """
        embedding, *gates, kernel, bias = _read_arrays(path, sha256)
        oracle = cls(*embedding.shape, len(kernel), start_token)
        # The file has the gates in the order input, forget, output, candidate. In Keras, candidate is third.
        gates = [gates[3 * gate : 3 * gate + 3] for gate in (0, 1, 3, 2)]
        recurrent = [np.concatenate(parts, -1) for parts in zip(*gates, strict=True)]
        oracle.set_weights([embedding, *recurrent, kernel, bias])
        return oracle

    def features(self, tokens):
        """Returns what the oracle's LSTM makes of sequences: the mean and the last of its hidden states.

        Args:
          tokens: [B, T] int32.

        Returns:
          [B, 2 H] float32: features, for example of the Fréchet distance.

        Examples:
          >>> oracle = Oracle.from_seed(0, vocab_size=8, embedding_dim=4, hidden_dim=3)
          >>> oracle.features([[1, 2, 3], [4, 4, 0]]).shape
          TensorShape([2, 6])
        """
        hidden = self.cell(self.embedding(tf.convert_to_tensor(tokens)))  # [B, T, H]
        return tf.concat([tf.reduce_mean(hidden, 1), hidden[:, -1]], -1)


class _ArrayUnpickler(pickle.Unpickler):
    """Unpickler for NumPy arrays only, so that a file cannot run code."""

    def find_class(self, module, name):
        module = module.replace("numpy.core.", "numpy._core.")  # renamed in NumPy 2
        allowed = ("numpy._core.multiarray", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype")
        if (module, name) not in allowed:
            raise pickle.UnpicklingError(f"it may contain NumPy arrays only, got {module}.{name}")
        return super().find_class(module, name)


def _read_arrays(path, sha256):
    """Returns the 15 float32 arrays of a file: embedding; W, U and b of each gate; output weights and bias."""
    file = path
    try:
        if re.match("(https?|ftp)://", path):
            # With a hash, Keras downloads a corrupt copy again.
            file = keras.utils.get_file(hashlib.sha256(path.encode()).hexdigest(), path, file_hash=sha256 or None)
        content = pathlib.Path(file).read_bytes()
    except Exception as error:  # get_file raises plain Exception when a download fails
        raise ValueError(f"{path} must be a parameter file or its URL, but cannot be read ({error}).") from error
    digest = hashlib.sha256(content).hexdigest()
    if sha256 and digest != sha256.lower():
        raise ValueError(f"{path} must have SHA-256 {sha256}, got {digest}.")
    try:
        # The published file was written by Python 2, whose byte strings are read as latin1.
        arrays = _ArrayUnpickler(io.BytesIO(content), encoding="latin1").load()
    except Exception as error:  # a corrupt pickle can raise anything
        raise ValueError(f"{path} must be a parameter file ({error}).") from error
    kinds = [getattr(array, "dtype", None) for array in arrays] if isinstance(arrays, list) else []
    if kinds != [np.float32] * 15:
        raise ValueError(f"{path} must be a parameter file, a pickled list of 15 float32 arrays.")
    hidden_dim, vocab_size = arrays[3].size, arrays[14].size
    embedding_dim = arrays[0].size // max(1, vocab_size)
    gate = [(embedding_dim, hidden_dim), (hidden_dim, hidden_dim), (hidden_dim,)]
    shapes = [(vocab_size, embedding_dim), *gate * 4, (hidden_dim, vocab_size), (vocab_size,)]
    found = [array.shape for array in arrays]
    if found != shapes:
        raise ValueError(f"{path} must have arrays of shapes {shapes}, got {found}.")
    if not all(np.isfinite(array).all() for array in arrays):
        raise ValueError(f"{path} must contain finite numbers only.")
    return arrays
