"""How far a run has come, by its records (the lines of metrics.jsonl, a list of dicts) and its Config."""


def scored(records):
    """Evaluations of the generator in the last phase that has any: adversarial, or MLE."""
    adversarial = [record for record in records if record["phase"] == "adversarial"]
    return adversarial or [record for record in records if record["phase"] == "mle"]


def last(records, config):
    """The evaluation of the generator that training has come to, with early stopping MLE's best; None without one."""
    found = scored(records)
    if found and config.mle_patience and found[-1]["phase"] == "mle":
        return min(found, key=lambda record: record["nll_valid"])
    return found[-1] if found else None


def last_step(records, config):
    """The step of the models that training has come to; None without any."""
    # Pre-training D leaves the generator as it is, and its evaluations have the later discriminator.
    found = records[-1] if records and records[-1]["phase"] == "discriminator" else last(records, config)
    return found.get("step") if found else None


def best(records):
    """The evaluation of the lowest nll_oracle, for text of the lowest nll_valid, among `scored`; None without one."""
    return min(scored(records), key=lambda record: record.get("nll_oracle", record.get("nll_valid")), default=None)


def phase_totals(config):
    """Epochs, rounds and iterations of a run, a dict by phase; phases without any are left out, but for MLE."""
    rounds = config.d_rounds if config.uses_discriminator else 0
    totals = {"mle": config.mle_epochs, "discriminator": rounds, "adversarial": config.iterations}
    return {phase: total for phase, total in totals.items() if total or phase == "mle"}


def is_stopped_early(records, config):
    """Whether MLE has ended because mle_patience evaluations brought no lower nll_valid."""
    mle = [record for record in records if record["phase"] == "mle"]
    return last(mle, config) in mle[: -config.mle_patience]


def is_done(records, config):
    """Whether a run has been trained to its end."""
    if not records:
        return False
    totals = phase_totals(config)
    phase, done = records[-1]["phase"], records[-1]["iteration"]
    is_over = done == totals.get(phase) or phase == "mle" and is_stopped_early(records, config)
    return is_over and phase == list(totals)[-1]


def progress(records, config):
    """How far a run has come, as "mle 3/20" or "adversarial 8/8, done"."""
    if not records:
        return "no evaluation yet"
    phase, done = records[-1]["phase"], records[-1]["iteration"]
    return f"{phase} {done}/{phase_totals(config).get(phase, '?')}" + (", done" if is_done(records, config) else "")
