"""Limits of a value that a person gives, and what the person may have meant."""

import difflib
import math


def check(field, value):
    """Raises ValueError if a value is out of the limits of its field, a field of Config or a cli.flags.Flag."""
    minimum, below, choices = (field.metadata[key] for key in ("minimum", "below", "choices"))
    values = value if isinstance(value, (tuple, list)) else (value,)
    if choices and value not in choices:
        near = near_miss(value, choices) or "."
        raise ValueError(f"--{field.name} must be one of {', '.join(filter(None, choices))}, got {value!r}{near}")
    if not values:
        raise ValueError(f"--{field.name} must have at least one number, got none.")
    shown = ",".join(map(str, values))
    if any(isinstance(number, float) and not math.isfinite(number) for number in values):
        raise ValueError(f"--{field.name} must be finite, got {shown}.")
    if any(minimum is not None and number < minimum or below is not None and number >= below for number in values):
        limits = f"at least {minimum}"
        if below is not None:
            whole = isinstance(minimum, int)
            limits = f"between {minimum} and {below - 1}" if whole else f"{limits} and less than {below}"
        raise ValueError(f"--{field.name} must be {limits}, got {shown}.")


def near_miss(word, known):
    """Returns "; did you mean ...?" with the known word that is most similar to a misspelt one, or "".

    Examples:
      >>> near_miss("smok", ["quick", "smoke"])
      "; did you mean 'smoke'?"
    """
    found = difflib.get_close_matches(word, known, 1)
    return f"; did you mean {found[0]!r}?" if found else ""
