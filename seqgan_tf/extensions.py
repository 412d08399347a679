"""Extensions: rewards, objectives and cells, selected by name from one dict beside the implementations."""

import difflib
import functools
import importlib
import os
import pathlib
import sys
import traceback


def kind(flag, **defaults):
    """Defines a kind of extension.

    Args:
      flag: str, the name of the flag that selects an entry.
      defaults: attributes that every entry has, with their default values.

    Returns:
      The entries, a dict by name; a decorator that registers an entry by name, with attributes; a function that finds
      an entry by name.

    Examples:
      >>> REWARDS, reward, find = kind("reward", discriminator=True)
      >>> @reward("constant", discriminator=False)
      ... def constant(discriminator, task):
      ...     return lambda tokens: 1.0
      >>> find("constant").discriminator
      False
    """
    known = {}

    def register(name, **attributes):
        def enter(entry):
            for key, value in (defaults | attributes).items():
                setattr(entry, key, value)
            known[name] = entry
            return entry

        return enter

    return known, register, functools.partial(find, known, flag)


def find(known, flag, name):
    """Returns an entry by name, or imports "module:function" from the current folder.

    Args:
      known: dict of name -> entry.
      flag: str, the name of the flag, for messages.
      name: str.

    Raises:
      ValueError: naming the flag, if there is no such entry.
    """
    if name in known:
        return known[name]
    message = f"--{flag} must be one of {', '.join(known)}, or your own module:function, got {name!r}"
    module, _, attribute = name.partition(":")
    if not (module and attribute):
        near = difflib.get_close_matches(name, known, 1)
        raise ValueError(f"{message}; did you mean {near[0]!r}?" if near else f"{message}.")
    if os.getcwd() not in sys.path:  # the console command does not add it
        sys.path.insert(0, os.getcwd())
    try:
        entry = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # a user's module can raise anything
        raise ValueError(f"{message}, which cannot be imported ({in_one_line(error)}).") from error
    if not callable(entry):
        raise ValueError(f"{message}, which is a {type(entry).__name__}, not a function.")
    return entry


def in_one_line(error):
    """Returns an error from a user's code in one line: class, message, and place in the user's file if known."""
    said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    frames = traceback.extract_tb(error.__traceback__)
    for place in [frame for frame in frames if _is_users(pathlib.Path(frame.filename))][-1:]:
        said += f", in {pathlib.Path(place.filename).name}, line {place.lineno}"
    return said


def _is_users(path):
    """Whether a source file is in the current folder, but neither in this package nor an installed one."""
    package = pathlib.Path(__file__).parent
    return (
        path.is_relative_to(pathlib.Path.cwd())
        and not path.is_relative_to(package)
        and "site-packages" not in path.parts
    )
