"""Corpus: text as files of ids, made once, then read by index in memory that does not grow with it."""

import collections
import contextlib
import hashlib
import json
import os
import typing

import numpy as np

from seqgan_tf.data import summary
from seqgan_tf.data.lines import Oddities, read_lines
from seqgan_tf.data.vocabulary import EOS, PAD, SPECIAL, UNK, Vocabulary
from seqgan_tf.files import new_folder, write_json
from seqgan_tf.seeds import fold

SPLITS = ("train", "valid", "test")
TOO_LONG = ("skip", "cut", "split", "error")
HELD_OUT = 0.1  # share of the training lines that becomes a split for which there is no file


class Corpus(typing.NamedTuple):
    """Ids of a corpus and their vocabulary, whose tokens are from the training split alone."""

    vocabulary: Vocabulary
    train: "IdFile"
    valid: "IdFile"
    test: "IdFile"
    about: list  # what was read, and what looks like a mistake in it: lines of text


class Source(typing.NamedTuple):
    """Where the text of a split comes from."""

    name: str  # what an error message begins with: the flag and its value
    lines: typing.Iterable[str]  # a sequence each; it may raise ValueError
    oddities: Oddities | None = None
    path: str = ""  # of a text file


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
    numbers = json.loads((folder / "corpus.json").read_text("utf-8"))
    about = [*summary.describe(numbers), *numbers["notes"]]
    return Corpus(Vocabulary.load(folder / "vocabulary.json"), **files, about=about)


def check_same(folder, paths):
    """Raises ValueError if text files, paths by split, differ from those that a folder's corpus was made of."""
    made_of = json.loads((folder / "corpus.json").read_text("utf-8"))["sha256"]
    for split, digest in _digests(paths).items():
        if made_of.get(split, digest) != digest:
            raise ValueError(
                f"--{split}_file must have the content with which the run began, got another one in {paths[split]}; "
                "to train on it, name another folder by --run."
            )


def _digests(paths):
    """SHA-256 of the files that can be read twice, hexadecimal, by split."""
    found = {}
    for split, path in paths.items():
        if os.path.isfile(path):
            with open(path, "rb") as file:
                found[split] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def make(
    folder, sources, length, seed, tokenizer="words", lowercase=False, max_size=None, min_count=1, too_long="skip"
):
    """Reads text, takes the vocabulary from its training split and writes all ids, whole or not at all: a Corpus.

    Lines without a token are left out. Where valid or test has no source, a tenth of the training lines, drawn by the
    seed, becomes that split, and stands beside the ids as text.

    sources: dict of split -> Source, with "train" at least. length: T, tokens in a sequence at most. The arguments
    from tokenizer to min_count: of the Vocabulary. too_long: one of TOO_LONG, what becomes of lines of more tokens.

    Raises:
      ValueError: naming the source and what is allowed.
    """
    reader = Vocabulary([], tokenizer, lowercase)
    seen = summary.Summary(length, reader)
    with new_folder(folder) as temporary:
        provisional, counts = _write(temporary, sources, length, seed, reader, too_long, seen)
        vocabulary = Vocabulary.from_counts(counts, max_size, min_count, tokenizer=tokenizer, lowercase=lowercase)
        final = np.array([PAD, UNK, EOS, UNK, *vocabulary.encode(provisional, len(provisional))], np.int32)
        splits = {}
        for split in SPLITS:
            path = temporary / f"{split}.ids"
            unknown, total = _rename(path, final)
            name = f"{sources.get(split, sources['train']).name}, "
            if not total:
                more = "" if split in sources else f", and more of them or a --{split}_file"
                raise ValueError(
                    f"{name}which gives no line to the {split} split ({seen.too_long} lines are too long); allowed "
                    f"are lines of 1 to {length} tokens, the --max_length{more}."
                )
            if unknown == total:
                raise ValueError(
                    f"{name}every token of whose {split} split is unknown; allowed are tokens that occur {min_count} "
                    f"times (--min_count) in the training data, the most frequent {max_size} (--vocab_size)"
                    f"{seen.hint()}."
                )
            sequences = path.stat().st_size // (4 * length)
            splits[split] = {"sequences": sequences, "tokens": total, "unknown": unknown}
        vocabulary.save(temporary / "vocabulary.json")
        notes = [note for source in sources.values() if source.oddities for note in source.oddities.lines()]
        digests = _digests({split: source.path for split, source in sources.items() if source.path})
        numbers = seen.numbers(splits, vocabulary, too_long) | {"sha256": digests, "notes": notes}
        write_json(temporary / "corpus.json", numbers)
    return load(folder, length)


def _write(folder, sources, length, seed, reader, too_long, seen):
    """Writes SPLIT.ids with provisional ids, in the order in which tokens come.

    Returns them, a dict, and the tokens' counts in the training split.
    """
    provisional, counts = {}, collections.Counter()
    drawn = [split for split in SPLITS if split not in sources]
    with contextlib.ExitStack() as files:
        ids = {split: files.enter_context(open(folder / f"{split}.ids", "wb")) for split in SPLITS}
        texts = {split: files.enter_context(open(folder / f"{split}.txt", "w", encoding="utf-8")) for split in drawn}
        for split, where, text in _split_lines(sources, drawn, seed):
            tokens = reader.split(text) if text.strip() else []
            if not tokens:
                seen.empty += 1
                continue
            seen.see(text, tokens)
            if len(tokens) > length and too_long == "error":
                what = f"must have {length} tokens at most (--max_length), got {len(tokens)}"
                raise ValueError(f"{where}: {what}; --too_long=skip, cut or split takes such lines.")
            for part in _parts(tokens, length, too_long):
                row = [provisional.setdefault(token, len(SPECIAL) + len(provisional)) for token in part] + [EOS]
                ids[split].write(np.array((row + [PAD] * length)[:length], np.int32).tobytes())
                if split == "train":
                    counts.update(part)
                if split in texts:
                    texts[split].write(reader.join(part) + "\n" if len(tokens) > length else text + "\n")
    return provisional, counts


def _parts(tokens, length, too_long):
    """The sequences that a line becomes: itself, or where it is too long none, its beginning, or all its parts."""
    if len(tokens) <= length or too_long == "cut":
        return [tokens[:length]]
    return [] if too_long == "skip" else [tokens[start : start + length] for start in range(0, len(tokens), length)]


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
    """Yields of every line the split, where it stands, and the text; training lines also make the drawn splits."""
    random = np.random.default_rng(fold(seed, "split").astype(np.uint32))
    for split, source in sources.items():
        for number, text in enumerate(source.lines, 1):
            place = int(random.random() / HELD_OUT) if split == "train" else len(drawn)
            yield (drawn[place] if place < len(drawn) else split), f"{source.name}, line {number}", text


def text_files(paths):
    """Sources of text files; paths: by split, "" for none."""
    found = {}
    for split, path in paths.items():
        if path:
            name, oddities = f"--{split}_file is {path}", Oddities(path)
            found[split] = Source(name, read_lines(name, path, oddities), oddities, path)
    return found
