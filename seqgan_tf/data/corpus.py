"""Corpus: text as files of ids, made once, then read by index in memory that does not grow with it."""

import collections
import contextlib
import gzip
import os
import typing
import zlib

import numpy as np

from seqgan_tf.data.vocabulary import EOS, PAD, SPECIAL, UNK, Vocabulary
from seqgan_tf.files import new_folder, write_json
from seqgan_tf.seeds import fold

SPLITS = ("train", "valid", "test")
HELD_OUT = 0.1  # share of the training lines that becomes a split for which there is no file


class Corpus(typing.NamedTuple):
    """Ids of a corpus and their vocabulary, whose tokens are from the training split alone."""

    vocabulary: Vocabulary
    train: "IdFile"
    valid: "IdFile"
    test: "IdFile"


class Source(typing.NamedTuple):
    """Where the text of a split comes from."""

    name: str  # what an error message begins with: the flag and its value
    lines: typing.Iterable[str]  # a sequence each; it may raise ValueError


class IdFile:
    """Sequences [S, T] of int32 ids in a file: indexed like an array, read row by row; length: T."""

    def __init__(self, path, length):
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115 - open as long as anybody reads
        self.shape = os.fstat(self._file.fileno()).st_size // (4 * length), length

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, index):
        """A slice or an array [n] of indices -> [n, T]."""
        rows = range(len(self))[index] if isinstance(index, slice) else np.asarray(index).tolist()
        file, size = self._file.fileno(), 4 * self.shape[1]
        if isinstance(rows, range) and rows.step == 1:
            content = os.pread(file, size * len(rows), size * rows.start)
        else:
            content = b"".join(os.pread(file, size, size * row) for row in rows)
        return np.frombuffer(content, np.int32).reshape(-1, self.shape[1])


def load(folder, length):
    """The Corpus that `make` has left in a folder; length: T."""
    files = {split: IdFile(folder / f"{split}.ids", length) for split in SPLITS}
    return Corpus(Vocabulary.load(folder / "vocabulary.json"), **files)


def make(folder, sources, length, seed, tokenizer="words", lowercase=False, max_size=None, min_count=1):
    """Reads text, takes the vocabulary from its training split and writes all ids, whole or not at all: a Corpus.

    Lines without a token are left out, and lines of more than `length` tokens. Where valid or test has no source, a
    tenth of the training lines, drawn by the seed, becomes that split, and stands beside the ids as text.

    sources: dict of split -> Source, with "train" at least. length: T, tokens in a sequence at most. The arguments
    from tokenizer on: of the Vocabulary.

    Raises:
      ValueError: naming the source and what is allowed.
    """
    with new_folder(folder) as temporary:
        provisional, counts, too_long = _write(temporary, sources, length, seed, Vocabulary([], tokenizer, lowercase))
        vocabulary = Vocabulary.from_counts(counts, max_size, min_count, tokenizer=tokenizer, lowercase=lowercase)
        final = np.array([PAD, UNK, EOS, UNK, *vocabulary.encode(provisional, len(provisional))], np.int32)
        summary = {"too_long": too_long}
        for split in SPLITS:
            path = temporary / f"{split}.ids"
            unknown, total = _rename(path, final)
            name = f"{sources.get(split, sources['train']).name}, "
            if not total:
                more = "" if split in sources else f", and more of them or a --{split}_file"
                raise ValueError(
                    f"{name}which gives no line to the {split} split ({too_long} lines are too long); allowed are "
                    f"lines of 1 to {length} tokens, the --max_length{more}."
                )
            if unknown == total:
                raise ValueError(
                    f"{name}every token of whose {split} split is unknown; allowed are tokens that occur {min_count} "
                    f"times (--min_count) in the training data, the most frequent {max_size} (--vocab_size)."
                )
            summary[split] = {"sequences": path.stat().st_size // (4 * length), "tokens": total, "unknown": unknown}
        vocabulary.save(temporary / "vocabulary.json")
        write_json(temporary / "corpus.json", summary)
    return load(folder, length)


def _write(folder, sources, length, seed, reader):
    """Writes SPLIT.ids with provisional ids, in the order in which tokens come.

    Returns them, a dict, the tokens' counts in the training split, and how many lines are too long.
    """
    provisional, counts, too_long = {}, collections.Counter(), 0
    drawn = [split for split in SPLITS if split not in sources]
    with contextlib.ExitStack() as files:
        ids = {split: files.enter_context(open(folder / f"{split}.ids", "wb")) for split in SPLITS}
        texts = {split: files.enter_context(open(folder / f"{split}.txt", "w", encoding="utf-8")) for split in drawn}
        for split, text in _split_lines(sources, drawn, seed):
            tokens = reader.split(text)
            if not 0 < len(tokens) <= length:
                too_long += len(tokens) > 0
                continue
            row = [provisional.setdefault(token, len(SPECIAL) + len(provisional)) for token in tokens] + [EOS]
            ids[split].write(np.array((row + [PAD] * length)[:length], np.int32).tobytes())
            if split == "train":
                counts.update(tokens)
            if split in texts:
                texts[split].write(text + "\n")
    return provisional, counts, too_long


def _rename(path, final, block=2**20):
    """Puts final[id] in the place of each id of a file; returns how many are unknown, and how many tokens."""
    unknown = total = 0
    with open(path, "r+b") as file:
        while content := file.read(4 * block):
            ids = final[np.frombuffer(content, np.int32)]
            file.seek(-len(content), os.SEEK_CUR)
            file.write(ids.tobytes())
            unknown += int(np.sum(ids == UNK))
            total += int(np.sum((ids != PAD) & (ids != EOS)))
    return unknown, total


def _split_lines(sources, drawn, seed):
    """Yields the split and the text of every line of every source; the training lines also make the drawn splits."""
    random = np.random.default_rng(fold(seed, "split").astype(np.uint32))
    for split, source in sources.items():
        for text in source.lines:
            place = int(random.random() / HELD_OUT) if split == "train" else len(drawn)
            yield (drawn[place] if place < len(drawn) else split), text


def text_files(paths):
    """Sources of text files, read by `read_lines`; paths: by split, "" for none."""
    names = {split: f"--{split}_file is {path}" for split, path in paths.items() if path}
    return {split: Source(name, read_lines(name, paths[split])) for split, name in names.items()}


def read_lines(name, path):
    """Yields the lines of a text file, UTF-8, plain or gzip, without white space at their ends.

    Raises:
      ValueError: if it cannot be read or is no such text, beginning with name: the flag and its value.
    """
    try:
        with open(path, "rb") as raw:  # once: it may be a pipe
            file = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == b"\x1f\x8b" else raw
            for number, line in enumerate(file, 1):
                wrong = "a zero byte" if b"\0" in line else ""
                try:
                    text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                except UnicodeDecodeError as error:
                    wrong = f"not UTF-8 ({error.reason})"
                if wrong:
                    raise ValueError(f"{name}, line {number}: {wrong}; allowed is UTF-8 text.")
                yield text
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{name}, which cannot be read ({error}); allowed is a text file, plain or gzip.") from error
