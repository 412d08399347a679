"""Summary of a corpus: what was read, what was left out, and advice for the user."""

import collections

import numpy as np

NEARLY_ALL = 0.9  # share of lines
MANY_UNKNOWN = 0.05  # share of tokens


class Summary:
    """Counts the lines of a corpus while it is made.

    Args:
      length: T, the maximum number of tokens per sequence.
      reader: data.vocabulary.Vocabulary whose tokenizer splits the lines.
    """

    def __init__(self, length, reader):
        self._length, self._reader = length, reader
        self._lengths = collections.Counter()  # number of tokens -> number of lines
        self._changed = self._characters = 0
        self.empty = 0

    def see(self, text, tokens):
        """Counts a line that is not empty, and its tokens."""
        self._lengths[len(tokens)] += 1
        self._characters += len(text)
        self._changed += self._reader.join(tokens) != (text.lower() if self._reader.lowercase else text)

    @property
    def too_long(self):
        """Returns the number of lines of more than T tokens."""
        return sum(lines for tokens, lines in self._lengths.items() if tokens > self._length)

    def why_none(self):
        """Returns why no line could be used, to follow the name of the file; "" if some could."""
        if self.too_long:
            advice = "raise --max_length or use --too_long=cut"
            return f" ({self.too_long:,} lines are too long; {advice})"
        if not self._lengths:
            return ", which has only empty lines" if self.empty else ", which is empty"
        return ""

    def hint(self):
        """Returns "; " and the advice to use --tokens=characters, or "" if it does not apply."""
        hint = hint_of_characters(self._lengths.total(), self._lengths[1], self._characters, self._reader.tokenizer)
        return hint and f"; {hint}"

    def numbers(self, splits, vocabulary, too_long):
        """Returns the summary as a dict, for corpus.json. splits: dict of name -> dict; too_long: of TOO_LONG."""
        lengths = np.repeat(*map(np.array, zip(*sorted(self._lengths.items()), strict=True)))
        return splits | {
            "vocabulary": len(vocabulary),
            "tokenizer": self._reader.tokenizer,
            "max_length": self._length,
            "lines": len(lengths),
            "characters": self._characters,
            "empty": self.empty,
            "too_long": self.too_long,
            "too_long_are": too_long,
            "longest": int(lengths[-1]),
            "median": int(np.quantile(lengths, 0.5, method="inverted_cdf")),
            "length_95": int(np.quantile(lengths, 0.95, method="inverted_cdf")),
            "one_token": self._lengths[1],
            "changed": self._changed,
        }


def hint_of_characters(lines, one_token, characters, tokenizer):
    """Returns the advice to use --tokens=characters if nearly every line is a single token, or ""."""
    is_suspect = tokenizer in ("words", "spaces") and one_token >= NEARLY_ALL * lines and characters >= 5 * lines
    return (
        "nearly every line is a single token; --tokens=characters makes each character a token" if is_suspect else ""
    )


def describe(numbers):
    """Returns the result of `Summary.numbers` in words, a list of lines."""
    n = numbers
    kept = ", ".join(f"{n[split]['sequences']:,} {split}" for split in ("train", "valid", "test"))
    in_training, held_out = _unknown(n, "train"), _unknown(n, "valid", "test")
    parts = [f"Text: {kept} sequences of 1 to {n['max_length']} tokens ({n['tokenizer']})"]
    if n["too_long"]:
        fate = {"skip": "left out"}.get(n["too_long_are"], n["too_long_are"])
        parts.append(f"{n['too_long']:,} lines too long ({fate}), the longest has {n['longest']:,} tokens")
    if n["empty"]:
        parts.append(f"{n['empty']:,} lines empty (left out)")
    parts.append(
        f"V = {n['vocabulary']:,}; unknown tokens: {in_training:.2%} in train, {held_out:.2%} in valid and test"
    )
    parts.append(f"the median line has {n['median']} tokens, and 95% of the lines have at most {n['length_95']}")
    if n["length_95"] > n["max_length"]:
        parts.append(f"--max_length={n['length_95']} would keep 95%")
    lines = ["; ".join(parts)]
    hint = hint_of_characters(n["lines"], n["one_token"], n["characters"], n["tokenizer"])
    if hint:
        lines.append(f"Note: {hint}")
    elif n["changed"]:
        keeps = "characters" if n["tokenizer"] == "spaces" else "spaces or characters"
        share = n["changed"] / n["lines"]
        lines.append(
            f"Note: {share:.1%} of the lines change when they are split into tokens and joined again; "
            f"--tokens={keeps} keeps every line unchanged"
        )
    if in_training > MANY_UNKNOWN:
        lines.append(
            f"Note: {in_training:.1%} of the training tokens are unknown, so the generator does not learn them; a "
            "larger --vocab_size or a smaller --min_count keeps more of them"
        )
    return lines


def _unknown(numbers, *splits):
    """Returns the share of the tokens of some splits that are not in the vocabulary."""
    unknown, tokens = (sum(numbers[split][key] for split in splits) for key in ("unknown", "tokens"))
    return unknown / tokens
