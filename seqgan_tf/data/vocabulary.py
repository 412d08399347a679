"""Vocabularies: tokens <-> ids, and text <-> tokens; of a corpus, or plain numbers where there is no text."""

import itertools
import json
import pathlib

import numpy as np
from nltk.tokenize import NLTKWordTokenizer
from nltk.tokenize.treebank import TreebankWordDetokenizer

from seqgan_tf.data.graphemes import clusters

PAD, BOS, EOS, UNK = range(4)
GOES_ON = "x"  # a word that stands for any that could come next
SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>")  # what the first four ids are shown as

# By name: text -> tokens, tokens -> text. NLTK's tokenizer needs none of NLTK's data files. Text comes back from
# characters and from what stands between spaces as it was; "glyphs" are for verses whose spaces mean nothing.
TOKENIZERS = {
    "words": (NLTKWordTokenizer().tokenize, TreebankWordDetokenizer().detokenize),
    "characters": (clusters, "".join),
    "spaces": (lambda text: text.split(" ") if text else [], " ".join),
    "glyphs": (lambda text: [char for char in text if not char.isspace()], "".join),
}


class Vocabulary:
    """Words in the order of their ids, from 4 on: 0 to 3 are PAD, BOS, EOS and UNK; tokenizer: one of TOKENIZERS."""

    is_text = True
    start_token, end_token = BOS, EOS

    def __init__(self, tokens, tokenizer="words", lowercase=False):
        self.words, self.tokens = [*tokens], [*SPECIAL, *tokens]
        self.tokenizer, self.lowercase = tokenizer, lowercase
        self._split, self.join = TOKENIZERS[tokenizer]  # join(tokens): their text
        self._ids = {token: index for index, token in enumerate(self.words, len(SPECIAL))}

    @classmethod
    def from_counts(cls, counts, max_size=None, min_count=1, **kwargs):
        """The most frequent tokens; of those as frequent, the first by code points: so the data alone decides.

        counts: dict of token -> occurrences, of which a token must have min_count. max_size: None or V, number of ids
        at most, the four special ones included.
        """
        kept = sorted((token for token, count in counts.items() if count >= min_count), key=lambda t: (-counts[t], t))
        return cls(kept[: None if max_size is None else max_size - len(SPECIAL)], **kwargs)

    @classmethod
    def load(cls, path):
        """The vocabulary of a file that `save` has written."""
        return cls(**json.loads(pathlib.Path(path).read_text(encoding="utf-8")))

    def save(self, path):
        """Writes a file for `load`."""
        pathlib.Path(path).write_text(self.json() + "\n", encoding="utf-8")

    def json(self):
        """The vocabulary as JSON, a str."""
        content = {"tokenizer": self.tokenizer, "lowercase": self.lowercase, "tokens": self.words}
        return json.dumps(content, ensure_ascii=False, indent=0)

    def __len__(self):
        return len(self.tokens)

    def split(self, text):
        """Text -> tokens."""
        return self._split(text.lower() if self.lowercase else text)

    def encode(self, tokens, length):
        """At most `length` tokens -> [length] ids: EOS behind the last one where there is room, then PAD."""
        ids = [self._ids.get(token, UNK) for token in tokens] + [EOS]
        return (ids + [PAD] * (length - len(ids)))[:length]

    def decode(self, ids):
        """[T] ids -> tokens, up to EOS or the first PAD."""
        return [self.tokens[index] for index in itertools.takewhile(lambda index: index not in (PAD, EOS), ids)]

    def text(self, ids):
        """[T] ids -> text."""
        return self.join(self.decode(ids))

    def shown(self, ids):
        """[T] ids -> list of ids, the end token included, the padding after it not."""
        return [index for index in np.asarray(ids).tolist() if index != PAD]

    def references(self, ids):
        """[T] ids -> tokens to compare with; an unknown one is None, which no hypothesis has: nobody guessed it."""
        return [None if index == UNK else token for index, token in zip(ids, self.decode(ids), strict=False)]

    def ids(self, text, length):
        """A whole sequence of 1 to `length` tokens as text -> ([length] int32, number of unknown tokens)."""
        tokens = self.split(text)
        if not 0 < len(tokens) <= length:
            raise ValueError(f"{len(tokens)} tokens; allowed are 1 to {length}")
        ids = np.array(self.encode(tokens, length), np.int32)
        unknown = int((ids == UNK).sum())
        if unknown == len(tokens):
            raise ValueError("no token that is known; allowed is text with one at least")
        return ids, unknown

    def prefix(self, text, length):
        """The beginning of a sequence as text, at most `length` known tokens -> [P] int32.

        Words are split as if the text went on ("mr." is one before another word, and two at the end of a text), or,
        if that gives unknown ones, as they are.
        """
        plain = self.split(text.rstrip(" ") if self.tokenizer == "spaces" else text)
        going_on = self.split(f"{text} {GOES_ON}")[:-1] if self.tokenizer == "words" else plain
        tokens = plain if self._unknown(going_on) and not self._unknown(plain) else going_on
        if self._unknown(tokens):
            unknown = ", ".join(self._unknown(tokens))
            raise ValueError(f"unknown words: {unknown}; allowed are the {len(self)} of the vocabulary")
        return _at_most(self.encode(tokens, len(tokens)), length)

    def _unknown(self, tokens):
        return dict.fromkeys(token for token in tokens if token not in self._ids)


class NumberVocabulary:
    """The same interface where tokens are `size` numbers and there is no text: a sequence is numbers with spaces."""

    is_text = False
    end_token = None
    words = ()

    def __init__(self, size, start_token=0):
        self._size, self.start_token = size, start_token

    def __len__(self):
        return self._size

    def json(self):
        """The vocabulary as JSON, a str."""
        return json.dumps({"numbers": self._size})

    def decode(self, ids):
        """[T] ids -> tokens, the same numbers."""
        return np.asarray(ids).tolist()

    shown = references = decode

    def text(self, ids):
        """[T] ids -> the numbers with spaces."""
        return " ".join(map(str, self.decode(ids)))

    def ids(self, text, length):
        """Like Vocabulary.ids, of exactly `length` numbers from 0 to V - 1; none is unknown."""
        ids = self.prefix(text, length)
        if len(ids) != length:
            raise ValueError(f"{len(ids)} tokens; allowed are {length}")
        return ids, 0

    def prefix(self, text, length):
        """Like Vocabulary.prefix, of numbers from 0 to V - 1."""
        words, most = text.split(), self._size - 1
        if not all(word.isdecimal() and int(word) <= most for word in words):
            raise ValueError(f"tokens that are no number from 0 to {most}; allowed are such numbers with spaces")
        return _at_most([int(word) for word in words], length)


def _at_most(ids, length):
    if len(ids) > length:
        raise ValueError(f"{len(ids)} tokens; allowed are {length} at most")
    return np.array(ids, np.int32)
