import nltk
import numpy as np
import pytest
import reference
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

from seqgan_tf.data import corpus
from seqgan_tf.models import Generator, Oracle
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.tasks.tasks import OracleTask, TextTask

LINES = [f"w{i % 7} w{i % 5} w{i % 3}" for i in range(200)]


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    folder = tmp_path_factory.mktemp("text")
    for name, lines in (("train", LINES), ("valid", LINES[::9]), ("test", ["w1 w2 what", "w3 w3", "who w0"])):
        (folder / name).write_text("\n".join(lines) + "\n")
    sources = corpus.text_files({name: folder / name for name in corpus.SPLITS})
    return TextTask(corpus.make(folder / "corpus", sources, 5, 0, "spaces"), 100)


def test_oracle_sequences_are_decided_by_the_seed_and_held_out_ones_are_others():
    oracle = Oracle.from_seed(1, 30, 4, 4)
    task, same, other = (OracleTask(oracle, 6, 50, 40, seed) for seed in (1, 1, 2))
    assert task.train.shape == (50, 6) and task.heldout.shape == (40, 6)
    np.testing.assert_array_equal(task.train, same.train)
    assert not np.array_equal(task.train, other.train) and not np.array_equal(task.train[:40], task.heldout)
    figures = task.evaluate(Generator(30, 4, 4), task.heldout)
    assert figures["nll_oracle"] == figures["nll_oracle_real"]
    assert task.lines([[1, 2], [3, 4]]) == ["1 2", "3 4"]


def test_text_is_scored_by_nltks_bleu_and_an_unknown_word_is_never_right(text):
    # Of the test words, what and who are unknown, so "<unk>" must not match them.
    generated = np.array([[text_id(text, "w1"), text_id(text, "w2"), 3, 2, 0], [3, text_id(text, "w0"), 2, 0, 0]])
    figures = text.evaluate(Generator(text.vocab_size, 4, 4, start_token=1, end_token=2), generated)
    hypotheses = [["w1", "w2", "<unk>"], ["<unk>", "w0"]]
    references = [["w1", "w2", "what"], ["w3", "w3"], ["who", "w0"]]
    smooth = SmoothingFunction().method1
    expected = np.mean([sentence_bleu(references, h, [1 / 3] * 3, smooth) for h in hypotheses])
    assert figures["bleu_3"] == pytest.approx(expected, rel=1e-12)
    expected = np.mean([sentence_bleu([hypotheses[1 - i]], hypotheses[i], [1 / 2] * 2, smooth) for i in (0, 1)])
    assert figures["self_bleu_2"] == pytest.approx(expected, rel=1e-12)
    signature = figures["signatures"]["bleu"]
    assert signature.startswith("hypotheses:2|references:3 of the 3 in the test split|orders:2-5|weights:uniform|")
    assert f"|smoothing:method1|nltk:{nltk.__version__}|case:mixed|tokens:spaces|vocabulary:11|" in signature
    assert 0 < figures["bleu_2_real"] < 1


def text_id(task, token):
    (index,) = [i for i in range(task.vocab_size) if task.lines([[i, 2]]) == [token]]
    return index


def test_likelihoods_of_text_count_tokens_up_to_the_end_only(text):
    generator = Generator(text.vocab_size, 4, 4, start_token=1, end_token=2, stddev=0.5, seed=1)
    generated = sample_sequences(generator, 60, 5, seed=1).numpy()
    figures = text.evaluate(generator, generated)
    for name, tokens in (("nll_test", text.heldout), ("entropy", generated)):
        logits = reference.lstm_logits(generator.get_weights(), tokens, start_token=1)
        logits[:, :, :2] = -1e9
        nll, total, count = reference.token_nll(logits, tokens), 0.0, 0
        for row, values in zip(tokens.tolist(), nll, strict=True):
            length = row.index(2) + 1 if 2 in row else 5
            total, count = total + values[:length].sum(), count + length
        assert figures[name] == pytest.approx(total / count, rel=1e-5), name


def test_memorised_sentences_are_those_of_the_training_file_without_unknown_words(tmp_path):
    (tmp_path / "train").write_text("a b\na b c d e\na x\n b b\n")
    (tmp_path / "held").write_text("a b\nb a\n")
    files = {"train": tmp_path / "train", "valid": tmp_path / "held", "test": tmp_path / "held"}
    made = corpus.make(tmp_path / "ids", corpus.text_files(files), 5, 0, "spaces", max_size=4 + 5)
    assert "x" not in made.vocabulary.tokens and len(made.vocabulary) == 9
    task = TextTask(made, 100)
    sentences = ["a b", "a b c d e", "a b c d", "b a", "a <unk>"]  # the last one is "a x", for all that is known
    ids = np.array([made.vocabulary.encode(sentence.split(), 5) for sentence in sentences])
    figures = task.scores(ids)
    assert figures["memorised"] == 2 / 5 and figures["repeated"] == 0
    assert task.evaluate(Generator(9, 4, 4, start_token=1, end_token=2), ids)["memorised_real"] == 1 / 2


def test_one_sequence_has_no_self_bleu_and_no_signature_of_it(text):
    figures = text.evaluate(Generator(text.vocab_size, 4, 4, start_token=1, end_token=2), text.valid[:1])
    assert "bleu_2" in figures and "bleu" in figures["signatures"]
    assert "self_bleu_2" not in figures and "self_bleu" not in figures["signatures"]
    assert "self_bleu_2_real" in figures and "self_bleu_real" in figures["signatures"]
