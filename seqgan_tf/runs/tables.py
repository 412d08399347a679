"""Tables as text, for a terminal or in Markdown."""

import html
import unicodedata

import tabulate

tabulate.MIN_PADDING = 0  # no wider than needed: a table may have twenty metrics side by side
# Characters that Markdown interprets; a line break would end the row.
SPECIAL = str.maketrans({character: f"&#{ord(character)};" for character in "|*`_["} | {"\n": "<br>"})
DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # they change the order in which text is shown


def escaped(text):
    """Returns text escaped so that Markdown and HTML show it unchanged."""
    return html.escape(text, quote=False).translate(SPECIAL)


def visible(text):
    """Returns text that is safe on a terminal: control characters except line breaks and tabs become escape codes.

    Examples:
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
    """Returns a table with aligned columns, numbers to the right. Markdown escapes the cells but not the heads.

    Examples:
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
    """Whether a cell is a number or empty."""
    try:
        return not cell or float(cell) is not None
    except ValueError:
        return False
