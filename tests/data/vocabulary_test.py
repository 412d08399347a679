import json
import pathlib
import subprocess
import sys

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from seqgan_tf.data.vocabulary import BOS, EOS, PAD, UNK, NumberVocabulary, Vocabulary

ROOT = pathlib.Path(__file__).parents[2]


def test_ids_of_special_tokens_and_of_words_by_frequency_then_code_points():
    vocabulary = Vocabulary.from_counts({"b": 2, "é": 1, "a": 2, "z": 7, "B": 2})
    assert (PAD, BOS, EOS, UNK) == (0, 1, 2, 3)
    assert vocabulary.tokens[4:] == ["z", "B", "a", "b", "é"] and len(vocabulary) == 9


def test_size_and_count_bound_the_vocabulary():
    counts = {"a": 5, "b": 4, "c": 3, "d": 1}
    assert Vocabulary.from_counts(counts, max_size=6).tokens[4:] == ["a", "b"]
    assert Vocabulary.from_counts(counts, min_count=3).tokens[4:] == ["a", "b", "c"]
    assert Vocabulary.from_counts(counts, min_count=9).tokens[4:] == []


def test_encode_and_decode_by_hand():
    vocabulary = Vocabulary(["a", "b"], "spaces")
    assert vocabulary.encode(["b", "x", "a"], 6) == [5, UNK, 4, EOS, PAD, PAD]
    assert vocabulary.encode(["b", "x", "a"], 3) == [5, UNK, 4]  # a line that fills the sequence needs no end
    assert vocabulary.decode([5, UNK, 4, EOS, 4, 4]) == ["b", "<unk>", "a"]
    assert vocabulary.text([4, 5, EOS, PAD]) == "a b"
    # A token of the text that looks like a special one is an ordinary token.
    assert Vocabulary(["<eos>"], "spaces").encode(["<eos>"], 3) == [4, EOS, PAD]


@pytest.mark.parametrize(
    ("tokenizer", "text", "tokens"),
    [
        ("words", "A dog's bone, isn't it?", ["A", "dog", "'s", "bone", ",", "is", "n't", "it", "?"]),
        ("characters", " hello  w", [" ", "h", "e", "l", "l", "o", " ", " ", "w"]),
        ("characters", "กำ e\u0301 👩\u200d👧", ["กำ", " ", "e\u0301", " ", "👩\u200d👧"]),
        ("glyphs", "床前 明月", ["床", "前", "明", "月"]),
        ("spaces", "n60 rest  n62", ["n60", "rest", "", "n62"]),
        ("spaces", "  return x ", ["", "", "return", "x", ""]),
    ],
)
def test_tokenizers(tokenizer, text, tokens):
    vocabulary = Vocabulary(sorted(set(tokens)), tokenizer)
    assert vocabulary.split(text) == tokens
    joined = vocabulary.text(vocabulary.encode(tokens, 20))
    assert joined.split() == text.split() or joined == text.replace(" ", "")


def test_lower_case():
    assert Vocabulary([], "words", lowercase=True).split("A Dog") == ["a", "dog"]


tokens = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=20)


@hypothesis.settings(max_examples=100, deadline=None)
@hypothesis.given(tokens, st.booleans())
def test_known_tokens_come_back_and_files_keep_all(tmp_path_factory, sentence, lowercase):
    vocabulary = Vocabulary.from_counts(dict.fromkeys(sentence, 1), tokenizer="spaces", lowercase=lowercase)
    path = tmp_path_factory.mktemp("vocabulary") / "vocabulary.json"
    vocabulary.save(path)
    loaded = Vocabulary.load(path)
    assert vars(loaded) == vars(vocabulary)
    assert loaded.decode(loaded.encode(sentence, len(sentence) + 1)) == sentence


