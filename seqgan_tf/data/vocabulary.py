"""Vocabularies: text <-> tokens <-> ids, for a corpus, or for plain numbers where there is no text."""

import functools
import itertools
import json
import pathlib

import numpy as np

from seqgan_tf.data.graphemes import clusters

PAD, BOS, EOS, UNK = range(4)
GOES_ON = "x"  # stands for whichever word may come next
SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>")  # how the first four ids are shown


@functools.cache
def _nltk():
    """Returns NLTK's functions text -> tokens and tokens -> text. Imported here because it takes most of a second."""
    from nltk.tokenize import NLTKWordTokenizer
    from nltk.tokenize.treebank import TreebankWordDetokenizer

    return NLTKWordTokenizer().tokenize, TreebankWordDetokenizer().detokenize


# Name -> functions text -> tokens and tokens -> text. NLTK's tokenizer needs none of NLTK's data files. "characters"
# and "spaces" restore the text exactly; "glyphs" is for verse in which spaces mean nothing.
TOKENIZERS = {
    "words": (lambda text: _nltk()[0](text), lambda tokens: _nltk()[1](tokens)),
    "characters": (clusters, "".join),
    "spaces": (lambda text: text.split(" ") if text else [], " ".join),
    "glyphs": (lambda text: [char for char in text if not char.isspace()], "".join),
}


class Vocabulary:
    """The tokens of a corpus. Ids 0 to 3 are PAD, BOS, EOS and UNK; tokens have the ids from 4 on.

    Args:
      tokens: list of str in the order of their ids.
      tokenizer: name in TOKENIZERS.
      lowercase: whether to convert text to lower case.

    Examples:
      >>> vocabulary = Vocabulary(["a", "b"], "spaces")
      >>> vocabulary.encode(["b", "x", "a"], 5), vocabulary.text([5, 4, 2, 0])
      ([5, 3, 4, 2, 0], 'b a')
    """

    is_text = True
    start_token, end_token = BOS, EOS

    def __init__(self, tokens, tokenizer="words", lowercase=False):
        self.words, self.tokens = [*tokens], [*SPECIAL, *tokens]
        self.tokenizer, self.lowercase = tokenizer, lowercase
        self._split, self.join = TOKENIZERS[tokenizer]  # join(tokens) -> text
        self._ids = {token: index for index, token in enumerate(self.words, len(SPECIAL))}

    @classmethod
    def from_counts(cls, counts, max_size=None, min_count=1, **kwargs):
        """Returns the Vocabulary of the most frequent tokens. Ties are broken by code points.

        Args:
          counts: dict of token -> occurrences.
          max_size: V, the maximum number of ids including the four special ones; None for no limit.
          min_count: occurrences that a token needs.
          **kwargs: tokenizer and lowercase.

        Examples:
          >>> Vocabulary.from_counts({"dog": 3, "a": 9, "cat": 3, "emu": 1}, min_count=2).words
          ['a', 'cat', 'dog']
        """
        kept = sorted((token for token, count in counts.items() if count >= min_count), key=lambda t: (-counts[t], t))
        return cls(kept[: None if max_size is None else max_size - len(SPECIAL)], **kwargs)

    @classmethod
    def load(cls, path):
        """Returns the Vocabulary of a file that `save` has written."""
        return cls(**json.loads(pathlib.Path(path).read_text(encoding="utf-8")))

    def save(self, path):
        """Writes a file for `load`."""
        pathlib.Path(path).write_text(self.json() + "\n", encoding="utf-8")

    def json(self):
        """Returns the vocabulary as JSON, a str."""
        content = {"tokenizer": self.tokenizer, "lowercase": self.lowercase, "tokens": self.words}
        return json.dumps(content, ensure_ascii=False, indent=0)

    def __len__(self):
        return len(self.tokens)

    def split(self, text):
        """Returns the tokens of a text, a list of str."""
        return self._split(text.lower() if self.lowercase else text)

    def encode(self, tokens, length):
        """Returns [length] ids of at most `length` tokens: EOS after the last one if there is room, then PAD."""
        ids = [self._ids.get(token, UNK) for token in tokens] + [EOS]
        return (ids + [PAD] * (length - len(ids)))[:length]

    def decode(self, ids):
        """Returns the tokens of ids [T], up to the first EOS or PAD."""
        return [self.tokens[index] for index in itertools.takewhile(lambda index: index not in (PAD, EOS), ids)]

    def text(self, ids):
        """Returns the text of ids [T]."""
        return self.join(self.decode(ids))

    def shown(self, ids):
        """Returns ids [T] as a list without padding; the end token is included."""
        return [index for index in np.asarray(ids).tolist() if index != PAD]

    def references(self, ids):
        """Returns the tokens of ids [T] to compare with. An unknown token is None, so no hypothesis can match it."""
        return [None if index == UNK else token for index, token in zip(ids, self.decode(ids), strict=False)]

    def ids(self, text, length):
        """Returns a whole sequence, given as text, as ids [length] int32, and its number of unknown tokens.

        Raises:
          ValueError: unless it has 1 to `length` tokens, at least one of them known.

        Examples:
          >>> Vocabulary(["a", "cat"]).ids("a cat barks", length=5)
          (array([4, 5, 3, 2, 0], dtype=int32), 1)
        """
        tokens = self.split(text)
        if not 0 < len(tokens) <= length:
            raise ValueError(f"{len(tokens)} tokens; the number of tokens must be between 1 and {length}")
        ids = np.array(self.encode(tokens, length), np.int32)
        unknown = int((ids == UNK).sum())
        if unknown == len(tokens):
            raise ValueError("no known token; at least one must be in the vocabulary")
        return ids, unknown

    def prefix(self, text, length):
        """Returns the beginning of a sequence, given as text, as ids [P] int32.

        Words are split as if more text followed: "mr." is one token before another word, but two at the end of a
        text. If that gives unknown tokens, the words are split as they are.

        Raises:
          ValueError: if it has unknown tokens, or more than `length` tokens.

        Examples:
          >>> Vocabulary(["a", "cat"]).prefix("a cat", length=5)
          array([4, 5], dtype=int32)
        """
        plain = self.split(text.rstrip(" ") if self.tokenizer == "spaces" else text)
        going_on = self.split(f"{text} {GOES_ON}")[:-1] if self.tokenizer == "words" else plain
        tokens = plain if self._unknown(going_on) and not self._unknown(plain) else going_on
        if self._unknown(tokens):
            unknown = ", ".join(self._unknown(tokens))
            known = len(self) - len(SPECIAL)
            raise ValueError(f"unknown words: {unknown}; each must be one of the {known:,} in corpus/vocabulary.json")
        return _at_most(self.encode(tokens, len(tokens)), length)

    def _unknown(self, tokens):
        return dict.fromkeys(token for token in tokens if token not in self._ids)


