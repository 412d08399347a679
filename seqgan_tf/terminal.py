"""What other people's text and a user's typing need on a terminal."""

import difflib
import unicodedata

DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # which show text in another order


def visible(text):
    """Text without what could command a terminal: control characters, but for line ends and tabs, as their codes.

    Example:
      >>> print(visible("a \x1b[2Jb"))
      a \\x1b[2Jb
    """

    def shown(character):
        is_safe = character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs")
        if is_safe and character not in DIRECTIONS:
            return character
        return character.encode("unicode_escape").decode()

    return "".join(map(shown, text))


def near_miss(word, known):
    """Words that ask for the likeliest of what a misspelt word could have been, or "".

    Example:
      >>> near_miss("smok", ["quick", "smoke"])
      "; did you mean 'smoke'?"
    """
    found = difflib.get_close_matches(word, known, 1)
    return f"; did you mean {found[0]!r}?" if found else ""
