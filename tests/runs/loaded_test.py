import keras
import numpy as np
import pytest

from seqgan_tf.models import Discriminator, Generator, Oracle
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.runs.loaded import load_model

MODELS = {
    "generator": Generator(20, 3, 4, start_token=1, end_token=2, seed=5),
    "gru": Generator(20, 3, 4, seed=5, cell="gru"),
    "oracle": Oracle.from_seed(3, 20, 3, 4),
    "discriminator": Discriminator(20, 3, (1, 2), (2, 3), seed=5),
}


def damage(path):
    content = bytearray(path.read_bytes())
    content[: len(content) // 2] = bytes(len(content) // 2)
    path.write_bytes(content)


def test_saved_models_are_the_same_models(tmp_path):
    folder = RunFolder(tmp_path)
    folder.save_models(7, MODELS | {"absent": None})
    loaded = {name: load_model(folder, 7, name) for name in MODELS}
    assert set(loaded) == set(MODELS) and folder.model_steps() == {7}
    tokens = np.random.default_rng(0).integers(4, 20, [5, 6])
    for name, model in MODELS.items():
        assert type(loaded[name]) is type(model) and loaded[name].trainable == model.trainable
        np.testing.assert_array_equal(loaded[name](tokens), model(tokens))
    assert (loaded["generator"].start_token, loaded["generator"].end_token) == (1, 2)


def test_a_corrupt_or_missing_model_is_named(tmp_path):
    folder = RunFolder(tmp_path)
    folder.save_models(0, MODELS)
    damage(tmp_path / "models" / "00000" / "generator.keras")
    with pytest.raises(ValueError, match=r"models/00000/generator.keras is corrupt"):
        load_model(folder, 0, "generator")
    with pytest.raises(ValueError, match=r"models/00003/generator.keras is missing"):
        load_model(folder, 3, "generator")


def test_a_model_loads_after_the_package_is_imported(tmp_path):
    RunFolder(tmp_path).save_models(0, {"discriminator": MODELS["discriminator"]})
    model = keras.models.load_model(tmp_path / "models" / "00000" / "discriminator.keras")
    assert model.get_config()["filter_widths"] == [1, 2]
