"""Frontier: quality against variety of trained generators over temperatures (Caccia et al., ICLR 2020)."""

import dataclasses
import functools
import json
import pathlib

import numpy as np

import seqgan_tf
from seqgan_tf import build
from seqgan_tf.runs.history import last_step, read_metrics
from seqgan_tf.runs.loaded import Trained, read_config
from seqgan_tf.runs.records import write_json
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.seeds import fold

INVERSE_TEMPERATURES = (0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.5, 1.75, 2.0)
HOTTER, COLDER = (0.7, 0.6, 0.5, 0.4), (2.25, 2.5, 2.75, 3.0)  # where needed: see `measure`
FAR_ENOUGH = 8.5  # nats per token of nll_test, the last level at which curves are compared
# What makes two runs have the same data.
DATA = (
    *("oracle_file", "oracle_seed", "oracle_embedding_dim", "oracle_hidden_dim", "vocab_size", "max_length"),
    *("start_token", "corpus", "train_file", "valid_file", "test_file", "tokens", "min_count", "lowercase"),
)


def check_same_data(configs):
    """Whether runs can be compared.

    Args:
      configs: dict of a run folder's name -> Config.

    Raises:
      ValueError: naming two runs and the settings of the data in which they differ.
    """
    names = list(configs)
    for name in names[1:]:
        a, b = vars(configs[names[0]]), vars(configs[name])
        other = [f"{key} {a[key]!r} and {b[key]!r}" for key in DATA if a[key] != b[key]]
        if other:
            raise ValueError(
                f"--runs has {names[0]} and {name}, of other data ({', '.join(other)}); allowed in one frontier "
                "are runs of one oracle or one text."
            )


def measure(run, num, say=lambda text: None):
    """The figures of a run's last generator at each temperature, kept in RUN/frontier.json.

    Temperatures beyond INVERSE_TEMPERATURES are added on oracle data until the smallest nll_test lies between two of
    them, and until the coldest has an nll_test of FAR_ENOUGH.

    Args:
      run: the run folder.
      num: S, sequences at each temperature.
      say: called with a line for each temperature.

    Returns:
      A list of dicts, the hottest first: "inverse_temperature" and the figures of the task's `tradeoff`.

    Raises:
      ValueError: if the folder is no run with models.
    """
    trained = Trained(run)
    c = dataclasses.replace(trained.config, eval_samples=num)
    path = trained.path / "frontier.json"
    about = {"step": trained.record["step"], "samples": num, "seqgan_tf": seqgan_tf.__version__}
    old = read(run)
    points = old["points"] if old and {key: old.get(key) for key in about} == about else []
    points = {point["inverse_temperature"]: point for point in points}
    # All temperatures get the same random numbers, and other ones than any evaluation in training.
    seed = fold(c.seed, "frontier")
    task = functools.cache(lambda: build.task(c, trained.path / "corpus"))  # takes a while, and only if needed

    def point_at(inverse):
        if inverse not in points:
            temperature = 1.0 / inverse
            generated = sample_sequences(trained.generator, num, c.max_length, seed, temperature)
            figures = task().tradeoff(trained.generator, generated, temperature)
            points[inverse] = {"inverse_temperature": inverse} | figures
            write_json(path, about | {"points": [points[key] for key in sorted(points)]})
            say(f"1/{inverse}: " + "  ".join(f"{name} {value:.3f}" for name, value in figures.items()))
        return points[inverse]

    found = [point_at(inverse) for inverse in INVERSE_TEMPERATURES]
    if "nll_oracle" in found[0]:
        for inverse in HOTTER:
            if min(found, key=lambda point: point["nll_test"]) is not found[0]:
                break
            found.insert(0, point_at(inverse))
        for inverse in COLDER:
            if found[-1]["nll_test"] >= FAR_ENOUGH:
                break
            found.append(point_at(inverse))
    return found


def read(run):
    """What `measure` has kept: a dict with "points", or None.

    Raises:
      ValueError: if the file is damaged.
    """
    path = pathlib.Path(run) / "frontier.json"
    if not path.exists():
        return None
    try:
        content = json.loads(path.read_text())
        return content | {"points": list(content["points"])}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged ({error}); remove it and measure again") from error


def is_whole(run):
    """Whether a run has been measured at the temperatures that all have, at its last generator."""
    content = read(run)
    if content is None:
        return False
    inverses = {point["inverse_temperature"] for point in content["points"]}
    step = last_step(read_metrics(run), read_config(run).mle_patience)
    return inverses.issuperset(INVERSE_TEMPERATURES) and content["step"] == step


def curve(points):
    """What a user can choose from by the temperature: variety against quality, both the lower the better.

    Args:
      points: as `measure` returns them.

    Returns:
      (variety [P], quality [P]), arrays in the order of growing variety: nll_test and nll_oracle, or Self-BLEU-5 and
      -BLEU-5. Temperatures hotter than that of the lowest nll_test are left out: they are worse in both.
    """
    points = sorted(points, key=lambda point: point["inverse_temperature"])
    if "nll_oracle" in points[0]:
        pairs = np.array([(point["nll_test"], point["nll_oracle"]) for point in points])
        pairs = pairs[int(pairs[:, 0].argmin()) :]
    else:
        pairs = np.array([(point["self_bleu_5"], -point["bleu_5"]) for point in points])
    variety, quality = pairs[np.argsort(pairs[:, 0], kind="stable")].T
    return variety, quality


def at(points, level):
    """Quality of a curve at a level of variety, interpolated linearly: a float, or None outside of the curve."""
    variety, quality = curve(points)
    if not variety[0] <= level <= variety[-1]:
        return None
    return float(np.interp(level, variety, quality))


def common(curves):
    """The levels of variety that all curves have: (lowest, highest), or None where there are none.

    Args:
      curves: iterable of points, as `measure` returns them.
    """
    ends = [(variety[0], variety[-1]) for variety, _ in map(curve, curves)]
    low, high = max(low for low, _ in ends), min(high for _, high in ends)
    return (float(low), float(high)) if low < high else None


def area(points, low, high):
    """Area under a curve between two levels of variety that it has, by the trapezoidal rule."""
    variety, quality = curve(points)
    inside = (variety > low) & (variety < high)
    levels = np.array([low, *variety[inside], high])
    return float(np.trapezoid(np.interp(levels, variety, quality), levels))
