import pathlib

import pytest

PUBLISHED = pathlib.Path(__file__).resolve().parents[2] / "shared" / "data" / "oracle" / "target_params_py3.pkl"


@pytest.fixture
def published_oracle_path():
    """The authors' oracle parameters, where they lie beside the project (the README says where to get them)."""
    if not PUBLISHED.exists():
        pytest.skip("needs the authors' oracle parameters in ../shared/data/oracle")
    return str(PUBLISHED)
