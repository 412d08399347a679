import io

import numpy as np
import pretty_midi
import pytest

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
    assert midi.other(names) is None and len(keys) == 88
    assert np.isnan(midi.pitches(["B8", "G0"], 2)).all()  # neither has the pitches around a piano's
    assert melody.REST in midi.RESTS
    for name in ("STEP", "LOWEST", "HIGHEST"):
        assert getattr(midi, name) == getattr(melody, name)


def test_the_first_token_that_is_no_note_is_named():
    assert midi.other(["C4", "r", "C#4"]) is None and midi.other(["C4", "the", "H4"]) == "the"


@pytest.mark.parametrize(
    ("names", "pitch"),
    [
        (["C#4", "Db4", "D♭4", "C♯4", "c#4", "db4"], 61),
        (["B4", "Bn4", "B♮4", "b4", "Cb5"], 71),
        (["r", "R", "rest", "Rest", "z"], np.nan),
        (["H4", "C", "4", "B8", "Cx4", "n4"], np.nan),
    ],
)
def test_notes_as_people_write_them(names, pitch):
    np.testing.assert_array_equal(midi.pitches(names, len(names)), [pitch] * len(names))


def test_pitches():
    np.testing.assert_array_equal(midi.pitches(["C4", "r", "<unk>", "A0"], 5), [60, np.nan, np.nan, 21, np.nan])
    assert midi.midi([])  # a file without a note, as a sample may be
