import io

import numpy as np
import pretty_midi

from seqgan_tf.corpora.nottingham import melody
from seqgan_tf.data import midi


def test_what_is_written_plays(tmp_path):
    names = ["C4", "C4", "r", "r", "C8", "A0", "F#3", "F#3", "F#3"]
    (tmp_path / "melody.mid").write_bytes(midi.midi(names))
    notes = pretty_midi.PrettyMIDI(str(tmp_path / "melody.mid")).instruments[0].notes
    assert [(note.pitch, round(note.start, 3), round(note.end, 3)) for note in notes] == [
        (60, 0, 0.8),
        (108, 1.6, 2.0),
        (21, 2.0, 2.4),
        (54, 2.4, 3.6),
    ]


def test_the_corpus_reads_what_is_written():
    keys = [pretty_midi.note_number_to_name(pitch) for pitch in range(melody.LOWEST, melody.HIGHEST + 1)]
    names = [name for key in keys for name in (key, key, melody.REST, key)]
    assert melody.read(io.BytesIO(midi.midi(names))) == names
    assert midi.are_notes(names) and len(keys) == 88
    assert np.isnan(midi.pitches(["B8", "G0"], 2)).all()  # neither has the pitches around a piano's
    for name in ("STEP", "REST", "LOWEST", "HIGHEST"):
        assert getattr(midi, name) == getattr(melody, name)


def test_are_notes():
    assert midi.are_notes(["C4", "r", "C#4"]) and not midi.are_notes(["C4", "the"])


def test_pitches():
    np.testing.assert_array_equal(midi.pitches(["C4", "r", "<unk>", "A0"], 5), [60, np.nan, np.nan, 21, np.nan])
    assert midi.midi([])  # a file without a note, as a sample may be
