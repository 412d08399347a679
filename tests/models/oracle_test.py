import functools
import hashlib
import http.server
import os
import pickle
import threading

import numpy as np
import pytest
import reference

from seqgan_tf.models import Generator, Oracle
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.tasks.oracle import uniform_tokens
from seqgan_tf.tasks.task import nll_under


def arrays(vocab_size=6, embedding_dim=2, hidden_dim=3):
    draw = np.random.default_rng(0).standard_normal
    shapes = [(vocab_size, embedding_dim)]
    shapes += [(embedding_dim, hidden_dim), (hidden_dim, hidden_dim), (hidden_dim,)] * 4
    shapes += [(hidden_dim, vocab_size), (vocab_size,)]
    return [draw(shape).astype(np.float32) for shape in shapes]


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else pickle.dumps(content))
    return str(path)


def test_gates_of_the_file_are_read_in_their_order(tmp_path):
    content = arrays()
    oracle = Oracle.from_file(write(tmp_path / "oracle", content), sha256=None)
    tokens = np.array([[1, 5, 0, 3]], np.int32)
    # By hand, in the file's order: input, forget, output, candidate.
    embedding, gates, kernel, bias = content[0], content[1:13], content[13], content[14]
    h = c = np.zeros(3)
    for t, read in enumerate([0, 1, 5, 0]):
        i, f, o, g = (embedding[read] @ gates[k] + h @ gates[k + 1] + gates[k + 2] for k in (0, 3, 6, 9))
        c = reference.sigmoid(f) * c + reference.sigmoid(i) * np.tanh(g)
        h = reference.sigmoid(o) * np.tanh(c)
        np.testing.assert_allclose(oracle(tokens)[0, t], h @ kernel + bias, rtol=1e-4, atol=1e-5)


def test_an_oracle_is_frozen_and_decided_by_its_seed():
    oracle, same, other = (Oracle.from_seed(seed, 400, 8, 8) for seed in (1, 1, 2))
    assert oracle.trainable_variables == []
    assert all((a == b).all() for a, b in zip(oracle.get_weights(), same.get_weights(), strict=True))
    assert not np.array_equal(oracle.get_weights()[0], other.get_weights()[0])
    for weight in oracle.get_weights():
        assert abs(weight.std() - 1) < 0.35


def test_a_generator_of_the_same_seed_is_not_the_oracle_in_small():
    oracle, generator = Oracle.from_seed(0, 50, 8, 8), Generator(50, 8, 8, seed=0)
    for a, b in zip(oracle.get_weights(), generator.get_weights(), strict=True):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.9


def test_published_oracle_gives_the_published_figures(published_oracle_path):
    oracle = Oracle.from_file(published_oracle_path)
    assert 5.73 <= nll_under(oracle, sample_sequences(oracle, 2000, 20, seed=1)) <= 5.77
    assert 11.43 <= nll_under(oracle, uniform_tokens(5000, 20, seed=[1, 2])) <= 11.46


class Hostile:
    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (self.folder,)


def test_a_hostile_file_is_refused_and_runs_nothing(tmp_path):
    path = write(tmp_path / "hostile", [Hostile(str(tmp_path / "made"))])
    with pytest.raises(ValueError, match="may contain NumPy arrays only, got .*mkdir"):
        Oracle.from_file(path, sha256=None)
    assert not (tmp_path / "made").exists()
    pickle.loads((tmp_path / "hostile").read_bytes())  # an ordinary unpickler does run it
    assert (tmp_path / "made").exists()


@pytest.mark.parametrize("name", ["builtins.eval", "numpy.load", "numpy.core.multiarray.scalar"])
def test_other_globals_of_numpy_and_python_are_refused(tmp_path, name):
    module, name = name.rsplit(".", 1)
    path = write(tmp_path / "file", f"c{module}\n{name}\n.".encode())
    with pytest.raises(ValueError, match="may contain NumPy arrays only"):
        Oracle.from_file(path, sha256=None)


def test_bad_files_are_refused_by_name(tmp_path):
    good = pickle.dumps(arrays())
    wrong_shape = arrays()
    wrong_shape[5] = wrong_shape[5][:-1]
    float64 = [array.astype(np.float64) for array in arrays()]
    infinite = arrays()
    infinite[14][0] = np.inf
    cases = {
        "truncated": (good[: len(good) // 2], "must be a parameter file"),
        "short": (arrays()[:14], "must be a parameter file, a pickled list of 15 float32 arrays"),
        "shapes": (wrong_shape, r"must have arrays of shapes \[\(6, 2\)"),
        "vectors": ([array.ravel() for array in arrays()], r"must have arrays of shapes \[\(6, 2\)"),
        "float64": (float64, "must be a parameter file, a pickled list of 15 float32 arrays"),
        "infinite": (infinite, "must contain finite numbers only"),
    }
    for name, (content, message) in cases.items():
        path = write(tmp_path / name, content)
        with pytest.raises(ValueError, match=message) as error:
            Oracle.from_file(path, sha256=None)
        assert name in str(error.value) and "\n" not in str(error.value)
    with pytest.raises(ValueError, match="missing must be a parameter file or its URL, but cannot be read"):
        Oracle.from_file(str(tmp_path / "missing"))


def test_the_digest_is_checked_before_anything_is_unpickled(tmp_path):
    path = write(tmp_path / "hostile", [Hostile(str(tmp_path / "made"))])
    with pytest.raises(ValueError, match="must have SHA-256 5ac794a6"):
        Oracle.from_file(path)
    assert not (tmp_path / "made").exists()


def test_a_file_is_downloaded_and_checked(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    content = pickle.dumps(arrays())
    write(tmp_path / "oracle.pkl", content)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        oracle = Oracle.from_file(f"{url}/oracle.pkl", hashlib.sha256(content).hexdigest())
        with pytest.raises(ValueError, match="cannot be read"):
            Oracle.from_file(f"{url}/missing.pkl")
        # A damaged download is not kept.
        write(tmp_path / "other.pkl", content[:50])
        with pytest.raises(ValueError, match="other.pkl must be a parameter file or its URL, but cannot be read"):
            Oracle.from_file(f"{url}/other.pkl", hashlib.sha256(content).hexdigest())
        write(tmp_path / "other.pkl", content)
        Oracle.from_file(f"{url}/other.pkl", hashlib.sha256(content).hexdigest())
        server.shutdown()
    np.testing.assert_array_equal(oracle.get_weights()[0], arrays()[0])


def test_features_are_the_mean_and_the_last_hidden_state_after_reading_the_tokens():
    oracle = Oracle.from_seed(1, vocab_size=6, embedding_dim=2, hidden_dim=3)
    tokens = np.array([[1, 5, 0], [4, 4, 2]], np.int32)
    embedding, kernel, recurrent, bias = map(np.float64, oracle.get_weights()[:4])
    for row, found in zip(tokens, oracle.features(tokens).numpy(), strict=True):
        h, c, states = np.zeros(3), np.zeros(3), []
        for token in row:
            i, f, g, o = np.split(embedding[token] @ kernel + h @ recurrent + bias, 4)
            c = reference.sigmoid(f) * c + reference.sigmoid(i) * np.tanh(g)
            h = reference.sigmoid(o) * np.tanh(c)
            states.append(h)
        np.testing.assert_allclose(found, [*np.mean(states, 0), *h], rtol=1e-5)
