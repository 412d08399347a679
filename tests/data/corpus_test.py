import gzip
import json

import numpy as np
import pytest

from seqgan_tf.data import corpus
from seqgan_tf.data.corpus import IdFile
from seqgan_tf.data.vocabulary import EOS, PAD, UNK, Vocabulary

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
    assert made.vocabulary.tokens[4:] == ["c", "b", "a"]  # x, y, z are not in the training split
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
        (b"", "lines of 1 to 5 tokens .--max_length. for the train split, got none in .*train, which is empty[.]$"),
        (b"\n \n", "for the train split, got none in .*train, which has only empty lines[.]$"),
        (b"1 2 3 4 5 6\n" * 9, r"got none .* \(9 lines are too long; raise --max_length or use --too_long=cut\)"),
        (b"good\nb\xe4d\n", "be UTF-8, got what looks like .* in .*train, line 2; to fix it: cat .*"),
        (b"good\n\x00\x01abcdefghi\n", "be UTF-8 text, got binary data in .*train, line 2"),
        (b"\x1f\x8bbroken", "be a readable text file, plain or gzip, got .*train"),
        (gzip.compress(b"line\n" * 999, mtime=0)[:-9], "be a readable text file, .*train"),
        (b"a\n", "for the valid split, got none .*; add lines or give --valid_file"),
    ],
)
def test_bad_files_are_refused_by_name_and_nothing_is_left(tmp_path, content, message):
    (tmp_path / "train").write_bytes(content)
    with pytest.raises(ValueError, match=f"^--train_file must .*{message}") as error:
        make(tmp_path, {"train": str(tmp_path / "train")})
    assert "\n" not in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["train"]


def test_missing_files_and_unknown_tokens_are_refused(tmp_path):
    train = write(tmp_path / "train", LINES)
    with pytest.raises(ValueError, match="--test_file must be a readable text file, plain or gzip, got missing "):
        make(tmp_path, {"train": train, "valid": train, "test": "missing"})
    with pytest.raises(ValueError, match="--train_file must have known tokens in the train split, .* 400 times"):
        make(tmp_path, {"train": train}, min_count=400)
    strange = write(tmp_path / "strange", ["q r s"])
    with pytest.raises(
        ValueError, match="--test_file must have known tokens in the test split, got none in .*strange;"
    ):
        make(tmp_path, {"train": train, "valid": train, "test": strange})


def test_the_summary_says_what_was_read(tmp_path):
    lines = ["a b c", "a b", "", "a b c d e f g", "a"] * 40 + ["x"] * 3
    files = {"train": write(tmp_path / "train", lines), "valid": write(tmp_path / "valid", ["a b", "c z"])}
    files["test"] = files["valid"]
    (said,) = make(tmp_path, files, length=4, min_count=4).about
    # 163 training lines of 3, 2, 7, 1 tokens, 4 more of 2: of 167 the 84th is 2 tokens long, the 159th 7.
    assert said == (
        "Text: 123 train, 2 valid, 2 test sequences of 1 to 4 tokens (spaces); 40 lines too long (left out), the "
        "longest has 7 tokens; 40 lines empty (left out); V = 7; unknown tokens: 1.23% in train, 25.00% in valid and "
        "test; the median line has 2 tokens, and 95% of the lines have at most 7; --max_length=7 would keep 95%"
    )


def test_a_vocabulary_that_is_too_small_is_told(tmp_path):
    path = write(tmp_path / "train", ["a a a b c"] * 10)  # of 50 tokens, 20 are unknown with one word and 10 with two
    files = dict.fromkeys(("train", "valid", "test"), path)
    for size, share in ((5, "40.0%"), (6, "20.0%")):
        said = make(tmp_path / str(size), files, max_size=size).about[-1]
        assert said == (
            f"Note: {share} of the training tokens are unknown, so the generator does not learn them; a larger "
            "--vocab_size or a smaller --min_count keeps more of them"
        )
    assert "Note" not in "".join(make(tmp_path / "7", files, max_size=7).about)


@pytest.mark.parametrize(
    ("too_long", "expected"),
    [
        ("skip", ["a b", "c"]),
        ("cut", ["a b", "1 2 3", "c"]),
        ("split", ["a b", "1 2 3", "4 5 6", "7", "c"]),
    ],
)
def test_long_lines_are_left_out_cut_or_split(tmp_path, too_long, expected):
    path = write(tmp_path / "train", ["a b", "1 2 3 4 5 6 7", "c"])
    made = make(tmp_path, dict.fromkeys(("train", "valid", "test"), path), length=3, too_long=too_long)
    assert texts(made, "train") == expected
    fate = {"skip": "left out", "cut": "cut", "split": "split"}[too_long]
    assert f"3 lines too long ({fate}), the longest has 7 tokens" in made.about[0]


def test_a_long_line_can_be_an_error(tmp_path):
    path = write(tmp_path / "train", ["a b", "1 2 3 4 5 6 7", "c"])
    limit = r"must have at most 3 tokens per line \(--max_length\), got 7"
    with pytest.raises(ValueError, match=f"^--train_file {limit} in .*train, line 2; use --too_long="):
        make(tmp_path, dict.fromkeys(("train", "valid", "test"), path), length=3, too_long="error")


@pytest.mark.parametrize("tokenizer", ["words", "spaces"])
def test_text_without_spaces_is_noticed(tmp_path, tokenizer):
    path = write(tmp_path / "train", [f"床前明月光疑是地上霜{i % 9}" for i in range(60)] + ["a b"])
    files = dict.fromkeys(("train", "valid", "test"), path)
    hint = "nearly every line is a single token; --tokens=characters makes each character a token"
    assert make(tmp_path, files, tokenizer=tokenizer).about[1] == f"Note: {hint}"
    with pytest.raises(ValueError, match=f"must have known tokens .*; {hint}"):
        make(tmp_path, files, tokenizer=tokenizer, min_count=50, length=2)
    assert not any(hint in line for line in make(tmp_path, files, length=20, tokenizer="characters").about)


def test_lines_that_tokens_do_not_restore_are_counted(tmp_path):
    path = write(tmp_path / "train", ["CC(=O)Oc1ccccc1", "see http://a.b/c?d", "me@x.org wrote", "plain text"])
    files = dict.fromkeys(("train", "valid", "test"), path)
    about = make(tmp_path, files, length=20, tokenizer="words").about
    reader, lines = Vocabulary([]), (tmp_path / "train").read_text().splitlines()
    share = sum(reader.join(reader.split(line)) != line for line in lines) / 4
    assert 0 < share < 1 and about[1] == (
        f"Note: {share:.1%} of the lines change when they are split into tokens and joined again; --tokens=spaces or "
        "characters keeps every line unchanged"
    )
    assert len(make(tmp_path, files, length=20, tokenizer="characters").about) == 1


def test_text_that_has_changed_is_refused_and_moved_text_is_not(tmp_path):
    files = {"train": write(tmp_path / "train", LINES)}
    make(tmp_path, files)
    moved = {"train": write(tmp_path / "elsewhere", LINES), "valid": "", "test": ""}
    corpus.check_same(tmp_path / "corpus", moved)
    corpus.check_same(tmp_path / "corpus", {"train": str(tmp_path / "gone")})
    write(tmp_path / "train", [*LINES, "more"])
    with pytest.raises(
        ValueError, match="--train_file must have the content that the run began with, got other content in"
    ):
        corpus.check_same(tmp_path / "corpus", files)
