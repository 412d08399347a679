"""Frontier: quality against variety of a trained generator over temperatures (Caccia et al., ICLR 2020)."""

import dataclasses
import functools
import json

import numpy as np

import seqgan_tf
from seqgan_tf import build
from seqgan_tf.files import write_json
from seqgan_tf.runs import history
from seqgan_tf.runs.loaded import LoadedRun
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.seeds import fold

INVERSE_TEMPERATURES = (0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.5, 1.75, 2.0)
HOTTER, COLDER = (0.7, 0.6, 0.5, 0.4), (2.25, 2.5, 2.75, 3.0)  # added if needed, see `measure`
FAR_ENOUGH = 8.5  # nll_test in nats per token, the highest level at which curves are compared


def check_same_data(configs):
    """Raises ValueError, naming two runs, if the runs, a dict of name -> Config, have different data."""
    (first, config), *others = configs.items()
    for name, other in others:
        if different := config.differences(other, ("data",)):
            words = ", ".join(f"{key} {getattr(config, key)!r} and {getattr(other, key)!r}" for key in different)
            raise ValueError(
                f"--runs must be runs on the same oracle or text, got {first} and {name} on different data ({words})."
            )


def measure(folder, num, say=lambda text: None):
    """Measures a run's last generator at each temperature, and saves the points in frontier.json of the run.

    Points that have been saved before are not measured again. For oracle data, temperatures beyond
    INVERSE_TEMPERATURES are added until the smallest nll_test is not at the hottest one, and until nll_test at the
    coldest one reaches FAR_ENOUGH.

    Args:
      folder: RunFolder.
      num: number of sequences at each temperature.
      say: function called with a line of text for each temperature.

    Returns:
      The points, a list of dicts, the hottest first: "inverse_temperature" and the metrics of the task's `tradeoff`.
    """
    run = LoadedRun(folder.path)
    # An oracle can generate `num` held-out sequences; a text has only its test split.
    c = run.config if run.config.is_text else dataclasses.replace(run.config, heldout_size=num)
    about = {"step": run.record["step"], "samples": num, "seqgan_tf": seqgan_tf.__version__}
    measured = {point["inverse_temperature"]: point for point in points(folder, about)}
    # All temperatures share their random numbers, and no evaluation in training has the same.
    seed = fold(c.seed, "frontier")
    task = functools.cache(lambda: build.task(c, folder.corpus))  # slow, so it is built only if needed

    def point_at(inverse):
        if inverse not in measured:
            temperature = 1.0 / inverse
            generated = sample_sequences(run.generator, num, c.max_length, seed, temperature)
            metrics = task().tradeoff(run.generator, generated, temperature)
            measured[inverse] = {"inverse_temperature": inverse} | metrics
            write_json(folder.frontier, about | {"points": [measured[key] for key in sorted(measured)]})
            say(f"1/{inverse}: " + "  ".join(f"{name} {value:.3f}" for name, value in metrics.items()))
        return measured[inverse]

    found = [point_at(inverse) for inverse in INVERSE_TEMPERATURES]
    if "nll_oracle" in found[0]:
        for inverse in HOTTER:
            if min(found, key=lambda point: point["nll_test"]) is found[0]:
                found.insert(0, point_at(inverse))
        for inverse in COLDER:
            if found[-1]["nll_test"] < FAR_ENOUGH:
                found.append(point_at(inverse))
    return found


def points(folder, about=None):
    """Returns the points that `measure` has saved, or [] if there are none.

    Args:
      folder: RunFolder.
      about: dict, what the saved points must be about; None for the run's last generator.

    Raises:
      ValueError: if the file is corrupt.
    """
    if not folder.frontier.exists():
        return []
    about = about or {"step": history.last_step(folder.records(), folder.config)}
    try:
        content = json.loads(folder.frontier.read_text())
        found = list(content["points"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder.frontier} is corrupt ({error}); delete it and measure again") from error
    return found if about == {key: content.get(key) for key in about} else []


def is_whole(folder):
    """Whether a run's last generator has been measured at all INVERSE_TEMPERATURES."""
    return {point["inverse_temperature"] for point in points(folder)}.issuperset(INVERSE_TEMPERATURES)


def curve(points):
    """Returns (variety [P], quality [P]) of points of `measure`, sorted by variety. Lower is better for both.

    For oracle data they are nll_test and nll_oracle, without temperatures hotter than that of the lowest nll_test,
    which are worse in both. For text they are Self-BLEU-5 and -BLEU-5.
    """
    points = sorted(points, key=lambda point: point["inverse_temperature"])
    if "nll_oracle" in points[0]:
        pairs = np.array([(point["nll_test"], point["nll_oracle"]) for point in points])
        pairs = pairs[int(pairs[:, 0].argmin()) :]
    else:
        pairs = np.array([(point["self_bleu_5"], -point["bleu_5"]) for point in points])
    return pairs[np.argsort(pairs[:, 0], kind="stable")].T


def at(points, level):
    """Returns the quality of a curve at a level of variety, interpolated linearly; None outside the curve."""
    variety, quality = curve(points)
    return float(np.interp(level, variety, quality)) if variety[0] <= level <= variety[-1] else None


def common(curves):
    """Returns the range of variety that all curves share, (lowest, highest), or None. A curve is a list of points."""
    lows, highs = zip(*((variety[0], variety[-1]) for variety, _ in map(curve, curves)), strict=True)
    low, high = max(lows), min(highs)
    return (float(low), float(high)) if low < high else None


def area(points, low, high):
    """Returns the area under a curve between two levels of variety, by the trapezoidal rule."""
    variety, quality = curve(points)
    inside = (variety > low) & (variety < high)
    levels = np.array([low, *variety[inside], high])
    return float(np.trapezoid(np.interp(levels, variety, quality), levels))
