import io

import mido
import pytest
import tensorflow_datasets as tfds

from seqgan_tf.corpora.nottingham import melody
from seqgan_tf.corpora.nottingham.nottingham_dataset_builder import Builder

FILES = [f"melody/{path.name}" for path in (Builder.code_path.parent / "dummy_data" / "melody").iterdir()]


class NottinghamTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = Builder
    SPLITS = {"train": 2, "validation": 2, "test": 2}  # pieces: two of each tune
    DL_DOWNLOAD_RESULT = {name: name for name in FILES}


def midi_file(notes, path, drums=()):
    """Writes notes (pitch, start, end in seconds) with mido, independently of our code."""
    file = mido.MidiFile(ticks_per_beat=500)  # at 120 beats a minute a tick is a millisecond
    for channel, part in ((0, notes), (9, drums)):
        events = [(start, "note_on", pitch) for pitch, start, _ in part]
        events += [(end, "note_off", pitch) for pitch, _, end in part]
        track, now = mido.MidiTrack(), 0
        for time, kind, pitch in sorted(events):
            ticks = round(1000 * time)
            track.append(mido.Message(kind, note=pitch, channel=channel, velocity=90, time=ticks - now))
            now = ticks
        file.tracks.append(track)
    file.save(path)
    return path


@pytest.mark.parametrize(
    ("notes", "names"),
    [
        ([(60, 0, 0.4), (62, 0.4, 0.8)], ["C4", "D4"]),
        ([(60, 1.3, 2.1), (61, 2.1, 2.5)], ["C4", "C4", "C#4"]),  # starts at the first note
        (
            [(60, 0, 0.2), (62, 0.25, 0.4), (64, 0.8, 1.0)],
            ["C4", "r", "E4"],
        ),  # the note that sounds at the step counts
        ([(60, 0, 0.4), (67, 0, 0.4)], ["G4"]),  # the highest of several notes
        ([(108, 0, 0.4), (109, 0.4, 0.8), (21, 0.8, 1.2)], ["C8", "r", "A0"]),  # 88 keys and no more
    ],
)
def test_read_by_hand(tmp_path, notes, names):
    path = midi_file(notes, tmp_path / "melody.mid", drums=[(38, 0, 5)])
    assert melody.read(str(path)) == names
    with path.open("rb") as file:
        assert melody.read(file) == names


@pytest.mark.parametrize("content", [b"", b"no music", b"MThd\0\0\0\6\0\1\0\1\1\xf4MTrk\0\0\0\xff\0"])
def test_a_file_that_is_not_midi_is_refused(content):
    with pytest.raises(ValueError, match="^not a MIDI file"):
        melody.read(io.BytesIO(content))


def test_a_file_without_a_note_is_refused(tmp_path):
    with pytest.raises(ValueError, match="a MIDI file without notes"):
        melody.read(str(midi_file([], tmp_path / "silence.mid", drums=[(38, 0, 1)])))
