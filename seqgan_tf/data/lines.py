"""Reads lines of text files with any line ends, and reports other encodings and likely mistakes."""

import collections
import csv
import gzip
import json
import re
import shlex
import unicodedata
import zlib

import charset_normalizer

from seqgan_tf.data.vocabulary import SPECIAL

MARK = "\ufeff"  # the byte order mark
# Invisible characters, except white space and the joiners of letters and emoji (U+200C, U+200D).
INVISIBLE = "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069"
ENCODINGS = ["gb18030", "big5", "cp932", "euc_jp", "euc_kr", "cp1251", "koi8_r", "cp1256", "cp1252"]
DELIMITERS = {",": ("commas", 3), ";": ("semicolons", 2), "\t": ("tabs", 2)}  # name, minimum number of columns
LOOKED_AT = 1_000  # lines that decide whether a file is a table or JSON

# Kind -> what was found, and the command that fixes it, a filter from stdin to stdout; "" if none is needed.
ODDITIES = {
    "mark": ("a byte order mark, which is ignored", ""),
    "invisible": (
        "an invisible or control character",
        """python3 -c "import re, sys; print(re.sub('[{invisible}]', '', sys.stdin.read()), end='')\"""",
    ),
    "decomposed": (
        "another Unicode normal form than in line {composed}, so one word may become two tokens",
        """python3 -c "import sys, unicodedata as u; print(u.normalize('NFC', sys.stdin.read()), end='')\"""",
    ),
    "special": (f"a word that looks like {', '.join(SPECIAL)} but is an ordinary token", ""),
    "padding": ("numbers that end in zeros, probably padding by another program", "sed -E 's/( 0)+ *$//'"),
    "json": (
        "JSON, which is read as plain text",
        'python3 -c "import json, sys; [print(json.loads(line)[{field!r}]) for line in sys.stdin]"',
    ),
    "table": (
        "columns separated by {delimiters} in every line, which are read as plain text",
        'python3 -c "import csv, sys; [print(row[-1]) for row in csv.reader(sys.stdin, delimiter={delimiter!r})]"',
    ),
}


def read_lines(flag, path, oddities=None):
    """Yields the lines of a text file (UTF-8, plain or gzip), without line ends and byte order marks.

    Lines end as in str.splitlines.

    Args:
      flag: the flag that names the file, for error messages.
      path: path of the file or pipe.
      oddities: Oddities that checks all lines, or None.

    Raises:
      ValueError: if the file cannot be read or is not UTF-8; names the line and the likely encoding.

    Examples:
      >>> import pathlib, tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     path = pathlib.Path(folder, "captions.txt.gz")
      ...     _ = path.write_bytes(gzip.compress(b"A dog.\\nA cat.\\n"))
      ...     list(read_lines(f"--train_file={path}", path))
      ['A dog.', 'A cat.']
    """
    number = 0
    try:
        with open(path, "rb") as raw:
            file = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == b"\x1f\x8b" else raw
            for content in file:
                try:
                    text = content.decode()
                except UnicodeDecodeError:
                    text = "\0"
                if "\0" in text:
                    encoding = _encoding(content + file.read(2**16))
                    where = f"in {path}, line {number + 1}"
                    if not encoding:
                        raise ValueError(f"{flag} must be UTF-8 text, got binary data {where}.")
                    fix = _command(path, f"iconv -f {encoding} -t UTF-8")
                    raise ValueError(
                        f"{flag} must be UTF-8, got what looks like {encoding} {where}; to fix it: {fix}"
                    )
                for line in text.splitlines():
                    number += 1
                    if oddities:
                        oddities.see(number, line)
                    yield line.replace(MARK, "")
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{flag} must be a readable text file, plain or gzip, got {path} ({error}).") from error


