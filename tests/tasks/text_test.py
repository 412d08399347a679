import nltk
import numpy as np
import pytest
import reference
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

from seqgan_tf.data import corpus
from seqgan_tf.models import Generator
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.tasks.text import TextTask

LINES = [f"w{i % 7} w{i % 5} w{i % 3}" for i in range(200)]


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    folder = tmp_path_factory.mktemp("text")
    for name, lines in (("train", LINES), ("valid", LINES[::9]), ("test", ["w1 w2 what", "w3 w3", "who w0"])):
        (folder / name).write_text("\n".join(lines) + "\n")
    sources = corpus.text_files({name: folder / name for name in corpus.SPLITS})
    return TextTask(corpus.make(folder / "corpus", sources, 5, 0, "spaces"), num_samples=100, heldout_size=100)


def test_text_is_scored_by_nltks_bleu_and_an_unknown_word_is_never_right(text):
    # Of the test words, what and who are unknown, so "<unk>" must not match them.
    generated = np.array([[text_id(text, "w1"), text_id(text, "w2"), 3, 2, 0], [3, text_id(text, "w0"), 2, 0, 0]])
    metrics = text.evaluate(Generator(len(text.vocabulary), 4, 4, start_token=1, end_token=2), generated, 1.0)
    hypotheses = [["w1", "w2", "<unk>"], ["<unk>", "w0"]]
    references = [["w1", "w2", "what"], ["w3", "w3"], ["who", "w0"]]
    smooth = SmoothingFunction().method1
    expected = np.mean([sentence_bleu(references, h, [1 / 3] * 3, smooth) for h in hypotheses])
    assert metrics["bleu_3"] == pytest.approx(expected, rel=1e-12)
    expected = np.mean([sentence_bleu([hypotheses[1 - i]], hypotheses[i], [1 / 2] * 2, smooth) for i in (0, 1)])
    assert metrics["self_bleu_2"] == pytest.approx(expected, rel=1e-12)
    signature = metrics["signatures"]["bleu"]
    assert signature.startswith("hypotheses:2|references:3 of the 3 in the test split|orders:2-5|weights:uniform|")
    assert f"|smoothing:method1|nltk:{nltk.__version__}|case:mixed|tokens:spaces|vocabulary:11|" in signature
    assert 0 < metrics["bleu_2_real"] < 1


def text_id(task, token):
    (index,) = [i for i in range(len(task.vocabulary)) if task.vocabulary.text([i, 2]) == token]
    return index


def test_likelihoods_of_text_count_tokens_up_to_the_end_only(text):
    generator = Generator(len(text.vocabulary), 4, 4, start_token=1, end_token=2, stddev=0.5, seed=1)
    generated = sample_sequences(generator, 60, 5, seed=1).numpy()
    metrics = text.evaluate(generator, generated, 1.0)
    for name, tokens in (("nll_test", text.heldout), ("entropy", generated)):
        logits = reference.lstm_logits(generator.get_weights(), tokens, start_token=1)
        logits[:, :, :2] = -1e9
        nll, total, count = reference.token_nll(logits, tokens), 0.0, 0
        for row, values in zip(tokens.tolist(), nll, strict=True):
            length = row.index(2) + 1 if 2 in row else 5
            total, count = total + values[:length].sum(), count + length
        assert metrics[name] == pytest.approx(total / count, rel=1e-5), name


def test_memorised_sentences_are_those_of_the_training_file_without_unknown_words(tmp_path):
    (tmp_path / "train").write_text("a b\na b c d e\na x\nb b\n")
    (tmp_path / "held").write_text("a b\nb a\n")
    files = {"train": tmp_path / "train", "valid": tmp_path / "held", "test": tmp_path / "held"}
    made = corpus.make(tmp_path / "ids", corpus.text_files(files), 5, 0, "spaces", max_size=4 + 5)
    assert "x" not in made.vocabulary.tokens and len(made.vocabulary) == 9
    task = TextTask(made, num_samples=100, heldout_size=100)
    sentences = ["a b", "a b c d e", "a b c d", "b a", "a <unk>"]  # the last one is "a x", for all that is known
    ids = np.array([made.vocabulary.encode(sentence.split(), 5) for sentence in sentences])
    metrics = task.scores(ids)
    assert metrics["memorised"] == 2 / 5 and metrics["repeated"] == 0
    assert task.evaluate(Generator(9, 4, 4, start_token=1, end_token=2), ids, 1.0)["memorised_real"] == 1 / 2


def test_one_sequence_has_no_self_bleu_and_no_signature_of_it(text):
    metrics = text.evaluate(Generator(len(text.vocabulary), 4, 4, start_token=1, end_token=2), text.valid[:1], 1.0)
    assert "bleu_2" in metrics and "bleu" in metrics["signatures"]
    assert "self_bleu_2" not in metrics and "self_bleu" not in metrics["signatures"]
    assert "self_bleu_2_real" in metrics and "self_bleu_real" in metrics["signatures"]
