"""Text graph: a vocabulary (text -> ids, ids -> text) as TensorFlow operations, for use without this package.

It agrees with data/vocabulary.py except on rare characters: NUL and U+FDD0, a dotless or dotted Turkish i in "'tis"
and "gimme", a long s at the end of a word, and letters that are new in Unicode.
"""

import re

import tensorflow as tf
from nltk.tokenize import NLTKWordTokenizer
from nltk.tokenize.treebank import TreebankWordDetokenizer

from seqgan_tf.data.graphemes import re2_pattern
from seqgan_tf.data.vocabulary import EOS, GOES_ON, PAD, UNK

_SPACES = r"\x{9}-\x{d}\x{1c}-\x{1f}\x{85}\pZ"  # what str.split and str.isspace take for white space
# TensorFlow uses RE2, whose classes \s, \w and \d cover only ASCII. NLTK compiles some of its patterns with Python's
# re and the others with the package regex, and their classes differ.
_OF_RE = {r"\s": _SPACES, r"\w": r"\pL\pN_", r"\d": r"\p{Nd}"}
_WORD = r"\pL\pM\p{Nd}\p{Nl}\p{Pc}\x{200c}\x{200d}Ⓐ-ⓩ🄰-🅉🅐-🅩🅰-🆉"
_OF_REGEX = {r"\s": r"\x{9}-\x{d}\x{85}\pZ", r"\w": _WORD, r"\d": r"\p{Nd}"}
_KEPT = "\ufdd0"  # marks a character that the next rules must not change
# RE2 has no look-around. These are NLTK's patterns with look-around, each with equivalent rules: they consume or mark
# what the look-around would see. A rule whose matches can be adjacent is applied twice.
_BY_HAND = {
    r"(?i)(?<!\w)(\')(?!(?:re|ve|ll|m|t|s|d|n)\b)(?=\w)": [
        *[(r"(^|[^\w])'(re|ve|ll|m|t|s|d|n)([^\w]|$)", rf"\1{_KEPT}\2\3")] * 2,
        (r"(^|[^\w])'([\w])", r"\1' \2"),
        (_KEPT, "'"),
    ],
    r"""([^\.])\s(\.)(?!\.)([\]\)}>"\']*)""": [
        (r"(\s)\.(\.)", rf"\1{_KEPT}\2"),
        (r"""([^\.])\s(\.)([\]\)}>"\']*)""", r"\1\2\3"),
        (_KEPT, "."),
    ],
}
# A contraction: optionally the start of a word, then groups of letters, then the end of the word or a space.
_CONTRACTION = re.compile(r"\(\?i\)(\\b)?( ?\(['a-z]+\)(?:\\s)?\(['a-z]+\))(\\b|\(\?=\\s\))")


def _without_looking(compiled, substitution):
    """Returns a rule of NLTK as a list of equivalent rules without look-around, in the same notation."""
    if compiled.pattern in _BY_HAND:
        return _BY_HAND[compiled.pattern]
    # A possessive repetition matches the same as a greedy one if only spaces follow.
    pattern = compiled.pattern.replace("(?#X)", "").replace(r"*+)\s*$", r"*)\s*$")
    if not (contraction := _CONTRACTION.fullmatch(pattern)):
        return [(pattern, substitution)]
    start, letters, end = contraction.groups()
    pattern = (r"(^|[^\w])" if start else "()") + letters + (r"([^\w]|$)" if end == r"\b" else r"(\s)")
    # New spaces are marked, so that the second pass does not find a contraction that begins with one.
    substitution = substitution.replace(r"\2", r"\3").replace(r"\1", r"\2").replace(" ", _KEPT)
    return [*[(pattern, rf"\1{substitution}\4")] * 2, (_KEPT, " ")]


def _in_re2(pattern, members):
    """Returns a pattern with \\s, \\w and \\d, alone or in a class [...], replaced by their `members`, a dict."""

    def replaced(part):
        found = re.sub(r"\\[swd]", lambda escape: members[escape[0]], part[0])
        return found if found == part[0] or part[0].startswith("[") else f"[{found}]"

    pattern = re.sub(r"\\u([0-9a-f]{4})", r"\\x{\1}", pattern)
    return re.sub(r"\[(?:\\.|[^\]\\])*\]|\\.", replaced, pattern)


def _translated(rules):
    """Returns NLTK's pairs (compiled pattern, substitution) for RE2; ValueError names a pattern that RE2 lacks."""
    translated = []
    for compiled, substitution in rules:
        members = _OF_RE if isinstance(compiled, re.Pattern) else _OF_REGEX
        flags = "(?i)" if compiled.flags & re.IGNORECASE else ""
        for pattern, replacement in _without_looking(compiled, re.sub(r"\\g<(\d)>", r"\\\1", substitution)):
            translated.append((flags + _in_re2(pattern, members), replacement))
            # Other escapes cover only ASCII in RE2.
            refused = re.search(r"\\[^\Wpx]", translated[-1][0]) or r"\g" in replacement
            try:
                tf.strings.regex_replace("", *translated[-1])
            except tf.errors.InvalidArgumentError:
                refused = True
            if refused or compiled.flags & (re.MULTILINE | re.DOTALL | re.VERBOSE):
                raise ValueError(f"NLTK's pattern {compiled.pattern!r} cannot be translated to RE2.")
    return translated