def _encoding(content):
    """Returns iconv's name of the most likely encoding of bytes that are not UTF-8; "" if they are not text."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    if b"\0" in content:
        if content.count(0) < len(content) / 4:
            return ""
        return "UTF-16LE" if content[1::2].count(0) > content[::2].count(0) else "UTF-16BE"
    found = charset_normalizer.from_bytes(content, cp_isolation=ENCODINGS).best()
    return found.encoding.upper().replace("_", "-") if found else "CP1252"


def _command(path, command):
    begin = "gzip -dc" if str(path).endswith(".gz") else "cat"
    return f"{begin} {shlex.quote(str(path))} | {command} > NEW_FILE"


class Oddities:
    """Finds likely mistakes in the lines of a file. It only reports them; the lines are read unchanged.

    Examples:
      >>> oddities = Oddities("notes.txt")
      >>> for number in (1, 2, 3):
      ...     oddities.see(number, "60 62 64 0 0")
      >>> print(*oddities.lines())
      notes.txt, line 1: numbers that end in zeros, ... (3 lines); ...: cat notes.txt | sed ...
    """

    def __init__(self, path):
        self._path = path
        self._first, self._counts = {}, collections.Counter()  # by kind: number of the first line, number of lines
        self._columns = {}  # delimiter -> number of columns, 0 if lines differ
        self._fields = []  # names in the first JSON object

    def see(self, number, line):
        """Checks a line; number: from 1."""
        if not line.strip(MARK):
            return
        self._counts["all"] += 1
        looks_odd = {
            "mark": MARK in line,
            "invisible": re.search(f"[{INVISIBLE}]", line),
            "decomposed": not unicodedata.is_normalized("NFC", line),
            "composed": not unicodedata.is_normalized("NFD", line) and unicodedata.is_normalized("NFC", line),
            "special": "<" in line and not set(SPECIAL).isdisjoint(line.split()),
            "padding": re.fullmatch(r"\d+( \d+)+( 0){2} *", line),
        }
        if number <= LOOKED_AT:
            looks_odd["json"] = self._is_json(line)
            self._see_columns(line)
        for kind in filter(looks_odd.get, looks_odd):
            self._first.setdefault(kind, number)
            self._counts[kind] += 1

    def _is_json(self, line):
        try:
            content = json.loads(line) if line[0] == "{" else None
        except ValueError:
            return False
        self._fields = self._fields or list(content or ())
        return bool(content)

    def _see_columns(self, line):
        self._counts["looked at"] += 1
        for delimiter in DELIMITERS:
            columns = len(next(csv.reader([line.replace("\0", "")], delimiter=delimiter)))
            if self._columns.setdefault(delimiter, columns) != columns:
                self._columns[delimiter] = 0

    def lines(self):
        """Returns the findings, a list of str: the first place, the likely cause and the command that fixes it."""
        kinds = [kind for kind in ("mark", "invisible", "special") if kind in self._first]
        if {"composed", "decomposed"} <= self._first.keys():
            kinds.append("decomposed")
        if self._counts["padding"] > self._counts["all"] / 2:
            kinds.append("padding")
        looked_at = self._counts["looked at"]
        delimiters = [key for key, (_, fewest) in DELIMITERS.items() if self._columns.get(key, 0) >= fewest]
        if looked_at and self._counts["json"] == looked_at:
            kinds.append("json")
        elif looked_at > 1 and delimiters:
            kinds.append("table")
        delimiter = delimiters[0] if delimiters else ","
        values = {
            "composed": self._first.get("composed"),
            "invisible": INVISIBLE.encode("unicode_escape").decode(),
            "field": "text" if "text" in self._fields else (self._fields or [""])[-1],
            "delimiter": delimiter,
            "delimiters": DELIMITERS[delimiter][0],
        }
        found = []
        for kind in kinds:
            what, fix = (part.format(**values) for part in ODDITIES[kind])
            said = f"{self._path}, line {self._first.get(kind, 1)}: {what}"
            num = self._counts[kind]
            said += f" ({num:,} {'line' if num == 1 else 'lines'})" if kind != "table" else ""
            found.append(f"{said}; to fix it: {_command(self._path, fix)}" if fix else said)
        return found
