"""Melodies, one note name every 0.4 seconds, as pitches and as MIDI files (paper, "Music Generation")."""

import functools
import io
import itertools
import re

import numpy as np
import pretty_midi

# The same as in nottingham/melody.py, which must not import this package.
STEP = 0.4  # seconds from note to note [P]
RESTS = ("r", "rest", "z")  # in lower or upper case
LOWEST, HIGHEST = 21, 108  # the 88 keys of a piano, as MIDI pitches [P]


def midi(names):
    """Returns note names such as "C#4" as the bytes of a MIDI file for piano. Repeated notes become one long note."""
    melody, piano, file = pretty_midi.PrettyMIDI(), pretty_midi.Instrument(program=0), io.BytesIO()
    start = 0
    for pitch, run in itertools.groupby(np.nan_to_num(pitches(names, len(names))).astype(int).tolist()):
        end = start + len(list(run))
        if pitch:
            piano.notes.append(pretty_midi.Note(100, pitch, start * STEP, end * STEP))
        start = end
    melody.instruments.append(piano)
    melody.write(file)
    return file.getvalue()


def other(names):
    """Returns the first name that is neither a rest nor a note from LOWEST to HIGHEST, or None."""
    return next((name for name in names if name.lower() not in RESTS and np.isnan(_pitch(name))), None)


def pitches(names, length):
    """Returns the MIDI pitches of names, [length] floats; NaN for rests, other words and after the end."""
    values = list(map(_pitch, names[:length]))
    return np.array(values + [np.nan] * (length - len(values)))


@functools.cache
def _pitch(name):
    """Returns the MIDI pitch of a name in any common spelling: C#4, Db4, D♭4, cn4; NaN for any other word."""
    plain = name.translate({ord("♯"): "#", ord("♭"): "b", ord("♮"): None})
    try:
        pitch = pretty_midi.note_name_to_number(re.sub(r"^([A-Ga-g])n", r"\1", plain))
    except ValueError:
        return np.nan
    return float(pitch) if LOWEST <= pitch <= HIGHEST else np.nan
