"""What follows training, by the command line in this process: sample, evaluate, list."""

import fcntl
import json
import shutil
import subprocess
import time

import numpy as np
import pretty_midi
import pytest
import reference
from command import TINY, command, environment, one_error_line, records

from seqgan_tf.main import main
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.runs.loaded import LoadedRun
from seqgan_tf.serving import inference

pytestmark = pytest.mark.slow


@pytest.fixture
def run(trained, monkeypatch, capsys):
    """Runs a command in the folder of trained runs: returns exit code, stdout, stderr."""
    monkeypatch.chdir(trained)

    def run(*args):
        code = main(["main", *args])
        return code, *capsys.readouterr()

    return run


def log_probabilities(trained, ids):
    """Of tokens [S, T], in NumPy: [S, T]; no attention to where a sequence ends."""
    generator = trained.generator
    logits = reference.lstm_logits(generator.get_weights(), np.array(ids), generator.start_token)
    if generator.end_token is not None:
        logits[:, :, [0, generator.start_token, 3]] = -1e9  # <unk> is never predicted
    return -reference.token_nll(logits, np.array(ids))


@pytest.mark.parametrize("name", ["quick", "captions", "constant"])
def test_exactly_num_lines_and_the_same_for_the_same_seed(run, name):
    code, lines, errors = run("sample", f"--run=runs/{name}", "--num=7", "--seed=3")
    assert code == 0 and lines.count("\n") == 7 and errors == ""
    assert run("sample", f"--run=runs/{name}", "--num=7", "--seed=3")[1] == lines
    assert run("sample", f"--run=runs/{name}", "--num=3", "--seed=3")[1].splitlines() == lines.splitlines()[:3]
    assert run("sample", f"--run=runs/{name}", "--num=7", "--seed=4")[1] != lines


def test_samples_of_text_are_text_in_every_format(run):
    flags = ("sample", "--run=runs/captions", "--num=5", "--seed=3", "--temperature=0.5", "--prefix=A red")
    texts, ids, objects = (run(*flags, f"--format={form}")[1].splitlines() for form in ("text", "ids", "jsonl"))
    trained = LoadedRun("runs/captions")
    assert len(texts) == 5 and all(text.startswith("a red") for text in texts)
    for text, row, item in zip(texts, ids, map(json.loads, objects), strict=True):
        numbers = [int(word) for word in row.split()]
        assert item["tokens"] == numbers and item["text"] == text == trained.vocabulary.text(numbers)
        assert item["log_prob"] == pytest.approx(log_probabilities(trained, [numbers]).sum(), abs=1e-4)


def test_samples_of_an_oracle_run_are_numbers_that_begin_with_the_prefix(run):
    for form in ("text", "ids"):
        _, lines, _ = run("sample", "--run=runs/quick", "--num=4", "--prefix=7 0", f"--format={form}")
        rows = [[int(word) for word in line.split()] for line in lines.splitlines()]
        assert [len(row) for row in rows] == [6] * 4 and all(row[:2] == [7, 0] for row in rows)


def test_without_a_temperature_it_is_that_of_the_run(run):
    lines = {flag: run("sample", "--run=runs/quick", "--num=50", *flag)[1] for flag in ((), ("--temperature=0.8",))}
    assert lines[()] == lines["--temperature=0.8",] != run("sample", "--run=runs/quick", "--temperature=1")[1]


def test_temperature_zero_always_says_the_most_probable(run):
    _, lines, _ = run("sample", "--run=runs/quick", "--num=3", "--temperature=0", "--seed=9")
    (row,) = set(lines.splitlines())
    trained, ids = LoadedRun("runs/quick"), [int(word) for word in row.split()]
    logits = reference.lstm_logits(trained.generator.get_weights(), np.array([ids]))[0]
    assert ids == list(logits.argmax(-1))


def test_a_file_gets_the_same_lines_whole_or_not_at_all(run, tmp_path):
    _, lines, _ = run("sample", "--run=runs/captions", "--num=600")
    output = tmp_path / "new" / "lines.txt"
    code, printed, said = run("sample", "--run=runs/captions", "--num=600", f"--output={output}")
    assert (code, printed) == (0, "") and "Wrote 600 sequences" in said
    assert output.read_text() == lines and list(output.parent.iterdir()) == [output]


def test_an_interrupted_sampling_leaves_nothing(run, tmp_path, monkeypatch):
    def described(loaded, tokens):
        raise KeyboardInterrupt

    monkeypatch.setattr(inference, "described", described)
    assert run("sample", "--run=runs/captions", "--format=jsonl", f"--output={tmp_path}/x")[0] == 130
    assert not list(tmp_path.iterdir())


