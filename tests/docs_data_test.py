"""The recipes of docs/data.md, as they stand there, on small files of their kinds."""

import json
import shlex
import subprocess

import pytest
from command import ROOT, here

from seqgan_tf.runs.loaded import LoadedRun

pytestmark = pytest.mark.slow

RECIPES = (ROOT / "docs/data.md").read_text().split("## Recipes\n")[1]
COMMANDS = [line.strip() for line in RECIPES.splitlines() if line.startswith("    ")]
TRAINED = [line for line in COMMANDS if "--train_file" in line]
TINY = (
    "--preset=smoke",
    "--train_size=24",
    "--mle_epochs=1",
    "--iterations=0",
    "--reward=constant",
    "--eval_samples=8",
)
WORDS = ["a cat", "the dog, mr. Fox", "her tree", "no river"]
FILES = {
    "book.txt": "".join(
        f"Today {WORDS[i % 4]} sees\nme {i % 3} times! And {WORDS[i % 3]} is it? " for i in range(40)
    ),
    "table.csv": "id,text\n" + "".join(f'{i},"{WORDS[i % 4]}, too"\n' for i in range(80)),
    "data.jsonl": "".join(json.dumps({"id": i, "text": f"{WORDS[i % 4]} é"}) + "\n" for i in range(80)),
    "poems.txt": "".join(f"{WORDS[i % 4]}\n  and {WORDS[i % 3]}\n\n" for i in range(80)),
    "ids.txt": "".join(f"{i % 7} {i % 5 + 1} 0 0 0\n" for i in range(80)),
    "molecules.txt": "".join("CC(=O)Oc1ccccc1C" + "N" * (i % 4) + "\n" for i in range(80)),
    "genes.txt": "".join("ACGT" * (5 + i % 30) + "TTA\n" for i in range(80)),
    "queries.txt": "".join(f"  SELECT a{i % 3}  FROM t WHERE x='b@c.d'\n" for i in range(80)),
    "tunes.txt": "".join(f"C4 Db4 r {'EFG'[i % 3]}4 D♭4\n" for i in range(80)),
}
FIRST = {  # a sequence of what each run was trained on
    "prose": "today a cat sees me 0 times!",
    "csv": "a cat, too",
    "json": "a cat é",
    "poems": "a cat / and a cat",
    "ids": "0 1",
    "molecules": "CC(=O)Oc1ccccc1C",
    "genes": "ACGT" * 12 + "AC",
    "queries": "  SELECT a0  FROM t WHERE x='b@c.d'",
    "tunes": "C4 Db4 r E4 D♭4",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for name, content in FILES.items():
        (folder / name).write_text(content)
    for line in COMMANDS:
        if "seqgan_tf.main" not in line:
            subprocess.run(line, shell=True, check=True, cwd=folder)
    return folder


def test_the_page_has_a_run_of_every_kind():
    assert [line.rpartition("--run=runs/")[2] for line in TRAINED] == list(FIRST)


@pytest.mark.parametrize("line", TRAINED, ids=list(FIRST))
def test_a_recipe_trains_on_what_it_is_about(place, line):
    process = here(place, *TINY, *shlex.split(line)[3:])
    assert process.returncode == 0, process.stderr
    name = line.rpartition("/")[2]
    run = LoadedRun(place / "runs" / name)
    assert process.stderr.startswith("Text: ")
    assert process.stderr.splitlines()[1].startswith(("Training in", "Note: ")), process.stderr
    ids = run.vocabulary.prefix(FIRST[name], run.length).tolist()
    assert run.vocabulary.text(ids) == FIRST[name] or name == "prose"
    train = (place / "runs" / name / "corpus/train.ids").read_bytes()
    row = (ids + [2] + [0] * run.length)[: run.length]
    assert b"".join(index.to_bytes(4, "little") for index in row) in train
    if name == "tunes":
        process = here(place, *shlex.split(COMMANDS[-1])[3:])
        assert process.returncode == 0 and len(list((place / "midi").glob("*.mid"))) == 10
