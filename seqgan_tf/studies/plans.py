"""Experiments: the paper's tables and figures, and the controls, as plans of runs."""

import dataclasses
import pathlib

from seqgan_tf.config import PRESETS
from seqgan_tf.rewards import WITHOUT_DISCRIMINATOR
from seqgan_tf.runs.history import is_done, read_metrics
from seqgan_tf.runs.loaded import read_config
from seqgan_tf.runs.records import FREE
from seqgan_tf.runs.warm_start import free
from seqgan_tf.studies.benchmark import work
from seqgan_tf.studies.frontier import is_whole
from seqgan_tf.studies.invocation import differences, flags
from seqgan_tf.studies.scheduler import Task

TABLE1 = ("mle_continued", "scheduled_sampling", "mle_regularised", "pg_bleu", "seqgan", "constant", "random", "mle")
ON_CORPUS = ("mle", "seqgan", "constant")
# Each of usage.EXPERIMENTS: the preset of its data ("" for the oracle's), and its methods.
EXPERIMENTS = {
    "table1": ("", TABLE1),
    "figure2": ("", ("mle", "scheduled_sampling", "pg_bleu", "seqgan")),
    "figure3": ("", ("g100_d1_k10", "g30_d1_k30", "g1_d1_k10", "g1_d5_k3")),
    "figure4": ("", tuple(f"pretrained_{name}" for name in ("full", "half", "sixth", "twelfth"))),
    "frontier": ("", TABLE1),
    "table2": ("poems", ON_CORPUS),
    "table3": ("speeches", ON_CORPUS),
    "table4": ("music", ON_CORPUS),
    "coco": ("captions", ON_CORPUS),
}
BUDGETS = ("quick", "paper", "smoke")


@dataclasses.dataclass(frozen=True)
class Run:
    """One run of a plan: its folder and its Config."""

    path: pathlib.Path
    config: object

    def records(self):
        """What has been recorded of it so far."""
        return read_metrics(self.path) if (self.path / "metrics.jsonl").exists() else []

    def is_done(self):
        """Whether it is trained to its end."""
        return is_done(self.records(), self.config)


def data_name(experiment):
    """What the folder of an experiment's runs is called by: oracle, or the corpus's preset."""
    return EXPERIMENTS[experiment][0] or "oracle"


def base(experiment, budget):
    """The Config of SeqGAN in an experiment, of which the other methods are changes."""
    preset = EXPERIMENTS[experiment][0]
    if budget == "paper":
        return PRESETS[f"{preset}_paper" if preset else "paper"]
    if preset and budget == "smoke":
        sizes = {"train_size": 64, "batch_size": 16, "eval_samples": 64, "num_rollouts": 2}
        return dataclasses.replace(PRESETS[preset], **sizes, mle_epochs=1, d_rounds=1, iterations=1, g_steps=1)
    if preset:
        return PRESETS[preset]
    if budget == "smoke":
        return dataclasses.replace(PRESETS["smoke"], mle_epochs=12, mle_eval_every=1)
    # The networks are the paper's but for a smaller D; half of its pre-training, and a schedule with as many g-steps
    # for one d-step as in its Figure 3b. With the paper's 1e-4 D makes the seeds differ more. What a run is judged
    # by is drawn as large as the authors do.
    quick = dataclasses.replace(PRESETS["quick"], mle_epochs=60, mle_eval_every=10, eval_samples=10_000)
    return dataclasses.replace(quick, d_learning_rate=3e-5, g_steps=30, iterations=2, eval_every=1)


def configs(experiment, budget, seeds, settings):
    """The runs of an experiment.

    Args:
      experiment: one of EXPERIMENTS.
      budget: one of BUDGETS.
      seeds: iterable of int.
      settings: dict of settings of Config that all runs have instead.

    Returns:
      A dict of name -> Config, in the order in which they are best started.

    Raises:
      ValueError: if a setting is not allowed.
    """
    seqgan = dataclasses.replace(base(experiment, budget), **settings)
    decided = settings.keys() & {"g_steps", "d_steps", "d_epochs"}
    if experiment == "figure3" and decided:
        raise ValueError(f"--{min(decided)} is given; allowed with figure3 is to leave it out.")
    return {
        f"{method}-seed{seed}": dataclasses.replace(seqgan, **_changes(method, seqgan, budget, settings), seed=seed)
        for method in EXPERIMENTS[experiment][1]
        for seed in seeds
    }


