"""Music: melodies as names of notes, one each 0.4 seconds, from and to MIDI files (paper, "Music Generation")."""

import io
import itertools

import numpy as np
import pretty_midi

STEP = 0.4  # seconds from note to note [P]
REST = "r"
LOWEST, HIGHEST = 21, 108  # the 88 keys of a piano, as MIDI pitches [P]


def read(file):
    """The melody of a MIDI file.

    What sounds at each step of 0.4 s, from the first note on, decides its note; of several notes the highest counts,
    and a pitch that a piano lacks is a rest.

    Args:
      file: path or binary file.

    Returns:
      list of str: names as "C#4", or "r" for a rest.

    Raises:
      ValueError: if it is no MIDI file with a note in it.
    """
    try:
        parsed = pretty_midi.PrettyMIDI(file)
    except Exception as error:  # the parser raises whatever it stumbles on, EOFError and KeyError among others
        raise ValueError(f"no MIDI file ({type(error).__name__}: {error})") from error
    notes = [note for instrument in parsed.instruments if not instrument.is_drum for note in instrument.notes]
    if not notes:
        raise ValueError("a MIDI file without a note")
    first = min(note.start for note in notes)
    # Half a millisecond on, lest a note that begins at the step is missed by rounding.
    times = np.arange(first + 0.0005, max(note.end for note in notes), STEP)
    sounding = np.zeros(len(times), int)
    for note in notes:
        now = (note.start <= times) & (times < note.end)
        sounding[now] = np.maximum(sounding[now], note.pitch)
    return [pretty_midi.note_number_to_name(p) if LOWEST <= p <= HIGHEST else REST for p in sounding.tolist()]


def midi(names):
    """A melody as the bytes of a MIDI file for a piano; neighbours of one pitch become one long note.

    Args:
      names: as `read` returns them; anything that is no name of a note is a rest.
    """
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
    """Whether all of them are what `read` returns."""
    return all(name == REST or name in _PITCHES for name in names)


def pitches(names, length):
    """Names of notes -> [length] floats: MIDI pitches, NaN for a rest, for what is no note and behind the end."""
    values = np.full(length, np.nan)
    for place, name in enumerate(names[:length]):
        values[place] = _PITCHES.get(name, np.nan)
    return values


_PITCHES = {pretty_midi.note_number_to_name(pitch): pitch for pitch in range(LOWEST, HIGHEST + 1)}
