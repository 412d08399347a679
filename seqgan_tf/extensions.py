"""What can be swapped by name: rewards, objectives, cells. Each kind is one dict beside its implementations."""

import difflib
import functools
import importlib
import os
import sys


def kind(flag, **defaults):
    """What a flag swaps: the entries by name, a decorator that enters one with attributes, a function that finds one.

    Example:
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
    """The entry of a name, or "module:function" importable from the current folder; ValueError names the flag."""
    if name in known:
        return known[name]
    allowed = f"--{flag} must be one of {', '.join(known)}, or module:function of your own, got {name!r}"
    module, _, attribute = name.partition(":")
    if not (module and attribute):
        near = difflib.get_close_matches(name, known, 1)
        raise ValueError(f"{allowed}; did you mean {near[0]!r}?" if near else f"{allowed}.")
    if os.getcwd() not in sys.path:  # the console command does not look here by itself
        sys.path.insert(0, os.getcwd())
    try:
        entry = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # importing somebody's module can raise anything
        raise ValueError(f"{allowed}, which cannot be imported ({in_one_line(error)}).") from error
    if not callable(entry):
        raise ValueError(f"{allowed}, which is a {type(entry).__name__}, not a function.")
    return entry


def in_one_line(error):
    """Kind and message of an error that code of the user's has raised, 200 characters at most."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
