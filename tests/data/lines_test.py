"""Text files of all kinds. The commands in the messages are run here."""

import codecs
import gzip
import re
import subprocess

import pytest

from seqgan_tf.data.lines import Oddities, read_lines


def read(path):
    """Returns the lines of a file and the findings."""
    oddities = Oddities(path)
    return list(read_lines("--train_file", path, oddities)), oddities.lines()


def mended(path, said):
    """Returns what `read` returns after the command in a message has been run."""
    command = re.search(r"to fix it: (.*) > NEW_FILE$", said)[1]
    new = path.with_name("new.txt")
    new.write_bytes(subprocess.run(command, shell=True, check=True, capture_output=True).stdout)
    return read(new)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029", "\x0b"])
@pytest.mark.parametrize("last", ["", "end"])
def test_line_ends_of_any_kind(tmp_path, end, last):
    path = tmp_path / "a.txt"
    path.write_bytes(end.join(["one two", "", "  three ", *([last] if last else [""])]).encode())
    assert read(path) == (["one two", "", "  three ", *([last] if last else [])], [])


def test_byte_order_marks_are_left_out_wherever_they_stand(tmp_path):
    path = tmp_path / "two files.txt"
    path.write_bytes(codecs.BOM_UTF8 + b"one\n" + codecs.BOM_UTF8 + b"two\nth" + codecs.BOM_UTF8 + b"ree\n")
    found, (said,) = read(path)
    assert (
        found == ["one", "two", "three"] and said == f"{path}, line 1: a byte order mark, which is ignored (3 lines)"
    )


TEXTS = {
    "UTF-16": "one two\nthree\n",
    "UTF-16LE": "one two\nthree\n",
    "UTF-16BE": "one two\nthree\n",
    "GBK": "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。\n" * 5,
    "BIG5": "床前明月光，疑是地上霜。\n舉頭望明月，低頭思故鄉。\n" * 5,
    "SHIFT_JIS": "吾輩は猫である。名前はまだ無い。\nどこで生れたかとんと見当がつかぬ。\n" * 5,
    "CP1251": "Все счастливые семьи похожи друг на друга,\nкаждая несчастливая семья несчастлива по-своему.\n",
    "ISO-8859-1": "Les élèves étaient très fatigués\naprès l'école, même à Noël, où ça va être répété.\n",
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_another_encoding_is_named_and_the_command_converts_it(tmp_path, encoding):
    path = tmp_path / "a.txt"
    path.write_bytes(b"" + TEXTS[encoding].encode(encoding))
    with pytest.raises(
        ValueError, match=r"^--train_file must be UTF-8, got .* in .*a.txt, line 1; .*iconv -f .* > NEW_FILE$"
    ) as e:
        read(path)
    assert mended(path, str(e.value)) == (TEXTS[encoding].splitlines(), [])


def test_the_line_that_is_not_utf_8_is_named(tmp_path):
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress("good\nünder\n".encode() + "sch\xf6n und gr\xfcn\n".encode("latin-1")))
    with pytest.raises(
        ValueError, match=r"must be UTF-8, got what looks like CP1252 in .*, line 3; .* gzip -dc .* iconv"
    ):
        read(path)


CASES = {
    "an invisible or control character \\(2 lines\\)": ("a\u200bb\nc\n\x1b[31md\n", ["ab", "c", "[31md"]),
    "another Unicode normal form than in line 1, .* \\(1 line\\)": (
        "caf\xe9\ncafe\u0301\n",
        ["caf\xe9"] * 2,
    ),
    "numbers that end in zeros": ("1 2 3 0 0\n4 5 0 0 0\n7 0 8 9 5\n", ["1 2 3", "4 5", "7 0 8 9 5"]),
    "JSON, which is read as plain text": ('{"id": 1, "text": "a b"}\n{"id": 2, "text": "c"}\n', ["a b", "c"]),
    "columns separated by commas": ('id,by,text\n1,x,"a, b"\n2,y,c\n', ["text", "a, b", "c"]),
    "columns separated by tabs": ("1\ta b\n2\tc\n", ["a b", "c"]),
}


@pytest.mark.parametrize("what", CASES)
def test_a_likely_mistake_is_named_with_the_command_that_fixes_it(tmp_path, what):
    content, expected = CASES[what]
    path = tmp_path / "it's.txt"
    path.write_text(content, newline="")
    found, (said,) = read(path)
    assert found == content.splitlines()  # nothing is changed
    assert re.match(rf"{re.escape(str(path))}, line [12]: {what}", said) and "\n" not in said
    assert mended(path, said) == (expected, [])


def test_words_that_look_like_special_tokens_are_named(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("the <unk> of\n<b> is none\n<eos>\n")
    found, (said,) = read(path)
    assert (
        found[0] == "the <unk> of"
        and "line 1: a word that looks like <pad>, <bos>, <eos>, <unk> but is an ordinary token" in said
    )
    assert said.endswith("(2 lines)")


@pytest.mark.parametrize(
    "text",
    [
        "Hello, my friend, said he.\nNo, no, no, no, said she; yes?\n",
        "0 0 0\n12 7 5\n10 0 4\n",
        "{not json}\n{}\n",
        "naïve café\nélan\n",
        "می\u200cخواهم\n👩\u200d👩\u200d👧\n",
        "a\tb\n",
        "\n \n",
        "",
    ],
)
def test_ordinary_text_raises_no_suspicion(tmp_path, text):
    path = tmp_path / "a.txt"
    path.write_text(text)
    assert read(path) == (text.splitlines(), [])
