"""History: how far a run has come, from its run folder."""

import fcntl
import json
import pathlib

from seqgan_tf.rewards import WITHOUT_DISCRIMINATOR


def read_metrics(path):
    """The records of a run folder's metrics.jsonl: a list of dicts. Half a line at the end does not count.

    Raises:
      ValueError: if another line is damaged.
    """
    lines = (pathlib.Path(path) / "metrics.jsonl").read_bytes().split(b"\n")[:-1]
    try:
        return [json.loads(line) for line in lines]
    except ValueError as error:
        raise ValueError(f"--run is {path}, whose metrics.jsonl is damaged ({error}).") from error


def scored(records):
    """The evaluations of the generator in the last phase that has any, a list: adversarial, or maximum likelihood."""
    for phase in ("adversarial", "mle"):
        found = [record for record in records if record["phase"] == phase]
        if found:
            return found
    return []


def last(records, patience):
    """The evaluation of the generator that training has so far come to; None without one.

    Args:
      records: list of dicts, as `read_metrics` returns them.
      patience: the run's mle_patience. With early stopping maximum likelihood comes to the generator of the lowest
        nll_valid.
    """
    found = scored(records)
    if found and patience and found[-1]["phase"] == "mle":
        return min(found, key=lambda record: record["nll_valid"])
    return found[-1] if found else None


def last_step(records, patience):
    """The step of metrics.jsonl whose models are what training has so far come to; None without any.

    Args: as for `last`.
    """
    # D's pre-training leaves the generator as it is, and its evaluations have the later discriminator.
    found = records[-1] if records and records[-1]["phase"] == "discriminator" else last(records, patience)
    return found.get("step") if found else None


def best(records):
    """The evaluation of the lowest nll_oracle, for text of the lowest nll_valid, among `scored`; None without one."""
    return min(scored(records), key=lambda record: record.get("nll_oracle", record.get("nll_valid")), default=None)


def phase_totals(config):
    """How many epochs, rounds and iterations a run has, by the name of the phase; phases without any are left out."""
    rounds = 0 if config.reward in WITHOUT_DISCRIMINATOR else config.d_rounds
    totals = {"mle": config.mle_epochs, "discriminator": rounds, "adversarial": config.iterations}
    return {phase: total for phase, total in totals.items() if total or phase == "mle"}


def is_stopped_early(records, patience):
    """Whether so many evaluations of maximum likelihood (a list of dicts) have brought no lower nll_valid."""
    return bool(patience and records) and last(records, patience) in records[:-patience]


def is_done(records, config):
    """Whether a run has been trained to its end, by its records (a list of dicts) and its Config."""
    if not records:
        return False
    totals = phase_totals(config)
    phase, done = records[-1]["phase"], records[-1]["iteration"]
    if phase != list(totals)[-1]:
        return False
    return done == totals[phase] or phase == "mle" and is_stopped_early(records, config.mle_patience)


def is_running(path):
    """Whether a process holds the run's lock."""
    try:
        with open(path / "lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # no lock, or nobody's to read
        return False
    return False