def test_melodies_become_midi_files(run, tmp_path):
    flags = ("sample", "--run=runs/music", "--num=3")
    assert run(*flags, "--format=midi", f"--output={tmp_path}/midi")[0] == 0
    files = sorted((tmp_path / "midi").iterdir())
    assert [file.name for file in files] == ["00001.mid", "00002.mid", "00003.mid"]
    for file, line in zip(files, run(*flags)[1].splitlines(), strict=True):
        heard = {note.pitch for part in pretty_midi.PrettyMIDI(str(file)).instruments for note in part.notes}
        assert heard == {pretty_midi.note_name_to_number(name) for name in line.split() if name not in ("r", "<unk>")}


@pytest.mark.parametrize("name", ["quick", "captions", "constant"])
def test_every_kept_model_has_the_figures_of_its_training(run, trained, name, tmp_path):
    for line in records(trained / "runs" / name):
        output = tmp_path / f"{line['step']}.json"
        code, table, _ = run("evaluate", f"--run=runs/{name}", f"--checkpoint={line['step']}", f"--output={output}")
        found = json.loads(output.read_text())["metrics"]
        of_models = [
            key for key in line if key.startswith(("nll_o", "nll_te", "nll_v", "ent", "bleu", "self", "d_auc"))
        ]
        assert (
            code == 0
            and of_models
            and {key: found[key] for key in of_models} == {key: line[key] for key in of_models}
        )
        assert all(value == line[key] for key, value in found.items() if key in line)
        assert {"nll_test", "entropy"} <= set(found)
        cells = [row.split() for row in table.splitlines()]
        assert all([key, f"{found[key]:.6f}", f"{line[key]:.6f}"] in cells for key in of_models)


def test_metrics_are_chosen_by_name(run):
    _, table, _ = run("evaluate", "--run=runs/captions", "--metrics=nll_test,bleu_2")
    names = {line.split()[0] for line in table.split("Signatures:")[0].splitlines()[3:]}
    assert names == {"nll_test", "bleu_2", "bleu_2_real"}


def test_lines_of_a_file_are_scored(run, tmp_path):
    texts = ["A red dog can't see the house.", "", "a zebra sees " * 9, "The zebra"]
    (tmp_path / "lines.txt").write_text("\n".join(texts) + "\n")
    flags = ("evaluate", "--run=runs/captions", f"--input={tmp_path}/lines.txt", f"--output={tmp_path}/scores.json")
    code, table, _ = run(*flags)
    content = json.loads((tmp_path / "scores.json").read_text())
    first, empty, long, last = content["results"]
    assert code == 0 and (empty["not_scored"], long["not_scored"]) == (
        "0 tokens; the number of tokens must be between 1 and 11",
        "27 tokens; the number of tokens must be between 1 and 11",
    )
    trained = LoadedRun("runs/captions")
    ids, unknown = trained.vocabulary.ids(texts[0], trained.length)
    expected = log_probabilities(trained, [ids])[0]
    assert (first["unknown"], last["unknown"]) == (unknown, 1)
    assert first["tokens"] == 10 - unknown  # nine and the end token
    expected = expected[:10][np.array(ids[:10]) != 3]
    assert first["log_likelihood"] == pytest.approx(expected.sum(), abs=1e-4)
    assert first["perplexity"] == pytest.approx(np.exp(-expected.mean()), rel=1e-4)
    logits = reference.discriminator_logits(trained.discriminator, np.array([ids]))[0]
    assert first["d_score"] == pytest.approx(1 / (1 + np.exp(logits[0] - logits[1])), abs=1e-5)
    assert content["scored"] == 2 and "2 of 4 lines scored" in table
    total = first["log_likelihood"] + last["log_likelihood"]
    assert content["nll"] == pytest.approx(-total / (first["tokens"] + last["tokens"]))
    assert "d_score" not in run(*flags[:3], "--metrics=perplexity")[1].splitlines()[0]


def test_numbers_of_a_file_are_scored_without_a_discriminator_too(run, tmp_path):
    (tmp_path / "ids.txt").write_text("1 2 3 4 5 49\n")
    _, table, _ = run("evaluate", "--run=runs/constant", f"--input={tmp_path}/ids.txt")
    expected = log_probabilities(LoadedRun("runs/constant"), [[1, 2, 3, 4, 5, 49]]).sum()
    assert f"{expected:.3f}" in table and "d_score" not in table.splitlines()[0]


