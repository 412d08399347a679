import pathlib
import shutil
import tarfile

import pytest

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
