"""What can be swapped by name: rewards, objectives, cells. Each kind is one dict beside its implementations."""

import importlib
import os
import sys


def registrar(known, **defaults):
    """A decorator that enters functions or classes into the dict `known` under a name.

    Args:
      known: dict of name -> function or class.
      **defaults: attributes of every entry, unless the decorator is given other values.

    Example:
      >>> REWARDS = {}
      >>> reward = registrar(REWARDS, discriminator=True)
      >>> @reward("constant", discriminator=False)
      ... def constant(discriminator, task):
      ...     return lambda tokens: 1.0
      >>> REWARDS["constant"].discriminator
      False
    """

    def register(name, **properties):
        def enter(entry):
            for key, value in (defaults | properties).items():
                setattr(entry, key, value)
            known[name] = entry
            return entry

        return enter

    return register


def find(known, flag, name):
    """The entry of a name in a dict, or the "module:function" of a module importable from the current folder.

    Raises:
      ValueError: if there is no such entry, naming the flag.
    """
    if name in known:
        return known[name]
    allowed = f"--{flag} must be one of {', '.join(known)}, or module:function of your own, got {name!r}"
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise ValueError(f"{allowed}.")
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
