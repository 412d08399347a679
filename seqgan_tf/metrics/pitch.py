"""Mean squared error of melodies. The paper reports one for music without saying which; this one is ours."""

import numpy as np


def pitch_mse(hypotheses, references):
    """Squared distance in pitch to the nearest reference, in semitones squared, mean over the hypotheses.

    Hypotheses [S, T] and references [R, T] are MIDI pitches, floats; NaN is a rest. For each hypothesis the mean over
    its T places of (its pitch - the reference's pitch)^2, for the reference for which that is smallest. A rest has
    the pitch of the note before it, or of the first note where none is before it; a melody that is all rests has
    pitch 0 throughout. Low is near to real melodies; copying one gives 0.
    """
    if not len(hypotheses) or not len(references):
        raise ValueError(f"{len(hypotheses)} hypotheses, {len(references)} references; allowed is 1 or more of each.")
    hypotheses, references = _without_rests(hypotheses), _without_rests(references)
    return float(np.mean([np.mean((references - melody) ** 2, 1).min() for melody in hypotheses]))


def _without_rests(pitches):
    pitches = np.array(pitches, np.float64)
    is_note = ~np.isnan(pitches)
    places = np.where(is_note, np.arange(pitches.shape[1]), -1)
    last = np.maximum.accumulate(places, axis=1)  # place of the note before, or -1
    last = np.where(last < 0, is_note.argmax(1)[:, None], last)
    return np.nan_to_num(np.take_along_axis(pitches, last, 1))
