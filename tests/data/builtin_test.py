import functools
import hashlib
import http.server
import itertools
import shutil
import sys
import threading

import pytest
from tensorflow_datasets.core.download.checksums import UrlInfo

from seqgan_tf.config import corpora
from seqgan_tf.corpora.chinese_poems import chinese_poems_dataset_builder as chinese_poems
from seqgan_tf.corpora.nottingham import nottingham_dataset_builder as nottingham
from seqgan_tf.data import builtin
from seqgan_tf.data.vocabulary import Vocabulary

pytestmark = pytest.mark.slow

POEMS = chinese_poems.Builder.code_path.parent / "dummy_data" / "shi.txt"


def read(corpus, data_dir):
    return {split: list(source.lines) for split, source in builtin.sources(corpus, str(data_dir)).items()}


def test_real_poems(real_data_dir, shared):
    splits = read("chinese_poems", real_data_dir)
    lines = [line.split() for line in (shared / "corpora" / "shi.txt").read_text(encoding="utf-8").splitlines()]
    expected = ["".join(t for t in tokens if t not in "，。？！；：、") for tokens in lines]
    assert sorted(itertools.chain(*splits.values())) == sorted(expected) and len(expected) == 16_394
    assert {len(poem) for poem in expected} == {20}
    assert {split: len(poems) for split, poems in splits.items()} == {"train": 7368, "valid": 818, "test": 8208}
    punctuated = read("chinese_poems/punctuated", real_data_dir)
    assert sorted(itertools.chain(*punctuated.values())) == sorted("".join(tokens) for tokens in lines)


def test_real_captions_are_in_the_order_of_the_files(real_data_dir, shared):
    splits = read("image_coco", real_data_dir)
    assert set(splits) == {"train", "test"}
    for split, name in (("train", "image_coco.txt"), ("test", "test_coco.txt")):
        content = (shared / "corpora" / name).read_bytes().decode()
        assert splits[split] == [line.strip() for line in content.split("\n")[:10_000]]


def test_real_tunes_stay_together(real_data_dir):
    splits = read("nottingham", real_data_dir)
    assert {split: len(pieces) for split, pieces in splits.items()} == {"train": 3050, "valid": 511, "test": 1365}
    pieces = list(itertools.chain(*splits.values()))
    assert {len(piece.split()) for piece in pieces} == {32}
    builder = nottingham.Builder(data_dir=real_data_dir)
    tunes = [
        {example["tune"] for example in builder.as_dataset(split=split).as_numpy_iterator()}
        for split in ("train", "validation", "test")
    ]
    assert sum(map(len, tunes)) == len(set.union(*tunes)) > 1000


def test_tokens_are_what_the_corpus_needs():
    for corpus, text, number in (("chinese_poems", "春江花月夜", 5), ("nottingham/x", "C4 r C#4", 3)):
        assert len(Vocabulary([], corpora.tokens(corpus)).split(text)) == number


def test_a_builder_that_cannot_be_imported_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, chinese_poems.__name__, None)
    with pytest.raises(ValueError, match="^--corpus=chinese_poems cannot be imported .* install the packages"):
        read("chinese_poems", tmp_path)


def manual(tmp_path, **files):
    folder = tmp_path / "downloads" / "manual" / "chinese_poems"
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / f"{name}.txt").write_bytes(content)
    return folder


def test_a_missing_file_is_named(tmp_path):
    folder = manual(tmp_path, other=b"")
    what, where = (
        "--corpus=chinese_poems cannot be built: shi.txt is missing",
        f"put these files into {folder}: shi.txt",
    )
    with pytest.raises(ValueError, match=f"^{what}. .* {where}"):
        read("chinese_poems", tmp_path)


def test_another_file_of_the_same_name_is_refused(tmp_path):
    manual(tmp_path, shi=b"something else\n")
    found = hashlib.sha256(b"something else\n").hexdigest()
    with pytest.raises(
        ValueError, match=rf": shi.txt is corrupt or another file \(SHA-256 must be ac03c5fb.*, got {found}\)"
    ) as error:
        read("chinese_poems", tmp_path)
    assert "\n" not in str(error.value)


