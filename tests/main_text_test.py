"""The command line on text and music, as a user meets it."""

import re

import matplotlib.image
import pretty_midi
import pytest
from command import here, one_error_line, records, seqgan

from seqgan_tf.data.corpus import SPLITS
from seqgan_tf.main import main

pytestmark = pytest.mark.slow

TINY = (
    "--preset=smoke",
    "--eval_samples=16",
    "--heldout_size=16",
    "--mle_epochs=1",
    "--d_rounds=1",
    "--iterations=1",
    "--num_rollouts=1",
)


def test_text_comes_out_as_text(tmp_path):
    (tmp_path / "lines.txt").write_text(
        "".join(f"The {a} dog sees a {b} cat .\n" for a in "abcdefghij" for b in "klmnopqrst")
    )
    process = here(tmp_path, "--preset=smoke", "--train_file=lines.txt", "--max_length=8", "--run=dogs")
    assert process.returncode == 0, process.stderr
    for word in (
        "bleu_2",
        "self_bleu_4",
        "nll_test",
        "SeqGAN, last",
        "Real data (validation split)",
        "|tokens:words|",
    ):
        assert word in process.stdout, word
    text = (tmp_path / "dogs" / "samples" / "adversarial-00003.txt").read_text()
    assert "\nSamples:\n" + "".join(f"  {line}\n" for line in text.splitlines()[:5]) in process.stdout
    words = set(text.replace(".", " ").split())
    assert len(words) > 5 and words <= {*"abcdefghijklmnopqrst", "The", "dog", "sees", "cat", "<unk>"}
    picture = matplotlib.image.imread(tmp_path / "dogs" / "learning_curve.png")
    assert picture.std() > 0.05


BAD_TEXT = [
    (
        b"",
        "--train_file must have lines of 1 to 6 tokens (--max_length) for the train split, "
        "got none in text, which is empty.",
    ),
    (b"good\n\xff\xfe\n", "--train_file must be UTF-8, got what looks like UTF-16 in text, line 2; to fix it: "),
    (b"a b c d e f g h\n" * 50, "for the train split, got none in text (150 lines are too long; "),
    (b"a b\n" * 7, "--batch_size must be between 1 and 7, the number of training sequences, got 8"),
    (None, "--train_file must be a readable text file, plain or gzip, got text ("),
]


@pytest.mark.parametrize(("content", "message"), BAD_TEXT, ids=lambda value: str(value)[:20])
def test_bad_text_gets_one_line_and_nothing_is_written(content, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "text").write_bytes(content)
    assert main(["main", "--preset=smoke", *(f"--{split}_file=text" for split in SPLITS)]) == 2
    captured = capsys.readouterr()
    assert message in one_error_line(captured.err) and captured.out == ""
    assert [path.name for path in tmp_path.iterdir()] == (["text"] if content is not None else [])


def test_one_flag_trains_on_speeches_without_a_network(tmp_path):
    flags = (*TINY, "--corpus=presidential_speeches/obama", "--max_length=12", "--data_dir=data", "--run=obama")
    process = seqgan(tmp_path, *flags, "--vocab_size=500", HTTPS_PROXY="http://127.0.0.1:9")
    assert process.returncode == 0, process.stderr
    first, read = process.stderr.splitlines()[:2]
    assert first == "Building presidential_speeches/obama in data/presidential_speeches/obama/1.0.0, once ..."
    assert read.startswith("Text: 669 train, 77 valid, 101 test sequences of 1 to 12 tokens (words); 1,901 lines too")
    assert "\nTraining in obama" in process.stderr
    assert (tmp_path / "obama" / "samples" / "adversarial-00001.txt").read_text().strip()
    # Another run reads what the first has built; the first resumes although its data have moved.
    (tmp_path / "data").rename(tmp_path / "moved")
    moved = [flag.replace("data_dir=data", "data_dir=moved") for flag in flags]
    process = here(tmp_path, *moved, "--vocab_size=500")
    assert process.returncode == 0 and "\nResuming obama" in process.stderr
    process = here(tmp_path, *moved, "--vocab_size=500", "--run=other", HTTPS_PROXY="http://127.0.0.1:9")
    assert process.returncode == 0 and "\nTraining in other" in process.stderr and "Building" not in process.stderr
    assert records(tmp_path / "other") == records(tmp_path / "obama")


def test_music_comes_out_as_midi_files(tmp_path, real_data_dir):
    flags = ("--corpus=nottingham", "--max_length=32", f"--data_dir={real_data_dir}", "--run=music")
    process = here(tmp_path, *TINY, "--batch_size=64", *flags)
    assert process.returncode == 0, process.stderr
    assert "pitch_mse" in process.stdout
    samples = tmp_path / "music" / "samples"
    lines = (samples / "adversarial-00001.txt").read_text().splitlines()
    assert len(list(samples.glob("adversarial-00001-*.mid"))) == len(lines) == 10
    for number, line in enumerate(lines, 1):
        midi = pretty_midi.PrettyMIDI(str(samples / f"adversarial-00001-{number:02}.mid"))
        written = [note.pitch for instrument in midi.instruments for note in instrument.notes]
        names = [name for i, name in enumerate(line.split()) if i == 0 or name != line.split()[i - 1]]
        assert written == [pretty_midi.note_name_to_number(name) for name in names if name != "r"]


