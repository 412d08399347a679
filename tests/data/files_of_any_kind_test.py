"""Generated text files end in a corpus or in one clear line."""

import hypothesis
import hypothesis.strategies as st
import numpy as np

from seqgan_tf.data import corpus
from seqgan_tf.data.vocabulary import TOKENIZERS, UNK

ALPHABETS = st.sampled_from(
    [
        "ab ",
        "the cat sees a dog, isn't it? ",
        "床前明月光疑是地上霜",
        "ที่นี่กำ ",
        "e\u0301é \u200b",
        "CN(=O)c1#[]@+-",
        "ACGT",
        "0 1 25",
    ]
    + [
        "👩\u200d👧🏽❤\ufe0f ",
        "<unk> <pad> ",
        '{"text": "a"}',
        "a,b;c\t",
        "\x00\x1b[2J\x07",
        "\ufeff\u2028\x85x",
        "مرحبا بكم ",
    ]
)
ENDS = st.sampled_from(["\n", "\r\n", "\r", "\u2028"])
ENCODINGS = st.sampled_from(
    ["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "latin-1", "cp1251"]
)


@st.composite
def files(draw):
    """Bytes of a file."""
    alphabet, end = draw(ALPHABETS), draw(ENDS)
    lines = draw(st.lists(st.text(alphabet, max_size=draw(st.sampled_from([3, 12, 60]))), max_size=40))
    return (end.join(lines) + draw(st.sampled_from(["", end]))).encode(draw(ENCODINGS), errors="replace")


@hypothesis.settings(max_examples=200, deadline=None, derandomize=True)
@hypothesis.given(files(), st.sampled_from(sorted(TOKENIZERS)), st.sampled_from(corpus.TOO_LONG), st.booleans())
def test_any_file_is_read_or_refused_in_one_line(tmp_path_factory, content, tokenizer, too_long, lowercase):
    folder = tmp_path_factory.mktemp("file")
    (folder / "train").write_bytes(content)
    sources = corpus.text_files(dict.fromkeys(("train", "valid", "test"), str(folder / "train")))
    try:
        made = corpus.make(folder / "corpus", sources, 12, 0, tokenizer, lowercase, too_long=too_long)
    except ValueError as error:
        assert str(error).startswith("--train_file must ") and len(str(error).splitlines()) == 1
        assert f"{folder}/train" in str(error)
        assert not (folder / "corpus").exists()
        return
    assert all(len(line.splitlines()) == 1 for line in made.about) and made.about[0].startswith("Text: ")
    text = content.decode("utf-8").replace("\ufeff", "")
    text = text.lower() if lowercase else text
    lines = [line for line in text.splitlines() if line.strip()]
    assert not (made.train[:] == UNK).any()
    if tokenizer in ("characters", "spaces") and too_long != "split":
        kept = [made.vocabulary.text(row) for row in made.train[:]]
        whole = [line for line in lines if len(made.vocabulary.split(line)) <= 12]
        assert [line for line in kept if line in whole] == whole if too_long == "skip" else set(whole) <= set(kept)
    assert np.array_equal(made.train[:], made.valid[:])
