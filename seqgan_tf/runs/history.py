"""History: the progress of a run, from its records (the lines of metrics.jsonl, a list of dicts) and its Config."""


def generator_evaluations(records):
    """Returns the evaluations of the generator in adversarial training; those of pre-training if there are none."""
    adversarial = [record for record in records if record["phase"] == "adversarial"]
    return adversarial or [record for record in records if record["phase"] == "mle"]


def last(records, config):
    """Returns the evaluation of the current generator; None if there is none.

    With early stopping, pre-training ends with its best generator.
    """
    found = generator_evaluations(records)
    if found and config.mle_patience and found[-1]["phase"] == "mle":
        return min(found, key=lambda record: record["nll_valid"])
    return found[-1] if found else None


def last_step(records, config):
    """Returns the step of the current models; None if there are none."""
    # Pre-training D does not change the generator, and its evaluations have the newer discriminator.
    found = records[-1] if records and records[-1]["phase"] == "discriminator" else last(records, config)
    return found.get("step") if found else None


def best(records):
    """Returns the generator evaluation with the lowest nll_oracle (for text: nll_valid); None without any."""
    found = generator_evaluations(records)
    return min(found, key=lambda record: record.get("nll_oracle", record.get("nll_valid")), default=None)


def phase_totals(config):
    """Returns the number of epochs, rounds or iterations of each phase, a dict; omits empty phases other than MLE."""
    rounds = config.d_rounds if config.uses_discriminator else 0
    totals = {"mle": config.mle_epochs, "discriminator": rounds, "adversarial": config.iterations}
    return {phase: total for phase, total in totals.items() if total or phase == "mle"}


def is_stopped_early(records, config):
    """Whether early stopping has ended pre-training: mle_patience evaluations did not lower nll_valid."""
    mle = [record for record in records if record["phase"] == "mle"]
    return last(mle, config) in mle[: -config.mle_patience]


def is_done(records, config):
    """Whether a run has finished training."""
    if not records:
        return False
    totals = phase_totals(config)
    phase, done = records[-1]["phase"], records[-1]["iteration"]
    is_over = done == totals.get(phase) or phase == "mle" and is_stopped_early(records, config)
    return is_over and phase == list(totals)[-1]


def progress(records, config):
    """Returns how far a run has come, as "mle 3/20" or "adversarial 8/8, done"."""
    if not records:
        return "no evaluation yet"
    phase, done = records[-1]["phase"], records[-1]["iteration"]
    return f"{phase} {done}/{phase_totals(config).get(phase, '?')}" + (", done" if is_done(records, config) else "")
