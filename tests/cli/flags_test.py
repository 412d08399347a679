import sys

import pytest

from seqgan_tf import main
from seqgan_tf.cli import flags
from seqgan_tf.cli.commands import COMMANDS
from seqgan_tf.cli.flags import Flag

FLAGS = [flag for command in COMMANDS.values() for flag in (*command.flags, *command.settings)]
PATHS = list({flag.name: flag for flag in FLAGS if flag.name in flags.PATHS}.values())


@pytest.mark.parametrize(
    ("line", "index"),
    [
        ("--preset smoke --run report", None),  # both words are values; one looks like a command
        ("--preset smoke --run report sample", 4),
        ("train --run report", 0),
        ("--run=x sample", 1),
        ("-run x sample", 2),
        ("--lowercase train", 1),  # a flag without a value
        ("--nolowercase --jit benchmark", 2),
        ("--seed -1 list", 2),
        ("--help serve", 1),
        ("experiment frontier", 0),
        ("--runs a,b frontier", 2),
        ("dance sample", None),
        ("", None),
    ],
)
def test_the_command_is_the_first_word_that_is_no_flag_and_no_value(line, index):
    expected = None if index is None else line.split()[index]
    assert flags.find_command(line.split(), COMMANDS, FLAGS) == expected


NUM = Flag("num", 3, "Number.", minimum=1)
RATE = Flag("rate", None, "Rate.", minimum=0.5, below=2.0)
KIND = Flag("kind", "a", "Kind.", choices=("a", "b"))
NAME = Flag("output", "", "Name.")
DEFINITIONS = [NUM, RATE, KIND, NAME, *COMMANDS["train"].settings]


@pytest.mark.parametrize(
    ("words", "given", "rest"),
    [
        ("", {}, []),
        ("--num=2 more --rate 0.5 words", {"num": 2, "rate": 0.5}, ["more", "words"]),
        ("--kind=b --output=x", {"kind": "b", "output": "x"}, []),
        (
            "--d_filter_widths=1,2 --nojit --lowercase",
            {"d_filter_widths": (1, 2), "jit": False, "lowercase": True},
            [],
        ),
    ],
)
def test_given_values_have_their_types(words, given, rest):
    assert flags.parse(DEFINITIONS, words.split()) == (given, rest, False)


def test_help_is_found():
    assert flags.parse(DEFINITIONS, ["--num=2", "--help"])[2] and flags.parse(DEFINITIONS, ["-h"])[2]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("--num=0", "--num must be between 1 and 2147483647, got 0"),
        (f"--num={2**31}", "--num must be between 1 and 2147483647, got 2147483648"),
        ("--num=two", "--num must be an integer, got 'two'"),
        ("--num", "Missing value for flag"),
        ("--rate=0.4", "--rate must be at least 0.5 and less than 2.0, got 0.4"),
        ("--rate=2", "--rate must be at least 0.5 and less than 2.0, got 2.0"),
        ("--rate=nan", "--rate must be finite, got nan"),
        ("--rate=fast", "--rate must be a number, got 'fast'"),
        ("--kind=c", "--kind must be one of a, b, got 'c'"),
        ("--output=", "--output must be a name, got ''"),
        ("--batch_size=0", "--batch_size must be at least 1, got 0"),  # settings get the same check
        ("--d_filter_widths=1,two", "--d_filter_widths must be whole numbers separated by commas, got 1,two"),
        ("--uses_discriminator", "Unknown command line flag 'uses_discriminator'"),
    ],
)
def test_bad_values_are_refused_in_one_line(word, message):
    with pytest.raises(ValueError) as error:
        flags.parse(DEFINITIONS, [word])
    assert message in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("/somewhere/bin/seqgan-tf", ["/somewhere/bin/seqgan-tf"]),
        ("bin/seqgan-tf", ["bin/seqgan-tf"]),
        ("/somewhere/seqgan_tf/main.py", ["/usr/bin/python3", "-m", "seqgan_tf.main"]),
    ],
)
def test_the_program_is_started_again_the_same_way(program, words, monkeypatch, tmp_path):
    deep = tmp_path / "a" / "b" / "c"  # from here a relative path is longer
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    monkeypatch.setattr(sys, "argv", [program])
    monkeypatch.setattr(sys, "executable", "/usr/bin/python3")
    assert flags.started() == words


def test_the_console_command_ends_with_the_exit_code(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["/bin/seqgan-tf", "sample"])
    with pytest.raises(SystemExit) as end:
        main.run()
    assert end.value.code == 2 and "for example: /bin/seqgan-tf sample --run=runs/quick" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["/bin/seqgan-tf", "list", "--help"])
    with pytest.raises(SystemExit) as end:
        main.run()
    assert end.value.code == 0 and "--runs: Folder of run folders. (default: runs)" in capsys.readouterr().out


def test_a_tilde_is_the_home_folder_in_every_path(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    found, _, _ = flags.parse(PATHS, [f"--{flag.name}=~/a,~/b" for flag in PATHS])
    assert {found.pop(name) for name in flags.SEVERAL} == {"/home/me/a,/home/me/b"}
    assert set(found) == set(flags.PATHS) - set(flags.SEVERAL) and set(found.values()) == {"/home/me/a,~/b"}
