"""Reads melodies from MIDI files, one note name every 0.4 seconds (paper, "Music Generation")."""

import numpy as np
import pretty_midi

# seqgan_tf.data.midi writes what this module reads and has the same constants. Its tests compare the two.
STEP = 0.4  # seconds between notes [P]
REST = "r"
LOWEST, HIGHEST = 21, 108  # the 88 keys of a piano, as MIDI pitches [P]


def read(file):
    """Reads the melody of a MIDI file.

    A note is read every 0.4 s from the start of the first note. If several notes sound at that time, the highest one
    counts. Silence and pitches outside a piano's range are rests. Drums are ignored.

    Args:
      file: path or binary file.

    Returns:
      list of str: names such as "C#4", or "r" for a rest.

    Raises:
      ValueError: if it is not a MIDI file or has no notes.
    """
    try:
        parsed = pretty_midi.PrettyMIDI(file)
    except Exception as error:  # the parser raises many kinds of errors, among them EOFError and KeyError
        raise ValueError(f"not a MIDI file ({type(error).__name__}: {error})") from error
    notes = [note for instrument in parsed.instruments if not instrument.is_drum for note in instrument.notes]
    if not notes:
        raise ValueError("a MIDI file without notes")
    first = min(note.start for note in notes)
    # Half a millisecond late, so that rounding cannot miss a note that begins exactly at the step.
    times = np.arange(first + 0.0005, max(note.end for note in notes), STEP)
    sounding = np.zeros(len(times), int)
    for note in notes:
        now = (note.start <= times) & (times < note.end)
        sounding[now] = np.maximum(sounding[now], note.pitch)
    return [
        pretty_midi.note_number_to_name(pitch) if LOWEST <= pitch <= HIGHEST else REST for pitch in sounding.tolist()
    ]
