"""The command diagnose: what a discriminator knows about its generator, before any policy gradient."""

import sys

import numpy as np
import tensorflow as tf

from seqgan_tf import build
from seqgan_tf.metrics import discrimination
from seqgan_tf.runs import others
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.runs.loaded import LoadedRun, load_file
from seqgan_tf.runs.tables import table
from seqgan_tf.sampling import sample_sequences
from seqgan_tf.seeds import fold
from seqgan_tf.tasks.task import token_nll_of

BAR = 0.5  # nats per sequence; below it no reward has improved a regularised generator here (docs/reproducing.md)
ROWS = 500  # sequences scored at once


def diagnose(run, checkpoint, judge, samples):
    """Returns what the discriminator of a run, or a judge of its generator, knows about it: a table and a verdict.

    Args:
      run: str, the run folder.
      checkpoint: str, as for LoadedRun.
      judge: str, run folders of judges, separated by commas; "" for the run's own discriminator.
      samples: maximum number of sequences of each kind.

    Raises:
      ValueError: naming the flag, if the run has no discriminator or the judges do not fit.
    """
    loaded = LoadedRun(run, checkpoint)
    if not (judge or loaded.discriminator):
        raise ValueError(f"--judge must be given for a run without a discriminator, got --run={run} alone.")
    c = loaded.config
    task = build.task(c, loaded.folder.corpus)
    discriminator, name = loaded.discriminator, "the discriminator"
    if judge:
        paths = [others.check("judge", RunFolder(path), c, loaded.folder) for path in judge.split(",")]
        discriminator = build.judge(c, None, list(map(load_file, paths)), loaded.generator)
        name = "p_M / (p_M + G)"
    real = {"train": task.train[:samples], "heldout": task.heldout[:samples]}
    num = len(real["heldout"])
    print(f"Diagnosing {name} of {run} on {num:,} held-out and as many sampled sequences", file=sys.stderr)
    generated = sample_sequences(loaded.generator, num, loaded.length, fold(c.seed, "diagnose")).numpy()
    logits = {key: _of_each(discriminator.logit, tokens) for key, tokens in (real | {"generated": generated}).items()}
    oracle = None if c.is_text else build.oracle(c)
    found = measures(logits) | _correlation(logits["generated"], generated, loaded.generator, oracle)
    return f"{_verdict(found)} {_uncertainty(num)}"


def measures(logits):
    """Returns what the logits of a discriminator say, a dict of name -> float.

    Args:
      logits: dict of "train", "heldout" and "generated" -> [S] float, log D - log(1 - D). The first half of the
        held-out and the generated ones calibrates D, the second half is measured.
    """
    halves = [np.array_split(logits[key], 2) for key in ("heldout", "generated")]
    slope, intercept = discrimination.calibration(*(half[0] for half in halves))
    fresh = [slope * half[1] + intercept for half in halves]
    return {
        "AUC, training data": discrimination.auc(logits["train"], logits["generated"]),
        "AUC, held-out data": discrimination.auc(logits["heldout"], logits["generated"]),
        "calibrated cross entropy (nats per sequence; 0.693 is chance)": discrimination.cross_entropy(*fresh),
        "gain as residual energy (nats per sequence)": discrimination.residual_energy_gain(*fresh),
    }


def _correlation(logits, tokens, generator, oracle):
    """Returns the partial correlation of samples' logits with log P_oracle, given log G; {} without an oracle."""
    if oracle is None:
        return {}

    def log_prob(model):
        return _of_each(lambda part: -tf.reduce_sum(tf.multiply(*token_nll_of(model, part)), 1), tokens)

    found = discrimination.partial_correlation(logits, log_prob(oracle), log_prob(generator))
    return {"partial correlation with log P_oracle, given log G": found}


def _verdict(found):
    gain = next(value for name, value in found.items() if name.startswith("gain"))
    is_enough = gain >= BAR
    side, can = ("at or above", "can") if is_enough else ("below", "cannot")
    verdict = (
        f"The gain is {side} the bar of {BAR} nats per sequence: adversarial training against this discriminator "
        f"{can} be expected to help."
    )
    if not is_enough and found["AUC, training data"] > max(0.5, found["AUC, held-out data"]) + 0.05:
        verdict += " It has learned its training data by heart: the AUC there is higher."
    lines = [[name, f"{value:.3f}"] for name, value in found.items()]
    return f"{table(['measure', ''], lines)}\n\n{verdict}"


def _uncertainty(num):
    """Says how far chance moves an AUC of S real against S sampled sequences: Mann and Whitney's standard error."""
    error = ((2 * num + 1) / (12 * num * num)) ** 0.5
    return (
        f"With {num:,} held-out sequences, chance alone moves the AUC by up to {2 * error:.3f} (two standard errors)."
    )


def _of_each(function, tokens):
    """Returns function(tokens [M, T]) -> [M] for sequences [S, T], ROWS at a time: [S] float64."""
    parts = (tokens[start : start + ROWS] for start in range(0, len(tokens), ROWS))
    return np.concatenate([np.asarray(function(tf.constant(part)), np.float64) for part in parts])
