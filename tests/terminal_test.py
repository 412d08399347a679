from seqgan_tf.terminal import near_miss, visible


def test_what_commands_a_terminal_is_shown_by_its_code():
    assert visible("a\x1b[31m\x07\r\x9b\x7f") == "a\\x1b[31m\\x07\\r\\x9b\\x7f"
    assert visible("\u202eabc\u2066") == "\\u202eabc\\u2066"


def test_text_of_any_language_is_shown_as_it_is():
    text = "é ที่ 👩‍👧 می\u200cخواهم\u00a0\tb\nc"
    assert visible(text) == text


def test_a_word_that_is_like_none_has_no_near_miss():
    assert near_miss("xyz", ["train", "list"]) == "" and "'list'" in near_miss("lsit", ["train", "list"])
