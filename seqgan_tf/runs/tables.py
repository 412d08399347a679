"""Tables as text, for a terminal or in Markdown."""

import tabulate

tabulate.MIN_PADDING = 0  # a column is as wide as what it holds: twenty metrics have to stand beside each other
# What Markdown and HTML would take for their own; a new line would end the row.
SPECIAL = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "|": "&#124;",
    "*": "&#42;",
    "`": "&#96;",
    "_": "&#95;",
    "[": "&#91;",
    "\n": "<br>",
}


def escaped(text):
    """Text that Markdown and HTML show as it is."""
    return "".join(SPECIAL.get(character, character) for character in text)


def table(heads, rows, markdown=False):
    """A table with aligned columns; numbers stand to the right.

    Args:
      heads: list of str.
      rows: lists of cells, of which str() is shown.
      markdown: whether the table is to be Markdown; its cells are escaped then, its heads are not.

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
    return tabulate.tabulate(
        cells,
        heads,
        tablefmt="github" if markdown else "simple",
        colalign=sides,
        disable_numparse=True,
    )


def _is_number(cell):
    """Whether a cell is a number, or empty where there is none."""
    try:
        return not cell or float(cell) is not None
    except ValueError:
        return False
