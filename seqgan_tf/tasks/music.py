"""MusicTask: melodies as text of names of notes."""

import numpy as np

from seqgan_tf.data import midi
from seqgan_tf.tasks.text import TextTask


class MusicTask(TextTask):
    """Text whose tokens are notes: it also has a distance in pitch, and samples that play."""

    def files(self, tokens):
        """Sequences [S, T] as files of samples: text with a line each, and a MIDI file each."""
        tunes = {f"-{i:02}.mid": midi.midi(names) for i, names in enumerate(self._sentences(tokens), 1)}
        return super().files(tokens) | tunes

    def _melodies(self, tokens):
        length = self.heldout.shape[1]
        return tuple(
            np.stack([midi.pitches(names, length) for names in self._sentences(rows)])
            for rows in (tokens, self.heldout)
        )
