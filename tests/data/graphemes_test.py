import random

import pytest
import tensorflow as tf

from seqgan_tf.data.graphemes import clusters, re2_pattern


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ab c", ["a", "b", " ", "c"]),
        ("cafe\u0301!", ["c", "a", "f", "e\u0301", "!"]),
        ("ที่นี่", ["ที่", "นี่"]),
        ("👩‍👩‍👧👍🏽🇩🇪🇫🇷", ["👩‍👩‍👧", "👍🏽", "🇩🇪", "🇫🇷"]),
        ("한국\u1112\u1161\u11ab", ["한", "국", "\u1112\u1161\u11ab"]),
        ("क्षत्रि", ["क्ष", "त्रि"]),
        ("", []),
    ],
)
def test_what_a_person_sees_as_one_character_is_one(text, expected):
    assert clusters(text) == expected and "".join(clusters(text)) == text


def test_the_pattern_for_tensorflow_finds_the_same():
    # Characters of all the kinds that the rules of Annex 29 tell apart.
    kinds = [
        "ab \r\n\t",
        "\u0300\u0308",
        "\u200d\u200c\ufe0f",
        "👩👧🏽❤",
        "🇩🇫",
        "\u1100\u1101",
        "\u1160\u1161",
        "\u11a8\u11a9",
    ]
    kinds += ["가각", "कष\u094d\u093c\u0943ક\u0acd", "กำีฃ", "\u0600\U000110bd", "\x80\x85\u2028", "字ß"]
    draw = random.Random(1)
    texts = ["".join(draw.choice(draw.choice(kinds)) for _ in range(draw.randint(1, 12))) for _ in range(5000)]
    marked = tf.strings.regex_replace(texts, f"({re2_pattern()})", "\\1\ufdd0").numpy()
    assert [text.decode().split("\ufdd0")[:-1] for text in marked] == [clusters(text) for text in texts]