def test_the_list_shows_every_run_with_its_last_and_best_figures(run, trained):
    code, table, _ = run("list")
    assert code == 0
    rows = {line.split()[0]: line.split() for line in table.splitlines()[1:] if line and line[0].isalpha()}
    last = {name: records(trained / "runs" / name)[-1] for name in ("quick", "captions", "music", "constant")}
    for name, record in last.items():
        assert rows[name][1] == "smoke*" and f"{record['nll_test']:.3f}" in rows[name]
    assert rows["quick"][2:8] == ["oracle", "0", "adversarial", "2/2,", "done", "last"]
    assert rows["captions"][2] == "captions.txt"
    best = min(records(trained / "runs" / "quick")[-2:], key=lambda record: record["nll_oracle"])
    assert f"best (step {best['step']})" in table and f"{best['nll_oracle']:.3f}" in table


def test_the_list_says_what_is_running_and_what_has_not_begun(run, trained, tmp_path):
    shutil.copytree(trained / "runs" / "quick", tmp_path / "busy")
    (tmp_path / "fresh").mkdir()
    shutil.copy(trained / "runs" / "quick" / "config.json", tmp_path / "fresh")
    with open(tmp_path / "busy" / "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _, table, _ = run("list", f"--runs={tmp_path}")
    busy, fresh = (next(line for line in table.splitlines() if line.startswith(name)) for name in ("busy", "fresh"))
    assert "adversarial 2/2, done, running" in busy
    assert fresh.split() == ["fresh", "smoke*", "oracle", "0", "no", "evaluation", "yet"]
    assert "running" not in run("list", f"--runs={tmp_path}")[1]


def test_best_and_a_step_are_the_models_of_their_evaluations(run, trained):
    lines = records(trained / "runs" / "quick")
    best = min(lines[-2:], key=lambda record: record["nll_oracle"])
    assert LoadedRun("runs/quick", "best").record["step"] == best["step"]
    assert LoadedRun("runs/quick", "1").record["phase"] == "mle" and LoadedRun("runs/quick").record["step"] == 4
    assert LoadedRun("runs/music", "best").record["step"] == 1  # no adversarial evaluation: the last


@pytest.fixture
def bad_runs(trained, tmp_path):
    for name in ("new", "old", "halved", "ruined"):
        shutil.copytree(trained / "runs" / "captions", tmp_path / name)
    for name in ("new", "old"):
        shutil.rmtree(tmp_path / name / "models")
    (tmp_path / "new" / "metrics.jsonl").write_text('{"phase": "ml')  # killed in the middle of its first line
    shutil.rmtree(tmp_path / "new" / "checkpoints")
    shutil.copytree(tmp_path / "halved", tmp_path / "cut", ignore=shutil.ignore_patterns("*.ids"))
    for path in (tmp_path / "ruined" / "models").glob("*/generator.keras"):
        path.write_bytes(b"nothing")
    (tmp_path / "halved/models/00004/generator.keras").write_bytes(b"PK")
    (tmp_path / "empty").mkdir()
    (tmp_path / "there").write_text("mine")
    return tmp_path


SAMPLE, QUICK = "sample --run={trained}/runs/captions ", "sample --run={trained}/runs/quick "
BAD = [
    ("sample", "--run must be a run folder, got none"),
    ("sample --run=nowhere", "--run must be a run folder, made by train, got nowhere"),
    ("evaluate --run=empty", "--run must be a run folder, made by train, got empty"),
    ("sample --run=new", "--run must be a run with saved models, got new, which has no evaluation yet"),
    ("export --run=new", "--run must be a run with saved models, got new, which has no evaluation yet"),
    ("sample --run=old", "--run must be a run with saved models, got old, without models/"),
    ("evaluate --run=cut --checkpoint=1", "a file cannot be read or written ([Errno 2]"),
    ("evaluate --run={trained}/runs/quick --input=", "--input must be a name, got ''; leave the flag out"),
    (SAMPLE + "--checkpoint=9", "--checkpoint must be best, last or a step (0, 1, 2, 3, 4), got 9"),
    (
        SAMPLE + "--prefix=a_purple_dog",
        "--prefix='a purple dog' has unknown words: purple; each must be one of the ",
    ),
    (SAMPLE + "--prefix=" + "a_" * 12, "12 tokens; the number of tokens must be at most 11"),
    (QUICK + "--prefix=dog", "invalid tokens; each must be a number from 0 to 49"),
    (QUICK + "--prefix=50", "invalid tokens; each must be a number from 0 to 49"),
    (SAMPLE + "--temperature=-0.5", "--temperature must be 0 or between 0.01 and 100, got -0.5"),
    (SAMPLE + "--temperature=nan", "--temperature must be finite, got nan"),
    (SAMPLE + "--temperature=hot", "--temperature must be a number, got 'hot'"),
    (SAMPLE + "--num=two", "--num must be an integer, got 'two'"),
    (SAMPLE + "--temperature=0.001", "--temperature must be 0 or between 0.01 and 100, got 0.001"),
    (SAMPLE + "--num=0", "--num must be between 1 and 2147483647, got 0"),
    (SAMPLE + "--seed=-1", "--seed must be between 0 and 2147483647, got -1"),
    (SAMPLE + "--format=xml", "--format must be one of text, ids, jsonl, midi, got 'xml'"),
    (SAMPLE + "--format=midi", "--output must be a new folder with --format=midi, got none"),
    (
        SAMPLE + "--format=midi --output=songs",
        "--format must be text, ids or jsonl, got midi; ",
    ),
    (SAMPLE + "--output=there", "--output must be a new file or folder, got there, which already exists"),
    (SAMPLE + "--output=there/x", "--output must be in a folder that can be written, got there/x"),
    (SAMPLE + "--numb=3", "Unknown command line flag 'numb'. Did you mean: num"),
    (SAMPLE + "more", ", list, followed by flags only, got 'sample more'"),
    ("evaluate --run={trained}/runs/quick --metrics=bleu", "--metrics must be some of nll_oracle, "),
    (
        "evaluate --run={trained}/runs/quick --input=nowhere",
        "--input must be a readable text file, plain or gzip, got nowhere (",
    ),
    (
        "evaluate --run={trained}/runs/quick --input=there",
        "at least one line that can be scored, got there (line 1: ",
    ),
    ("list --runs=nowhere", "separated by commas, got nowhere, which has no run"),
    (
        "export --run={trained}/runs/quick --output=there",
        "--output must be a folder that can be written, got there (",
    ),
]


@pytest.mark.parametrize(("words", "message"), BAD, ids=lambda value: value[:40])
def test_bad_input_gets_one_line_and_nothing_is_written(words, message, bad_runs, trained, capsys, monkeypatch):
    monkeypatch.chdir(bad_runs)
    args = [word.replace("_", " ") if "prefix" in word else word for word in words.split()]
    before = sorted(bad_runs.rglob("*"))
    assert main(["main", *(arg.format(trained=trained) for arg in args)]) == 2
    captured = capsys.readouterr()
    assert message in one_error_line(captured.err) and captured.out == ""
    assert sorted(bad_runs.rglob("*")) == before and (bad_runs / "there").read_text() == "mine"


def test_with_a_corrupt_checkpoint_it_falls_back_to_the_previous_one_and_says_so(bad_runs, capsys, monkeypatch):
    monkeypatch.chdir(bad_runs)
    assert LoadedRun("halved").record["step"] == 3
    said = capsys.readouterr().err
    assert said.startswith("halved/models/00004/generator.keras is corrupt (cut off")
    assert said.endswith("; falling back to step 3.\n") and said.count("\n") == 1
    shutil.rmtree("halved/models/00004")
    assert LoadedRun("halved").record["step"] == 3
    assert capsys.readouterr().err.startswith("halved/models/00004/discriminator.keras is missing; falling back to")
    assert main(["main", "sample", "--run=ruined"]) == 2
    assert "--run must have an intact checkpoint at step" in one_error_line(capsys.readouterr().err)


def test_a_finished_run_without_its_checkpoints_is_not_begun_anew(bad_runs, trained, capsys, monkeypatch):
    shutil.copytree(trained / "runs" / "constant", bad_runs / "bare", ignore=shutil.ignore_patterns("checkpoints"))
    monkeypatch.chdir(trained)
    before = (bad_runs / "bare" / "metrics.jsonl").read_text()
    assert main(["main", *TINY, "--reward=constant", "--iterations=1", f"--run={bad_runs}/bare"]) == 2
    assert "without checkpoints/; put it back or choose" in one_error_line(capsys.readouterr().err)
    assert (bad_runs / "bare" / "metrics.jsonl").read_text() == before and RunFolder(
        bad_runs / "bare"
    ).model_steps() == {0, 1, 2}


def test_what_comes_through_a_pipe_is_scored_whole(trained):
    lines = "".join(f"1 2 3 4 5 {i % 50}\n" for i in range(2000))
    flags = ("evaluate", f"--run={trained}/runs/constant", "--input=/dev/stdin", "--metrics=perplexity")
    process = subprocess.run(command(*flags), input=lines, env=environment(), capture_output=True, text=True)
    assert "2000 of 2000 lines scored" in process.stdout, process.stderr


def test_terminated_a_sampling_leaves_nothing(trained, tmp_path):
    flags = ("sample", f"--run={trained}/runs/quick", "--num=100000000", f"--output={tmp_path}/lines")
    process = subprocess.Popen(command(*flags), env=environment(), stderr=subprocess.PIPE)
    deadline = time.monotonic() + 120
    while not list(tmp_path.iterdir()):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    process.terminate()
    assert process.wait(60) == 143 and not list(tmp_path.iterdir())
    process.stderr.close()
