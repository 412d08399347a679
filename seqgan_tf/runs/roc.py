"""Figures: pictures of a run as arrays of pixels."""

import matplotlib.figure
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from seqgan_tf.metrics.discrimination import auc, roc

# Of the real sequences: what the legend calls them, and Okabe and Ito's colours and the line styles of the report.
ROC_LINES = {
    "train": ("D's training data", {"color": "#CC79A7", "linestyle": "-"}),
    "heldout": ("held-out real data", {"color": "#000000", "linestyle": "--"}),
}


def roc_figure(scores):
    """D's ROC curves against generated sequences, on the data that it was trained on and on other real data.

    Args:
      scores: {"train", "heldout", "generated"}: D(Y) of sequences of each kind, [S] float32.

    Returns:
      [460, 400, 3] uint8, the pixels: about as TensorBoard shows them, so that words stay readable.
    """
    figure = matplotlib.figure.Figure(figsize=(4, 4.6), dpi=100, layout="constrained")
    canvas, ax = FigureCanvasAgg(figure), figure.subplots()
    for name, (label, style) in ROC_LINES.items():
        pair = scores[name], scores["generated"]
        ax.plot(*roc(*pair), label=f"{label}: AUC {auc(*pair):.3f}", linewidth=2, **style)
    ax.plot([0, 1], [0, 1], color="grey", linestyle=":", label="chance: AUC 0.5")
    ax.set_xlabel("share of generated sequences taken for real")
    ax.set_ylabel("share of real sequences taken for real")
    ax.set_title("Discriminator: ROC")
    ax.spines[["top", "right"]].set_visible(False)
    figure.legend(frameon=False, loc="outside lower center")
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]
