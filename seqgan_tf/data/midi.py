"""Music: melodies, a name of a note every 0.4 seconds, as pitches and MIDI files (paper, "Music Generation")."""

import io
import itertools

import numpy as np
import pretty_midi

# As in the corpus of folk tunes (nottingham/melody.py), which imports nothing of this package.
STEP = 0.4  # seconds from note to note [P]
REST = "r"
LOWEST, HIGHEST = 21, 108  # the 88 keys of a piano, as MIDI pitches [P]

_PITCHES = {pretty_midi.note_number_to_name(pitch): pitch for pitch in range(LOWEST, HIGHEST + 1)}


def midi(names):
    """Names of notes such as "C#4" as the bytes of a MIDI file for a piano; repeated ones become one long note."""
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


def are_notes(names):
    """Returns whether each name is that of a note or a rest."""
    return all(name == REST or name in _PITCHES for name in names)


def pitches(names, length):
    """Returns names as [length] floats: MIDI pitches; NaN for rests, for other words and after the end."""
    values = [_PITCHES.get(name, np.nan) for name in names[:length]]
    return np.array(values + [np.nan] * (length - len(values)))
