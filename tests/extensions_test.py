import pytest

from seqgan_tf import extensions
from seqgan_tf.objectives import OBJECTIVES
from seqgan_tf.rewards import REWARDS

KNOWN = {"one": len, "two": max}


def test_a_registrar_enters_functions_with_their_properties():
    known, enter, _ = extensions.kind("colour", discriminator=True)

    @enter("plain")
    def plain():
        return 1

    @enter("other", discriminator=False)
    def other():
        return 2

    assert known == {"plain": plain, "other": other}
    assert (plain(), plain.discriminator, other.discriminator) == (1, True, False)


def test_known_names_and_functions_of_the_user(tmp_path, monkeypatch):
    (tmp_path / "my_rewards.py").write_text("def length(discriminator, task):\n    return 7\n")
    monkeypatch.chdir(tmp_path)
    assert extensions.find(REWARDS, "reward", "bleu") is REWARDS["bleu"]
    assert extensions.find(OBJECTIVES, "objective", "ppo") is OBJECTIVES["ppo"]
    assert extensions.find(REWARDS, "reward", "my_rewards:length")(None, None) == 7


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("blue", r"got 'blue'\.$"),
        ("my_module", r"got 'my_module'\.$"),
        ("my_module:", r"got 'my_module:'\.$"),
        (":reward", r"got ':reward'\.$"),
        ("nowhere_at_all:reward", "got .*, which cannot be imported .ModuleNotFoundError: No module named 'nowhere"),
        ("math:area", "got .*, which cannot be imported .AttributeError: "),
        (
            "broken_extension:reward",
            r"got .*, which cannot be imported .ZeroDivisionError: .*zero, in broken_extension.py, line 3\)",
        ),
        ("math:pi", r"got 'math:pi', which is a float, not a function\.$"),
    ],
)
def test_what_is_not_there_is_refused_naming_the_flag_and_what_is_known(name, message, tmp_path, monkeypatch):
    (tmp_path / "broken_extension.py").write_text("import math\n\n1 / 0")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        ValueError, match=f"^--colour must be one of one, two, or your own module:function, {message}"
    ):
        extensions.find(KNOWN, "colour", name)