class NumberVocabulary:
    """The interface of Vocabulary for tokens that are numbers from 0 to `size` - 1, without text.

    A sequence is written as numbers separated by spaces.

    Examples:
      >>> vocabulary = NumberVocabulary(size=8)
      >>> vocabulary.prefix("7 0 3", length=5)
      array([7, 0, 3], dtype=int32)
      >>> vocabulary.text([7, 0, 3])
      '7 0 3'
    """

    is_text = False
    end_token = None
    words = ()

    def __init__(self, size, start_token=0):
        self._size, self.start_token = size, start_token

    def __len__(self):
        return self._size

    def json(self):
        """Returns the vocabulary as JSON, a str."""
        return json.dumps({"numbers": self._size})

    def decode(self, ids):
        """Returns the tokens of ids [T], the same numbers, a list of int."""
        return np.asarray(ids).tolist()

    shown = references = decode

    def text(self, ids):
        """Returns ids [T] as numbers separated by spaces."""
        return " ".join(map(str, self.decode(ids)))

    def ids(self, text, length):
        """Like Vocabulary.ids, for exactly `length` numbers from 0 to V - 1; none is unknown."""
        ids = self.prefix(text, length)
        if len(ids) != length:
            raise ValueError(f"{len(ids)} tokens; the number of tokens must be {length}")
        return ids, 0

    def prefix(self, text, length):
        """Like Vocabulary.prefix, for numbers from 0 to V - 1."""
        words, most = text.split(), self._size - 1
        if not all(word.isdecimal() and int(word) <= most for word in words):
            raise ValueError(f"invalid tokens; each must be a number from 0 to {most}, separated by spaces")
        return _at_most([int(word) for word in words], length)


def _at_most(ids, length):
    if len(ids) > length:
        raise ValueError(f"{len(ids)} tokens; the number of tokens must be at most {length}")
    return np.array(ids, np.int32)
