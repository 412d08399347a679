import gzip
import json

import numpy as np
import pytest

from seqgan_tf.data import corpus
from seqgan_tf.data.corpus import IdFile
from seqgan_tf.data.vocabulary import EOS, PAD, UNK

LINES = [f"w{i % 7} w{i % 5} end" for i in range(300)]


def write(path, lines, encoding="utf-8"):
    path.write_bytes("".join(line + "\n" for line in lines).encode(encoding))
    return str(path)


def make(tmp_path, files, length=5, seed=0, **kwargs):
    return corpus.make(
        tmp_path / "corpus", corpus.text_files(files), length, seed, **{"tokenizer": "spaces"} | kwargs
    )


def texts(made, split):
    return [made.vocabulary.text(row) for row in getattr(made, split)[:]]


def test_id_file_is_indexed_like_an_array(tmp_path):
    ids = np.arange(60, dtype=np.int32).reshape(12, 5)
    (tmp_path / "ids").write_bytes(ids.tobytes())
    file = IdFile(tmp_path / "ids", 5)
    assert len(file) == 12 and file.shape == (12, 5)
    for index in (slice(None), slice(3), slice(4, 9), slice(1, 12, 3), slice(9, 99), np.array([7, 0, 7]), [11]):
        np.testing.assert_array_equal(file[index], ids[index])
        assert file[index].dtype == np.int32


def test_three_files_become_three_splits(tmp_path):
    files = {"train": ["a b", "b", "", "c c c c c"], "valid": ["a x"], "test": ["b y z", "  ", "1 2 3 4 5 6"]}
    made = make(tmp_path, {split: write(tmp_path / split, lines) for split, lines in files.items()})
    assert made.vocabulary.tokens[4:] == ["c", "b", "a"]  # x, y, z are none of the training split's
    c, b, a = 4, 5, 6
    np.testing.assert_array_equal(made.train[:], [[a, b, EOS, PAD, PAD], [b, EOS, PAD, PAD, PAD], [c] * 5])
    np.testing.assert_array_equal(made.valid[:], [[a, UNK, EOS, PAD, PAD]])
    np.testing.assert_array_equal(made.test[:], [[b, UNK, UNK, EOS, PAD]])
    summary = json.loads((tmp_path / "corpus" / "corpus.json").read_text())
    assert summary["too_long"] == 1
    assert summary["test"] == {"sequences": 1, "tokens": 3, "unknown": 2}


def test_one_file_is_split_by_the_seed_and_the_split_is_written_down(tmp_path):
    path = write(tmp_path / "train", [f"line {i}" for i in range(1000)])
    made = {
        name: corpus.make(tmp_path / name, corpus.text_files({"train": path}), 5, seed, "spaces")
        for name, seed in (("one", 1), ("same", 1), ("two", 2))
    }
    # The vocabulary knows the training lines alone, so the held-out ones are read from the files beside the ids.
    split = {}
    for name in made:
        held_out = {
            part: (tmp_path / name / f"{part}.txt").read_text().split("\n")[:-1] for part in ("valid", "test")
        }
        split[name] = {"train": texts(made[name], "train"), **held_out}
        everything = sum(split[name].values(), [])
        assert sorted(everything) == sorted(f"line {i}" for i in range(1000))
        assert all(70 <= len(lines) <= 130 for lines in held_out.values())
        assert [len(lines) for lines in held_out.values()] == [len(made[name].valid), len(made[name].test)]
    assert split["one"] == split["same"] != split["two"]


def test_plain_gzip_and_byte_order_marks_read_the_same(tmp_path):
    write(tmp_path / "plain", LINES)
    plain = (tmp_path / "plain").read_bytes()
    (tmp_path / "zipped").write_bytes(gzip.compress(plain))
    (tmp_path / "marked").write_bytes(b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n"))
    made = [
        corpus.make(tmp_path / f"made-{path}", corpus.text_files({"train": str(tmp_path / path)}), 5, 0, "spaces")
        for path in ("plain", "zipped", "marked")
    ]
    assert len({json.dumps([one.vocabulary.tokens, one.train[:].tolist()]) for one in made}) == 1


def test_what_was_made_is_loaded_again(tmp_path):
    made = make(tmp_path, {"train": write(tmp_path / "train", LINES)}, lowercase=True)
    loaded = corpus.load(tmp_path / "corpus", 5)
    assert loaded.vocabulary.tokens == made.vocabulary.tokens and loaded.vocabulary.lowercase
    np.testing.assert_array_equal(loaded.test[:], made.test[:])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "gives no line to the train split"),
        (b"\n \n", "gives no line to the train split"),
        (b"1 2 3 4 5 6\n" * 9, r"9 lines are too long\); allowed are lines of 1 to 5 tokens, the --max_length"),
        (b"good\nb\xe4d\n", "train, line 2: not UTF-8 .*; allowed is UTF-8 text"),
        (b"good\n\x00\x01\n", "train, line 2: a zero byte; allowed is UTF-8 text"),
        (b"\x1f\x8bbroken", "train, which cannot be read .*; allowed is a text file, plain or gzip"),
        (gzip.compress(b"line\n" * 999)[:-9], "train, which cannot be read"),
        (b"a\n", "gives no line to the valid split"),
    ],
)
def test_bad_files_are_refused_by_name_and_nothing_is_left(tmp_path, content, message):
    (tmp_path / "train").write_bytes(content)
    with pytest.raises(ValueError, match=f"^--train_file is .*{message}") as error:
        make(tmp_path, {"train": str(tmp_path / "train")})
    assert "\n" not in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["train"]


def test_missing_files_and_unknown_tokens_are_refused(tmp_path):
    train = write(tmp_path / "train", LINES)
    with pytest.raises(ValueError, match="--test_file is missing, which cannot be read"):
        make(tmp_path, {"train": train, "valid": train, "test": "missing"})
    with pytest.raises(ValueError, match="--train_file is .*, every token of whose train split is .* 400 times"):
        make(tmp_path, {"train": train}, min_count=400)
    strange = write(tmp_path / "strange", ["q r s"])
    with pytest.raises(ValueError, match="--test_file is .*, every token of whose test split is unknown"):
        make(tmp_path, {"train": train, "valid": train, "test": strange})
