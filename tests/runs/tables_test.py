from folders import markdown_tables

from seqgan_tf.runs.tables import escaped, table, visible


def test_numbers_are_shown_as_they_are_and_stand_to_the_right():
    text = table(["run", "bleu_2", "step"], [["a", "0.500", ""], ["bcde", "-10.100", 7]])
    assert text.splitlines() == [
        "run    bleu_2  step",
        "----  -------  ----",
        "a       0.500",
        "bcde  -10.100     7",
    ]


def test_markdown_keeps_its_columns_whatever_the_cells_hold():
    text = table(["name", "said"], [["a|b", "<i>*x*</i>\n[y]"], ["", "3 ± 1"]], markdown=True)
    assert markdown_tables(text) == [
        [
            ["name", "said"],
            ["a&#124;b", "&lt;i&gt;&#42;x&#42;&lt;/i&gt;<br>&#91;y]"],
            ["", "3 ± 1"],
        ]
    ]
    assert len({len(line) for line in text.splitlines()}) == 1  # aligned for reading it as it is


def test_a_table_without_rows_has_its_heads():
    assert table(["a", "b"], []).splitlines()[0].split() == ["a", "b"]


def test_escaped_text_is_one_line():
    assert escaped("a_b\nc`") == "a&#95;b<br>c&#96;"


def test_what_commands_a_terminal_is_shown_by_its_code():
    assert visible("a\x1b[31m\x07\r\x9b\x7f") == "a\\x1b[31m\\x07\\r\\x9b\\x7f"
    assert visible("\u202eabc\u2066") == "\\u202eabc\\u2066"


def test_text_of_any_language_is_shown_as_it_is():
    text = "é ที่ 👩‍👧 می\u200cخواهم\u00a0\tb\nc"
    assert visible(text) == text
