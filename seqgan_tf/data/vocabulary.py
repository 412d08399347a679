"""Vocabulary: tokens of a corpus <-> ids, and text <-> tokens."""

import json
import pathlib

from nltk.tokenize import NLTKWordTokenizer
from nltk.tokenize.treebank import TreebankWordDetokenizer

PAD, BOS, EOS, UNK = range(4)
SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>")  # what the first four ids are shown as

# By name: text -> tokens, tokens -> text. NLTK's tokenizer needs none of NLTK's data files.
TOKENIZERS = {
    "words": (NLTKWordTokenizer().tokenize, TreebankWordDetokenizer().detokenize),
    "characters": (lambda text: [char for char in text if not char.isspace()], "".join),
    "spaces": (str.split, " ".join),
}


class Vocabulary:
    """The tokens that have an id of their own; ids 0 to 3 are PAD, BOS, EOS and UNK.

    Args:
      tokens: in the order of their ids, from id 4 on.
      tokenizer: one of TOKENIZERS.
      lowercase: whether text is lower-cased before anything else.
    """

    def __init__(self, tokens, tokenizer="words", lowercase=False):
        self.tokens = [*SPECIAL, *tokens]
        self.tokenizer, self.lowercase = tokenizer, lowercase
        self._split, self._join = TOKENIZERS[tokenizer]
        self._ids = {token: index for index, token in enumerate(self.tokens) if index >= len(SPECIAL)}

    @classmethod
    def from_counts(cls, counts, max_size=None, min_count=1, **kwargs):
        """The most frequent tokens; of those as frequent, the first by code points: so the data alone decides.

        Args:
          counts: dict of token -> occurrences.
          max_size: None or V, number of ids at most, the four special ones included.
          min_count: occurrences that a token must have.
          **kwargs: as for the class.
        """
        kept = sorted((token for token, count in counts.items() if count >= min_count), key=lambda t: (-counts[t], t))
        return cls(kept[: None if max_size is None else max_size - len(SPECIAL)], **kwargs)

    @classmethod
    def load(cls, path):
        """The vocabulary of a file that `save` has written."""
        content = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        return cls(content["tokens"], content["tokenizer"], content["lowercase"])

    def save(self, path):
        """Writes the vocabulary as JSON."""
        pathlib.Path(path).write_text(self.json() + "\n", encoding="utf-8")

    def json(self):
        """The vocabulary as JSON, a str."""
        content = {"tokenizer": self.tokenizer, "lowercase": self.lowercase, "tokens": self.tokens[len(SPECIAL) :]}
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
        tokens = []
        for index in ids:
            if index in (PAD, EOS):
                break
            tokens.append(self.tokens[index])
        return tokens

    def text(self, ids):
        """[T] ids -> text."""
        return self._join(self.decode(ids))