def _replaced(text, rules):
    for pattern, substitution in rules:
        text = tf.strings.regex_replace(text, pattern, substitution)
    return text


def _word_splitter():
    rules = NLTKWordTokenizer
    contractions = [(pattern, r" \1 \2 ") for pattern in (*rules.CONTRACTIONS2, *rules.CONTRACTIONS3)]
    first = _translated([*rules.STARTING_QUOTES, *rules.PUNCTUATION, rules.PARENS_BRACKETS, rules.DOUBLE_DASHES])
    then = _translated([*rules.ENDING_QUOTES, *contractions])
    return lambda text: _replaced(" " + _replaced(text, first) + " ", then)


def _word_joiner():
    rules = TreebankWordDetokenizer
    contractions = [(pattern, r"\1\2") for pattern in (*rules.CONTRACTIONS3, *rules.CONTRACTIONS2)]
    first = _translated([*contractions, *rules.ENDING_QUOTES])
    then = _translated([rules.DOUBLE_DASHES, *rules.PARENS_BRACKETS, *rules.PUNCTUATION, *rules.STARTING_QUOTES])
    return lambda text: tf.strings.strip(_replaced(tf.strings.strip(_replaced(" " + text + " ", first)), then))


class TextGraph(tf.Module):
    """A data.vocabulary.Vocabulary as a graph; ValueError if RE2 cannot express a rule of its tokenizer."""

    def __init__(self, vocabulary):
        super().__init__()
        self._tokenizer, self._lowercase = vocabulary.tokenizer, vocabulary.lowercase
        if self._tokenizer == "words":
            self._split_words, self._join_words = _word_splitter(), _word_joiner()
        self._tokens = tf.constant(vocabulary.tokens)
        own = {"": UNK, **vocabulary._ids}  # because a table must not be empty
        entries = tf.lookup.KeyValueTensorInitializer(list(own), list(own.values()), tf.string, tf.int32)
        self.table = tf.lookup.StaticHashTable(entries, default_value=UNK)

    def split(self, text):
        """Returns the tokens of text [B], a RaggedTensor [B, None], like Vocabulary.split."""
        if self._lowercase:
            # First, because TensorFlow's lower-case form of these two depends on the locale.
            for capital in "Iİ":
                text = tf.strings.regex_replace(text, capital, capital.lower())
            text = tf.strings.lower(text, encoding="utf-8")
        if self._tokenizer == "glyphs":
            return tf.strings.unicode_split(tf.strings.regex_replace(text, f"[{_SPACES}]", ""), "UTF-8")
        if self._tokenizer == "characters":
            marked = tf.strings.regex_replace(text, f"({re2_pattern()})", rf"\1{_KEPT}")
            return tf.strings.split(marked, _KEPT)[:, :-1]  # the part after the last mark is empty
        if self._tokenizer == "spaces":
            parts = tf.strings.split(text, " ")  # gives one empty part for ""
            return tf.RaggedTensor.from_tensor(parts.to_tensor(), parts.row_lengths() * tf.cast(text != "", tf.int64))
        if self._tokenizer == "words":
            text = self._split_words(text)
        # Python splits at all white space, tf.strings.split only at ASCII white space.
        return tf.strings.split(tf.strings.regex_replace(text, f"[{_SPACES}]", " "))

    def encode(self, text, length):
        """Encodes text [B] like Vocabulary.encode, and counts its tokens.

        Returns:
          ids [B, length], number of tokens [B], number of unknown tokens [B]; all int32.
        """
        return self._encode(self.split(text), length)

    def encode_prefix(self, text, length):
        """Like `encode`, for one text [], which is split like in Vocabulary.prefix.

        Returns:
          ids [length], number of tokens [], number of unknown tokens []; all int32.
        """
        if self._tokenizer == "spaces":
            text = tf.strings.regex_replace(text, " +$", "")
        plain = [part[0] for part in self.encode(text[None], length)]
        if self._tokenizer != "words":
            return plain
        going_on = [part[0] for part in self._encode(self.split(text[None] + f" {GOES_ON}")[:, :-1], length)]
        is_better = (plain[2] == 0) & (going_on[2] > 0)
        return [tf.where(is_better, *parts) for parts in zip(plain, going_on, strict=True)]

    def _encode(self, tokens, length):
        ids = tf.ragged.map_flat_values(self.table.lookup, tokens)
        counts = tf.cast(ids.row_lengths(), tf.int32)
        unknown = tf.reduce_sum(tf.cast(tf.equal(ids, UNK), tf.int32), 1)
        ended = tf.concat([ids, tf.fill([tf.shape(counts)[0], 1], EOS)], 1)
        return ended.to_tensor(PAD, shape=[None, length]), counts, unknown

    def text(self, ids):
        """Returns the text [B] of ids [B, T] int32, like Vocabulary.text."""
        over = tf.cumsum(tf.cast(tf.equal(ids, EOS) | tf.equal(ids, PAD), tf.int32), axis=1)
        words = tf.ragged.boolean_mask(tf.gather(self._tokens, ids), tf.equal(over, 0))
        joined = tf.strings.reduce_join(
            words, 1, separator="" if self._tokenizer in ("characters", "glyphs") else " "
        )
        return self._join_words(joined) if self._tokenizer == "words" else joined