def test_order_does_not_depend_on_the_hash_seed():
    code = (
        "from seqgan_tf.data.vocabulary import Vocabulary as V; "
        "print(V.from_counts(dict.fromkeys({*'qwerty'}, 1)).tokens)"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1


def test_text_as_ids_and_ids_as_they_are_shown():
    vocabulary = Vocabulary(["a", "b"], "spaces")
    ids, unknown = vocabulary.ids("b x a", 5)
    assert (ids.tolist(), ids.dtype, unknown) == ([5, UNK, 4, EOS, PAD], np.int32, 1)
    assert vocabulary.shown(ids) == [5, UNK, 4, EOS]
    assert vocabulary.references(ids) == ["b", None, "a"]
    assert vocabulary.prefix("b a", 5).tolist() == [5, 4] and vocabulary.prefix("", 5).tolist() == []
    assert (vocabulary.is_text, vocabulary.start_token, vocabulary.end_token, vocabulary.words) == (
        True,
        BOS,
        EOS,
        ["a", "b"],
    )


def test_numbers_have_the_same_interface():
    vocabulary = NumberVocabulary(50, start_token=7)
    assert len(vocabulary) == 50 and json.loads(vocabulary.json()) == {"numbers": 50}
    assert (vocabulary.is_text, vocabulary.start_token, vocabulary.end_token, list(vocabulary.words)) == (
        False,
        7,
        None,
        [],
    )
    ids, unknown = vocabulary.ids("3 0 49", 3)
    assert (ids.tolist(), ids.dtype, unknown) == ([3, 0, 49], np.int32, 0)
    assert vocabulary.decode(ids) == vocabulary.shown(ids) == vocabulary.references(ids) == [3, 0, 49]
    assert vocabulary.text(ids) == "3 0 49"
    assert vocabulary.prefix("3 0", 3).tolist() == [3, 0] and vocabulary.prefix("", 3).tolist() == []


@pytest.mark.parametrize(
    ("vocabulary", "method", "text", "message"),
    [
        (Vocabulary(["a"], "spaces"), "ids", "", "0 tokens; the number of tokens must be between 1 and 2"),
        (Vocabulary(["a"], "spaces"), "ids", "a a a", "3 tokens; the number of tokens must be between 1 and 2"),
        (
            Vocabulary(["a"], "spaces"),
            "prefix",
            "x a y x",
            "unknown words: x, y; each must be one of the 1 in corpus/vocabulary.json",
        ),
        (Vocabulary(["a"], "spaces"), "prefix", "a a a", "3 tokens; the number of tokens must be at most 2"),
        (NumberVocabulary(50), "ids", "1", "1 tokens; the number of tokens must be 2"),
        (NumberVocabulary(50), "ids", "1 2 3", "3 tokens; the number of tokens must be at most 2"),
        (
            NumberVocabulary(50),
            "prefix",
            "50",
            "invalid tokens; each must be a number from 0 to 49, separated by spaces",
        ),
        (
            NumberVocabulary(50),
            "prefix",
            "-1",
            "invalid tokens; each must be a number from 0 to 49, separated by spaces",
        ),
        (
            NumberVocabulary(50),
            "prefix",
            "one",
            "invalid tokens; each must be a number from 0 to 49, separated by spaces",
        ),
    ],
)
def test_sequences_that_do_not_fit_are_refused(vocabulary, method, text, message):
    with pytest.raises(ValueError, match=message):
        getattr(vocabulary, method)(text, 2)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.mark.parametrize("tokenizer", ["characters", "spaces"])
@hypothesis.settings(max_examples=300, deadline=None)
@hypothesis.given(TEXT)
def test_any_text_comes_back_from_its_ids(tokenizer, text):
    text = "".join(text.splitlines())
    reader = Vocabulary([], tokenizer)
    vocabulary = Vocabulary.from_counts(dict.fromkeys(reader.split(text), 1), tokenizer=tokenizer)
    tokens = vocabulary.split(text)
    assert vocabulary.text(vocabulary.encode(tokens, len(tokens) + 1)) == text


@pytest.mark.parametrize(
    ("prefix", "tokens"),
    [
        ("thank you, mr.", ["thank", "you", ",", "mr."]),
        ("thank you, mr. speaker", ["thank", "you", ",", "mr.", "speaker"]),
        ("thank you.", ["thank", "you", "."]),  # "you." is unknown, so it is taken as the end of a text
        ("", []),
    ],
)
def test_a_prefix_is_split_as_if_more_text_followed(prefix, tokens):
    vocabulary = Vocabulary(["thank", "you", ",", "mr.", "speaker", "."])
    assert vocabulary.decode(vocabulary.prefix(prefix, 9)) == tokens


def test_a_word_that_looks_like_the_unknown_token_is_known():
    vocabulary = Vocabulary(["<unk>", "a"], "spaces")
    assert vocabulary.references(vocabulary.encode(["<unk>", "zz", "a"], 5)) == ["<unk>", None, "a"]
