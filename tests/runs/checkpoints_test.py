import keras
import numpy as np
import pytest
import tensorflow as tf

from seqgan_tf.models import Discriminator, Generator, Oracle
from seqgan_tf.runs.checkpoints import Checkpoints, keep_models, load_models, model_steps, save_models


def state(folder):
    number = tf.Variable(0.0)
    return number, Checkpoints(folder, 30.0, [number], {"number": number})


def damage(path):
    content = bytearray(path.read_bytes())
    content[: len(content) // 2] = bytes(len(content) // 2)
    path.write_bytes(content)


@pytest.mark.parametrize("ending", [".index", ".data-00000-of-00001"])
def test_behind_a_damaged_checkpoint_the_one_before_it_is_used_and_said(tmp_path, capsys, ending):
    number, checkpoints = state(tmp_path)
    for value in (1.0, 2.0):
        number.assign(value)
        checkpoints.save()
    damage(tmp_path / f"ckpt-2{ending}")
    number, checkpoints = state(tmp_path)
    assert number.numpy() == 1.0
    assert "ckpt-2 is damaged; the checkpoint before it is used" in capsys.readouterr().err
    number.assign(3.0)
    checkpoints.save()
    assert state(tmp_path)[0].numpy() == 3.0
    damage(tmp_path / "ckpt-1.index")
    damage(tmp_path / "ckpt-2.index")
    with pytest.raises(ValueError, match="damaged checkpoints only; allowed is another folder"):
        state(tmp_path)


MODELS = {
    "generator": Generator(20, 3, 4, start_token=1, end_token=2, seed=5),
    "oracle": Oracle.from_seed(3, 20, 3, 4),
    "discriminator": Discriminator(20, 3, (1, 2), (2, 3), seed=5),
}


def test_saved_models_are_the_same_models(tmp_path):
    save_models(tmp_path, 7, MODELS | {"absent": None})
    loaded = load_models(tmp_path, 7, MODELS)
    assert set(loaded) == set(MODELS) and model_steps(tmp_path) == {7}
    tokens = np.random.default_rng(0).integers(4, 20, [5, 6])
    for name, model in MODELS.items():
        assert type(loaded[name]) is type(model) and loaded[name].trainable == model.trainable
        np.testing.assert_array_equal(loaded[name](tokens), model(tokens))
    assert (loaded["generator"].start_token, loaded["generator"].end_token) == (1, 2)


def test_models_of_steps_that_will_be_done_again_are_removed(tmp_path):
    for step in (0, 5, 12):
        save_models(tmp_path, step, {"generator": MODELS["generator"]})
    keep_models(tmp_path, {0, 5})
    assert model_steps(tmp_path) == {0, 5}


def test_a_damaged_or_missing_model_is_named(tmp_path):
    save_models(tmp_path, 0, MODELS)
    damage(tmp_path / "models" / "00000" / "generator.keras")
    with pytest.raises(ValueError, match=r"models/00000/generator.keras is damaged"):
        load_models(tmp_path, 0, MODELS)
    with pytest.raises(ValueError, match=r"models/00003/generator.keras is missing"):
        load_models(tmp_path, 3, ["generator"])


def test_a_model_loads_after_the_package_is_imported(tmp_path):
    save_models(tmp_path, 0, {"discriminator": MODELS["discriminator"]})
    model = keras.models.load_model(tmp_path / "models" / "00000" / "discriminator.keras")
    assert model.get_config()["filter_widths"] == [1, 2]