def _changes(method, seqgan, budget, settings):
    """The settings in which a method differs from SeqGAN."""
    alone = {"iterations": 0, "reward": "constant"}  # maximum likelihood alone: no reward is asked for
    if method.startswith("g"):  # as g1_d5_k3
        return _figure3(method, budget, settings)
    if method.startswith("pretrained"):
        part = {"full": 1, "half": 2, "sixth": 6, "twelfth": 12}[method.removeprefix("pretrained_")]
        epochs = max(1, seqgan.mle_epochs // part)
        return {"mle_epochs": epochs, "mle_eval_every": max(1, seqgan.mle_eval_every // 2)}
    return {
        "mle": alone,
        "scheduled_sampling": alone | {"scheduled_sampling": 0.002},
        "pg_bleu": {"reward": "bleu"},
        "seqgan": {},
        "constant": {"reward": "constant"},
        "random": {"reward": "random"},
        "mle_continued": alone | _continued(seqgan),
        "mle_regularised": alone
        | {"g_dropout": 0.3, "mle_learning_rate": seqgan.mle_learning_rate / 2, "mle_patience": 2}
        | {"mle_eval_every": max(1, seqgan.mle_eval_every // 2)},
    }[method]


def _continued(seqgan):
    """Maximum likelihood for as much compute as SeqGAN has."""
    epochs = seqgan.mle_epochs + _same_compute(seqgan)
    # Hundreds of evaluations, each with its models, tell no more than fifty.
    return {"mle_epochs": epochs, "mle_eval_every": max(seqgan.mle_eval_every, epochs // 50)}


def _figure3(method, budget, settings):
    """Figure 3's settings of g-steps, d-steps and k; with budget quick each for some ten minutes."""
    g_steps, d_steps, epochs = (int(part[1:]) for part in method.split("_"))
    changes = {"g_steps": g_steps, "d_steps": d_steps, "d_epochs": epochs}
    if budget == "quick" and "iterations" not in settings:
        changes["iterations"] = {100: 2, 30: 4, 1: 20}[g_steps]
    return changes


def _same_compute(config):
    """Epochs of maximum likelihood that take the FLOP of the roll-outs and the steps of both networks behind it."""
    flop, c = work(config), config
    rounds = c.d_rounds + c.iterations * c.d_steps
    adversarial = c.iterations * c.g_steps * flop["generator"] + rounds * c.d_epochs * flop["discriminator"]
    return round(adversarial / flop["mle"])


def runs(plan, folder):
    """The runs of a plan with what each can take its maximum likelihood from.

    Args:
      plan: as `configs` returns it.
      folder: of the run folders.

    Returns:
      list of (Run, the Run whose maximum likelihood it takes over or None).

    Raises:
      ValueError: if a run folder is there already that was made with other settings.
    """
    found = [Run(pathlib.Path(folder) / name, config) for name, config in plan.items()]
    for run in found:
        if (run.path / "config.json").exists():
            other = differences(run.config, read_config(run.path), FREE)
            if other:
                raise ValueError(
                    f"--runs is {folder}, where {run.path.name} was made with another {', '.join(other)}; allowed is "
                    "the same budget and flags, or another folder."
                )
    return [(run, _source(run, found)) for run in found]


def _source(run, candidates):
    """The run of the longest maximum likelihood of which that of `run` is the beginning, or None."""

    def fits(other):
        a, b = run.config, other.config
        is_evaluated = (
            b.mle_epochs == a.mle_epochs or b.mle_epochs > a.mle_epochs and a.mle_epochs % a.mle_eval_every == 0
        )
        return is_evaluated and not differences(a, b, free(a))

    longest = max(filter(fits, candidates), key=lambda other: other.config.mle_epochs)
    return None if longest is run else longest


def training(run, source):
    """The Task that trains a run, once what it starts from is there.

    It has one thread, so that numbers depend neither on how many run at once nor on how many cores there are.
    """
    config = dataclasses.replace(run.config, pretrained=str(source.path)) if source else run.config
    words = ("train", f"--run={run.path}", "--threads=1", *flags(config))
    epochs = run.config.mle_epochs

    def is_ready():
        return source is None or any(
            record["phase"] != "mle" or record["iteration"] >= epochs for record in source.records()
        )

    def done():
        return _work_done(run, source)

    total = _work(run.config, {name: 10**9 for name in ("mle", "discriminator", "adversarial")}, source)
    return Task(run.path.name, words, _log(run.path), total, done, is_ready)


def measuring(run):
    """The Task that measures the frontier of a run."""
    words = ("frontier", f"--runs={run.path}", "--threads=1")
    return Task(run.path.name, words, _log(run.path), 1.0, lambda: float(is_whole(run.path)))


def _log(path):
    return path.parent / "logs" / f"{path.name}.txt"


def _work_done(run, source):
    done = {}
    for record in run.records():
        done[record["phase"]] = record["iteration"]
    return _work(run.config, done, source)


def _work(config, done, source):
    """FLOP of so many epochs, rounds and iterations, no more than the Config has; none for what is taken over."""
    c, flop = config, work(config)
    epochs, rounds, iterations = (
        min(done.get(name, 0), most)
        for name, most in (("mle", c.mle_epochs), ("discriminator", c.d_rounds), ("adversarial", c.iterations))
    )
    d_rounds = 0 if c.reward in WITHOUT_DISCRIMINATOR else rounds + iterations * c.d_steps
    trained = 0 if source else epochs * flop["mle"]
    return trained + iterations * c.g_steps * flop["generator"] + d_rounds * c.d_epochs * flop["discriminator"]
