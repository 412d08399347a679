"""Melodies from MIDI files: a name of a note every 0.4 seconds (paper, "Music Generation")."""

import numpy as np
import pretty_midi

# seqgan_tf.data.midi writes what is read here and has the same constants; its tests hold the two together.
STEP = 0.4  # seconds from note to note [P]
REST = "r"
LOWEST, HIGHEST = 21, 108  # the 88 keys of a piano, as MIDI pitches [P]


def read(file):
    """Reads the melody of a MIDI file.

    A note is taken every 0.4 s, starting at the first one. If several sound at that time, the highest counts; a pitch
    that a piano lacks is a rest, and so is silence. Drums are ignored.

    Args:
      file: path or binary file.

    Returns:
      list of str: names such as "C#4", or "r" for a rest.

    Raises:
      ValueError: if it is no MIDI file or has no note.
    """
    try:
        parsed = pretty_midi.PrettyMIDI(file)
    except Exception as error:  # the parser raises whatever it stumbles on, EOFError and KeyError among others
        raise ValueError(f"no MIDI file ({type(error).__name__}: {error})") from error
    notes = [note for instrument in parsed.instruments if not instrument.is_drum for note in instrument.notes]
    if not notes:
        raise ValueError("a MIDI file without a note")
    first = min(note.start for note in notes)
    # Half a millisecond late, so that rounding cannot miss a note that begins right at the step.
    times = np.arange(first + 0.0005, max(note.end for note in notes), STEP)
    sounding = np.zeros(len(times), int)
    for note in notes:
        now = (note.start <= times) & (times < note.end)
        sounding[now] = np.maximum(sounding[now], note.pitch)
    return [
        pretty_midi.note_number_to_name(pitch) if LOWEST <= pitch <= HIGHEST else REST for pitch in sounding.tolist()
    ]
