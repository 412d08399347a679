"""Tables as text, for a terminal or in Markdown."""

import html
import unicodedata

import tabulate

tabulate.MIN_PADDING = 0  # a column is as wide as what it holds: twenty metrics have to stand beside each other
# What Markdown would take for its own; a new line would end the row.
SPECIAL = str.maketrans({character: f"&#{ord(character)};" for character in "|*`_["} | {"\n": "<br>"})
DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # which show text in another order


def escaped(text):
    """Text that Markdown and HTML show as it is."""
    return html.escape(text, quote=False).translate(SPECIAL)


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


def table(heads, rows, markdown=False):
    """A table with aligned columns; numbers stand to the right. In Markdown its cells are escaped, its heads are not.

    Example:
      >>> print(table(["run", "bleu_2"], [["a", "0.500"], ["b", "10.125"]]))
      run  bleu_2
      ---  ------
      a     0.500
      b    10.125
    """
    cells = [[str(cell) for cell in row] for row in rows]
    sides = ["right" if all(map(_is_number, column)) else "left" for column in zip(*cells, strict=True)]
    if markdown:
        cells = [[escaped(cell) for cell in row] for row in cells]
    style = "github" if markdown else "simple"
    return tabulate.tabulate(cells, heads, style, colalign=sides, disable_numparse=True)


def _is_number(cell):
    """Whether a cell is a number, or empty where there is none."""
    try:
        return not cell or float(cell) is not None
    except ValueError:
        return False
