"""Mean squared error of melodies. The paper reports one for music but does not define it; this is our definition."""

import numpy as np


def pitch_mse(hypotheses, references):
    """Returns the squared difference in pitch to the nearest reference, averaged over hypotheses.

    The distance of two melodies is the mean over positions of the squared difference in pitch. Low values mean
    similarity to real melodies; a copy of one scores 0.

    Args:
      hypotheses: [S, T] float, MIDI pitches. NaN is a rest and takes the pitch of the note before it, or of the first
        note if there is none before it. A melody of rests only has pitch 0.
      references: [R, T] float, MIDI pitches.

    Returns:
      float: squared semitones.

    Raises:
      ValueError: if there is no hypothesis or no reference.

    Examples:
      >>> rest = float("nan")
      >>> pitch_mse([[60.0, rest, 64.0]], [[60.0, 60.0, 65.0], [72.0, 72.0, 72.0]])  # (0 + 0 + 1) / 3
      0.3333333333333333
    """
    if not len(hypotheses) or not len(references):
        needed = "hypotheses and references must not be empty"
        raise ValueError(f"{needed}, got {len(hypotheses)} and {len(references)}.")
    hypotheses, references = _without_rests(hypotheses), _without_rests(references)
    return float(np.mean([np.mean((references - melody) ** 2, 1).min() for melody in hypotheses]))


def _without_rests(pitches):
    pitches = np.array(pitches, np.float64)
    is_note = ~np.isnan(pitches)
    places = np.where(is_note, np.arange(pitches.shape[1]), -1)
    last = np.maximum.accumulate(places, axis=1)  # position of the last note so far, or -1
    last = np.where(last < 0, is_note.argmax(1)[:, None], last)
    return np.nan_to_num(np.take_along_axis(pitches, last, 1))