@pytest.fixture
def served(monkeypatch, tmp_path):
    """Yields a folder that is served over HTTP and from which the poems are downloaded."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path / "served")
    monkeypatch.setattr(http.server.SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    (tmp_path / "served").mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/shi.txt"
    content = POEMS.read_bytes()
    info = UrlInfo(size=len(content), checksum=hashlib.sha256(content).hexdigest(), filename="shi.txt")
    monkeypatch.setattr(chinese_poems, "URL", url)
    monkeypatch.setattr(chinese_poems.Builder, "url_infos", {url: info})
    yield tmp_path / "served"
    server.shutdown()
    server.server_close()


def test_a_download_is_built_once_and_read_again(served, tmp_path):
    shutil.copy(POEMS, served)
    first = read("chinese_poems", tmp_path)
    assert {split: len(poems) for split, poems in first.items()} == {"train": 5, "valid": 1, "test": 4}
    (served / "shi.txt").unlink()
    assert read("chinese_poems", tmp_path) == first


def test_a_download_that_fails_says_what_to_do(served, tmp_path):
    with pytest.raises(
        ValueError, match="^--corpus=chinese_poems cannot be built: the download failed .* put these files into"
    ) as error:
        read("chinese_poems", tmp_path)
    assert "\n" not in str(error.value)


def test_a_download_with_another_checksum_is_refused(served, tmp_path):
    (served / "shi.txt").write_text("something else")
    with pytest.raises(
        ValueError, match="^--corpus=chinese_poems cannot be built: the download has a wrong checksum"
    ):
        read("chinese_poems", tmp_path)
    shutil.copy(POEMS, served)  # and the right file can be downloaded afterwards
    assert len(read("chinese_poems", tmp_path)["test"]) == 4


def test_a_midi_file_that_does_not_parse_is_named(tmp_path, monkeypatch):
    folder = tmp_path / "downloads" / "manual" / "nottingham" / "melody"
    folder.mkdir(parents=True)
    (folder / "tune1.mid").write_bytes(b"no music")
    info = UrlInfo(size=8, checksum=hashlib.sha256(b"no music").hexdigest(), filename="tune1.mid")
    monkeypatch.setattr(nottingham.Builder, "url_infos", {nottingham.ROOT + "tune1.mid": info})
    with pytest.raises(
        ValueError, match="^--corpus=nottingham cannot be built: .*melody/tune1.mid is not a MIDI file"
    ) as error:
        read("nottingham", tmp_path)
    assert "\n" not in str(error.value)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="^--data_dir must be a readable and writable folder, got .*file "):
        read("chinese_poems", tmp_path / "file")


def test_a_corrupt_copy_is_named(served, tmp_path):
    shutil.copy(POEMS, served)
    read("chinese_poems", tmp_path)
    (records,) = tmp_path.glob("chinese_poems/characters/1.0.0/*train*tfrecord*")
    records.write_bytes(records.read_bytes()[:-9])
    with pytest.raises(
        ValueError, match="^--corpus=chinese_poems is corrupt in .*; delete that copy and start again"
    ):
        read("chinese_poems", tmp_path)
    (tmp_path / "chinese_poems/characters/1.0.0/dataset_info.json").write_text("{")
    with pytest.raises(ValueError, match="^--corpus=chinese_poems is corrupt in ") as error:
        read("chinese_poems", tmp_path)
    assert "\n" not in str(error.value)


def test_another_process_may_be_faster(served, tmp_path, monkeypatch):
    shutil.copy(POEMS, served)
    build = chinese_poems.Builder.download_and_prepare

    def too_late(builder):
        build(chinese_poems.Builder(data_dir=tmp_path))
        raise OSError("it is there already")

    monkeypatch.setattr(chinese_poems.Builder, "download_and_prepare", too_late)
    assert [len(poems) for poems in read("chinese_poems", tmp_path).values()] == [5, 1, 4]
