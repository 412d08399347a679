import pytest
import tensorflow as tf

from seqgan_tf.runs.checkpoints import Checkpoints
from seqgan_tf.runs.counters import LoopCounters


def state(folder):
    number = tf.Variable(0.0)
    counters = LoopCounters(lambda: None)
    return number, Checkpoints(folder, 30.0, counters, {"number": number})


def damage(path):
    content = bytearray(path.read_bytes())
    content[: len(content) // 2] = bytes(len(content) // 2)
    path.write_bytes(content)


@pytest.mark.parametrize("ending", [".index", ".data-00000-of-00001"])
def test_with_a_corrupt_checkpoint_it_falls_back_to_the_previous_one_and_says_so(tmp_path, capsys, ending):
    number, checkpoints = state(tmp_path)
    for value in (1.0, 2.0):
        number.assign(value)
        checkpoints.save()
    damage(tmp_path / f"ckpt-2{ending}")
    number, checkpoints = state(tmp_path)
    assert number.numpy() == 1.0
    assert "ckpt-2 is corrupt; falling back to the previous checkpoint" in capsys.readouterr().err
    number.assign(3.0)
    checkpoints.save()
    assert state(tmp_path)[0].numpy() == 3.0
    damage(tmp_path / "ckpt-1.index")
    damage(tmp_path / "ckpt-2.index")
    with pytest.raises(ValueError, match="All checkpoints in .* are corrupt; choose another folder"):
        state(tmp_path)