def test_bleu_as_the_reward_needs_no_discriminator(tmp_path):
    (tmp_path / "lines.txt").write_text("".join(f"the {a} and {b}\n" for a in "abcdefghij" for b in "klmnopqrst"))
    process = here(tmp_path, *TINY, "--train_file=lines.txt", "--reward=bleu", "--run=bleu")
    assert process.returncode == 0, process.stderr
    assert "PG-BLEU, last" in process.stdout and "discriminator" not in process.stderr
    last = records(tmp_path / "bleu")[-1]
    assert 0 < last["mean_reward"] < 1 and "d_loss" not in last


def test_every_score_is_stored_with_its_signature(tmp_path):
    (tmp_path / "lines.txt").write_text("".join(f"the {a} and {b}\n" for a in "abcdefghij" for b in "klmnopqrst"))
    process = here(tmp_path, *TINY, "--train_file=lines.txt", "--iterations=0", "--run=run", "--temperature=0.5")
    assert process.returncode == 0, process.stderr
    last = [record for record in records(tmp_path / "run") if record["phase"] == "mle"][-1]
    scores = {name for name, value in last.items() if isinstance(value, float)} - {"nll_train"}
    assert {re.sub(r"_\d", "", name) for name in scores} == set(last["signatures"])
    assert "hypotheses:16|" in last["signatures"]["self_bleu"]
    num_valid = len((tmp_path / "run/corpus/valid.txt").read_text().splitlines())
    assert f"hypotheses:{min(16, num_valid)}|" in last["signatures"]["self_bleu_real"]
    (common,) = (x for x in process.stdout.splitlines() if x.startswith("Signatures, all with "))
    for name, signature in last["signatures"].items():
        assert "|temperature:0.5|" in signature
        # Each of a score that is shown is printed: the common parts once, the rest after the name. With 16 samples
        # the scores of the first 500 are those of all.
        line = next((x for x in process.stdout.splitlines() if x.startswith(f"  {name}  ")), "")
        assert name.endswith(("_real", "_first500")) or all(part in line + common for part in signature.split("|"))


BAD_CORPORA = [
    (
        ["--corpus=poems"],
        "--corpus must be one of chinese_poems, chinese_poems/punctuated, ",
    ),
    (
        ["--corpus=image_coco", "--train_file=x"],
        "--corpus must be given without a text file, got image_coco and a text file.",
    ),
    (["--test_file=x"], "--valid_file and --test_file must be given with --train_file."),
    (
        ["--corpus=presidential_speeches/obama", "--data_dir=data", "--min_count=9999"],
        "--corpus must have known tokens in the train split, got none in presidential_speeches/obama; ",
    ),
    (["--train_file="], "--train_file must be a name, got ''; leave the flag out to use its default"),
    (["--lowercase"], "--tokens, --lowercase and --min_count must be given with --train_file or --corpus."),
    (["--temperature=0"], "--temperature must be at least 0.01, got 0.0"),
    (["--corpus=nottingham", "--lowercase"], "--lowercase and --tokens must be left out with --corpus=nottingham."),
    (
        ["--corpus=nottingham", "--tokens=words"],
        "--lowercase and --tokens must be left out with --corpus=nottingham.",
    ),
]


@pytest.mark.parametrize(("args", "message"), BAD_CORPORA, ids=lambda value: " ".join(value)[:40])
def test_bad_corpora_get_one_line_and_no_run_folder(args, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["main", "--preset=smoke", *args]) == 2
    captured = capsys.readouterr()
    lines = [line for line in captured.err.splitlines() if not line.startswith("Building ")]
    assert message in one_error_line("\n".join(lines)) and captured.out == ""
    assert not (tmp_path / "runs").exists()


def test_without_files_and_network_a_corpus_says_what_it_needs(tmp_path):
    process = seqgan(tmp_path, "--corpus=chinese_poems", "--data_dir=data", HTTPS_PROXY="http://127.0.0.1:9")
    assert process.returncode == 2
    building, error = process.stderr.splitlines()
    assert building.startswith("Building chinese_poems in data")
    assert error.startswith("error: --corpus=chinese_poems cannot be built: the download failed (")
    assert (
        "put these files into data/downloads/manual/chinese_poems: shi.txt (from https://raw.githubusercontent.com/"
        in error
    )
    assert not (tmp_path / "runs").exists()
