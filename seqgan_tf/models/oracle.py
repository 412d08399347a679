"""The oracle G_oracle: the frozen LSTM that the synthetic data comes from."""

import keras
import numpy as np

from seqgan_tf.models.generator import Generator
from seqgan_tf.models.oracle_file import PUBLISHED_SHA256, read_arrays


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
        """The oracle of the authors' parameter file; its arrays, which `read_arrays` checks, give V, E, H."""
        arrays = read_arrays(path, sha256)
        embedding, kernel, bias = arrays[0], arrays[13], arrays[14]
        oracle = cls(*embedding.shape, kernel.shape[0], start_token)
        # The file's gates are in the order input, forget, output, candidate; Keras has candidate third.
        gates = [arrays[1 + 3 * gate : 4 + 3 * gate] for gate in (0, 1, 3, 2)]
        recurrent = [np.concatenate(parts, -1) for parts in zip(*gates, strict=True)]
        oracle.set_weights([embedding, *recurrent, kernel, bias])
        return oracle
