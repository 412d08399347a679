import numpy as np

from seqgan_tf.runs.roc import roc_figure


def columns(pixels, colour):
    """Where a picture has a colour: the columns of its pixels, and their rows, from below."""
    rows, found = np.nonzero((pixels == colour).all(-1))
    return found, len(pixels) - rows


def test_roc_figure_shows_both_curves_where_they_are():
    draw = np.random.default_rng(0)
    scores = {"train": draw.random(400) + 1, "heldout": draw.random(400), "generated": draw.random(400)}
    pixels = roc_figure(scores)
    assert pixels.shape == (460, 400, 3) and pixels.dtype == np.uint8
    x, y = columns(pixels, (204, 121, 167))  # of the training data: all real sequences above all generated ones
    above = y > 130  # the legend is below
    left, top = x[above].min(), y[above].max()
    assert np.mean((x[above] < left + 5) | (y[above] > top - 5)) > 0.99
    x, y = columns(pixels, (0, 0, 0))  # of held-out data: about the diagonal, and the frame and letters
    inside = (x > left + 20) & (x < 390) & (y > 160) & (y < top - 10)
    slope = (y[inside] - y[inside].min()) / np.ptp(y[inside]) - (x[inside] - x[inside].min()) / np.ptp(x[inside])
    assert inside.sum() > 100 and np.abs(slope).max() < 0.2
