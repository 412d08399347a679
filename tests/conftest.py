import fcntl
import pathlib
import shutil
import tarfile

import pytest
from command import TINY, train_here

SHARED = pathlib.Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared():
    """The published files, where they lie beside the project (the README says where to get them)."""
    if not SHARED.exists():
        pytest.skip("needs the published oracle and corpora in ../shared/data")
    return SHARED


@pytest.fixture
def published_oracle_path(shared):
    """The authors' oracle parameters."""
    return str(shared / "oracle" / "target_params_py3.pkl")


@pytest.fixture(scope="session")
def real_data_dir(shared, tmp_path_factory):
    """A --data_dir with the published corpora as a user without a network puts them there."""
    data_dir = tmp_path_factory.mktemp("data")
    manual = data_dir / "downloads" / "manual"
    for name, files in (("chinese_poems", ["shi.txt"]), ("image_coco", ["image_coco.txt", "test_coco.txt"])):
        (manual / name).mkdir(parents=True)
        for file in files:
            shutil.copy(shared / "corpora" / file, manual / name)
    with tarfile.open(shared / "corpora" / "nottingham_melody_midi.tar.gz") as archive:
        archive.extractall(manual / "nottingham", filter="data")
    return data_dir


@pytest.fixture(scope="session")
def trained(tmp_path_factory, worker_id):
    """A folder with runs/: quick (oracle), captions (text), music and constant (no discriminator), all tiny.

    The processes of pytest-xdist share it: whoever comes first trains.
    """
    root = tmp_path_factory.getbasetemp()
    folder = (root if worker_id == "master" else root.parent) / "trained"
    with open(folder.with_name("trained.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            train_all(folder.with_name("trained.new"))
            folder.with_name("trained.new").rename(folder)
    return folder


def train_all(folder):
    folder.mkdir()
    colours, beasts = ("red", "blue", "black", "white", "grey"), ("dog", "cat", "man", "bird", "cow", "frog")
    rooms = ("house", "field", "yard")
    captions = [f"A {a} {b} can't see the {c}." for a in colours for b in beasts for c in rooms]
    notes = [" ".join(["C4", "E4", "G4", a, b, "r"]) for a in ("C4", "D4", "F#4", "A4") for b in ("B4", "C5", "G4")]
    (folder / "captions.txt").write_text("\n".join(captions))
    (folder / "notes.txt").write_text("\n".join(notes * 8))
    for name, flags in {
        "quick": ("--temperature=0.8",),
        "captions": ("--train_file=captions.txt", "--max_length=11", "--lowercase"),
        "music": ("--train_file=notes.txt", "--tokens=spaces", "--iterations=0", "--d_rounds=0"),
        "constant": ("--reward=constant", "--iterations=1"),
    }.items():
        train_here(folder, *TINY, *flags, f"--run=runs/{name}")


def pytest_collection_modifyitems(items):
    """Files of slow tests come first, so that at the end fast ones keep all workers busy."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
