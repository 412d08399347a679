"""Corpus: text as files of token ids, made once and read by index, so memory does not grow with the text."""

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
HELD_OUT = 0.1  # share of the training lines for each split that has no source


class Corpus(typing.NamedTuple):
    """The ids of a corpus, and its vocabulary, which comes from the training split alone."""

    vocabulary: Vocabulary
    train: "IdFile"
    valid: "IdFile"
    test: "IdFile"
    about: list  # str: a summary of what was read, and warnings


class Source(typing.NamedTuple):
    """Where the text of a split comes from."""

    flag: str  # for error messages
    value: str  # of the flag, for error messages
    lines: typing.Iterable[str]  # one sequence each; may raise ValueError
    oddities: Oddities | None = None
    path: str = ""  # of a text file; "" for a built-in corpus


class IdFile:
    """Sequences [S, T] of int32 ids in a file, indexed like an array. length: T."""

    def __init__(self, path, length):
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115 - stays open for reading
        self.shape = os.fstat(self._file.fileno()).st_size // (4 * length), length

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, index):
        """Returns the rows [n, T] of a slice or of an array [n] of indices."""
        rows = range(len(self))[index] if isinstance(index, slice) else np.asarray(index).tolist()
        file, size = self._file.fileno(), 4 * self.shape[1]
        if isinstance(rows, range) and rows.step == 1:
            content = os.pread(file, size * len(rows), size * rows.start)
        else:
            content = b"".join(os.pread(file, size, size * row) for row in rows)
        return np.frombuffer(content, np.int32).reshape(-1, self.shape[1])


def load(folder, length):
    """Returns the Corpus that `make` has written to a folder. length: T."""
    files = {split: IdFile(folder / f"{split}.ids", length) for split in SPLITS}
    numbers = json.loads((folder / "corpus.json").read_text("utf-8"))
    about = [*summary.describe(numbers), *numbers["notes"]]
    return Corpus(Vocabulary.load(folder / "vocabulary.json"), **files, about=about)


def check_same(folder, paths):
    """Raises ValueError if the text files have changed since the corpus in a folder was made. paths: by split."""
    made_of = json.loads((folder / "corpus.json").read_text("utf-8"))["sha256"]
    for split, digest in _digests(paths).items():
        if made_of.get(split, digest) != digest:
            raise ValueError(
                f"--{split}_file must have the content that the run began with, got other content in {paths[split]}; "
                "to train on it, give another --run."
            )


def _digests(paths):
    """Returns the hexadecimal SHA-256 of each regular file, by split. A pipe cannot be read twice."""
    found = {}
    for split, path in paths.items():
        if os.path.isfile(path):
            with open(path, "rb") as file:
                found[split] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def make(
    folder, sources, length, seed, tokenizer="words", lowercase=False, max_size=None, min_count=1, too_long="skip"
):
    """Reads text, builds its vocabulary and writes all ids to a folder, completely or not at all.

    The vocabulary comes from the training split alone. Lines without a token are left out. If valid or test has no
    source, a tenth of the training lines, drawn at random, becomes that split and is also written as text.

    Args:
      folder: pathlib.Path of the folder to write.
      sources: dict of split -> Source, with "train" at least.
      length: T, the maximum number of tokens per sequence.
      seed: int; decides which lines become a split without a source.
      tokenizer: name in vocabulary.TOKENIZERS.
      lowercase: whether to convert the text to lower case.
      max_size: V, the maximum number of ids; None for no limit.
      min_count: occurrences in the training split that a token needs.
      too_long: what to do with lines of more than T tokens, one of TOO_LONG.

    Returns:
      Corpus.

    Raises:
      ValueError: if the text cannot be used; names the flag.
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
            flag, value, *_ = sources.get(split, sources["train"])
            if not total:
                more = "" if split in sources else f"; add lines or give --{split}_file"
                raise ValueError(
                    f"{flag} must have lines of 1 to {length} tokens (--max_length) for the {split} split, got none "
                    f"in {value}{seen.why_none()}{more}."
                )
            if unknown == total:
                raise ValueError(
                    f"{flag} must have known tokens in the {split} split, got none in {value}; a token is known if "
                    f"it occurs at least {min_count} times (--min_count) in the training data and is among the "
                    f"{max_size} most frequent (--vocab_size){seen.hint()}."
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
    """Writes SPLIT.ids with provisional ids, numbered in order of appearance.

    Returns these ids, a dict of token -> id, and the tokens' counts in the training split.
    """
    provisional, counts = {}, collections.Counter()
    drawn = [split for split in SPLITS if split not in sources]
    with contextlib.ExitStack() as files:
        ids = {split: files.enter_context(open(folder / f"{split}.ids", "wb")) for split in SPLITS}
        texts = {split: files.enter_context(open(folder / f"{split}.txt", "w", encoding="utf-8")) for split in drawn}
        for split, flag, place, text in _split_lines(sources, drawn, seed):
            tokens = reader.split(text) if text.strip() else []
            if not tokens:
                seen.empty += 1
                continue
            seen.see(text, tokens)
            if len(tokens) > length and too_long == "error":
                limit = f"at most {length} tokens per line (--max_length)"
                advice = "use --too_long=skip, cut or split for such lines"
                raise ValueError(f"{flag} must have {limit}, got {len(tokens)} in {place}; {advice}.")
            for part in _parts(tokens, length, too_long):
                row = [provisional.setdefault(token, len(SPECIAL) + len(provisional)) for token in part] + [EOS]
                ids[split].write(np.array((row + [PAD] * length)[:length], np.int32).tobytes())
                if split == "train":
                    counts.update(part)
                if split in texts:
                    texts[split].write(reader.join(part) + "\n" if len(tokens) > length else text + "\n")
    return provisional, counts


def _parts(tokens, length, too_long):
    """Returns the sequences of a line: the line itself, or if it is too long, none, its beginning or its parts."""
    if len(tokens) <= length or too_long == "cut":
        return [tokens[:length]]
    return [] if too_long == "skip" else [tokens[start : start + length] for start in range(0, len(tokens), length)]


def _rename(path, final, block=2**20):
    """Replaces each id in a file by final[id]. Returns the number of unknown tokens and of all tokens."""
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
    """Yields the split, flag, place and text of each line. The drawn splits get a share of the training lines."""
    random = np.random.default_rng(fold(seed, "split").astype(np.uint32))
    for split, source in sources.items():
        for number, text in enumerate(source.lines, 1):
            place = int(random.random() / HELD_OUT) if split == "train" else len(drawn)
            chosen = drawn[place] if place < len(drawn) else split
            yield chosen, source.flag, f"{source.value}, line {number}", text


def text_files(paths):
    """Returns the Sources of text files, a dict by split. paths: dict of split -> path, "" for none."""
    found = {}
    for split, path in paths.items():
        if path:
            flag, oddities = f"--{split}_file", Oddities(path)
            found[split] = Source(flag, path, read_lines(flag, path, oddities), oddities, path)
    return found
