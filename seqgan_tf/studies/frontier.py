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
from seqgan_tf.tasks.task import token_nll_of

INVERSE_TEMPERATURES = (0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.5, 1.75, 2.0)
HOTTER, COLDER = (0.7, 0.6, 0.5, 0.4), (2.25, 2.5, 2.75, 3.0)  # added if needed, see `measure`
FAR_ENOUGH = 8.5  # nll_test in nats per token, the highest level at which curves are compared
COLD, COLD_SHARE = 5.0, 0.95  # inverse temperature of most sequences of a coin toss, and their share


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

    Points that have been saved before are not measured again. Temperatures beyond INVERSE_TEMPERATURES are added
    until the smallest nll_test is not at the hottest one and, for oracle data, until nll_test at the coldest one
    reaches FAR_ENOUGH. For oracle data without adversarial training, the coin toss is measured too.

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
    kept = _saved(folder, about)
    measured = {point["inverse_temperature"]: point for point in kept["points"]}
    # All temperatures share their random numbers, and no evaluation in training has the same.
    seed = fold(c.seed, "frontier")
    task = functools.cache(lambda: build.task(c, folder.corpus))  # slow, so it is built only if needed

    def point_at(inverse):
        if inverse not in measured:
            temperature = 1.0 / inverse
            generated = sample_sequences(run.generator, num, c.max_length, seed, temperature)
            metrics = task().tradeoff(run.generator, generated, temperature)
            measured[inverse] = {"inverse_temperature": inverse} | metrics
            write_json(folder.frontier, about | kept | {"points": [measured[key] for key in sorted(measured)]})
            say(f"1/{inverse}: " + "  ".join(f"{name} {value:.3f}" for name, value in metrics.items()))
        return measured[inverse]

    if not (c.is_text or c.iterations or kept["coin_toss"]):
        kept["coin_toss"] = _coin_toss(run.generator, task(), num, seed)
    found = [point_at(inverse) for inverse in INVERSE_TEMPERATURES]
    for inverse in HOTTER:
        if min(found, key=lambda point: point["nll_test"]) is found[0]:
            found.insert(0, point_at(inverse))
    if "nll_oracle" in found[0]:
        for inverse in COLDER:
            if found[-1]["nll_test"] < FAR_ENOUGH:
                found.append(point_at(inverse))
    return found


def _coin_toss(generator, task, num, seed):
    """Returns the metrics of a mixture of two temperatures of one generator, a dict: COLD, or else 1.

    It learns nothing, and yet it beats every curve if only nll_oracle at a level of nll_test counts: a mixture of any
    distribution with a share w of the generator has at most -log(w) / T more nll_test than the generator.
    """
    length = task.heldout.shape[1]
    num_cold = round(COLD_SHARE * num)
    tosses = (num_cold, 1.0 / COLD), (num - num_cold, 1.0)
    generated = np.concatenate([sample_sequences(generator, size, length, seed, t) for size, t in tosses])

    def mixture_nll(tokens):  # nats per token
        slices = np.array_split(tokens, -(-len(tokens) // 500))
        cold, plain = (
            np.concatenate([-np.sum(token_nll_of(generator, part, t)[0], 1) for part in slices]) for _, t in tosses
        )
        return float(-np.logaddexp(cold + np.log(COLD_SHARE), plain + np.log(1 - COLD_SHARE)).mean() / length)

    mixture = {"nll_test": mixture_nll(task.heldout), "entropy": mixture_nll(generated)}
    return task.tradeoff(generator, generated, 1.0) | mixture


def points(folder):
    """Returns the points that `measure` has saved of a run's last generator, or [] if there are none.

    Raises:
      ValueError: if the file is corrupt.
    """
    return _saved(folder)["points"]


def coin_toss(folder):
    """Returns the metrics of the coin toss that `measure` has saved of a run's last generator, a dict, or {}.

    Raises:
      ValueError: if the file is corrupt.
    """
    return _saved(folder)["coin_toss"]


def _saved(folder, about=None):
    """Returns what `measure` has saved, a dict of "points" and "coin_toss"; empty if it is `about` something else."""
    nothing = {"points": [], "coin_toss": {}}
    if not folder.frontier.exists():
        return nothing
    about = about or {"step": history.last_step(folder.records(), folder.config)}
    try:
        content = json.loads(folder.frontier.read_text())
        found = {"points": list(content["points"]), "coin_toss": dict(content.get("coin_toss", {}))}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder.frontier} is corrupt ({error}); delete it and measure again") from error
    return found if about == {key: content.get(key) for key in about} else nothing


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


def at_level(points, known, level, name):
    """Returns a metric at the temperature where another one, `known`, has a given value.

    It is interpolated linearly in the known metric between temperatures.

    Args:
      points: list of points of `measure`.
      known: name of a metric that rises or falls with temperature, "entropy" or "self_bleu_5".
      level: its value, for example that of real data.
      name: of the metric wanted.

    Returns:
      float; None if no temperature is that hot or that cold, or the points lack the metric.
    """
    pairs = sorted((point[known], point[name]) for point in points if name in point)
    if not pairs or not pairs[0][0] <= level <= pairs[-1][0]:
        return None
    return float(np.interp(level, *zip(*pairs, strict=True)))
