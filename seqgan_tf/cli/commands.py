"""Commands: what each does, its flags, and the function that gets their values by name.

Nothing here imports TensorFlow before the flags are known to be good.
"""

import dataclasses
import os

from seqgan_tf.cli.flags import Flag
from seqgan_tf.config import PRESETS, Config

EXPERIMENTS = {
    "table1": "the five rows of Table 1, and four controls",
    "figure2": "learning curves of the rows of Table 1",
    "figure3": "g-steps, d-steps and k",
    "figure4": "length of pre-training",
    "frontier": "quality against variety of all rows of table1, at several temperatures",
    "table2": "Chinese poems: MLE, SeqGAN and the constant reward",
    "table3": "presidential speeches: the same",
    "table4": "folk tunes: the same",
    "coco": "COCO captions: the same",
}
SETTINGS = tuple(field for field in dataclasses.fields(Config) if Config.is_flag(field.name))
# Settings that an experiment decides, by its data or by its methods, so it has no flags for them.
DATA = ("corpus", "train_file", "valid_file", "test_file")
DECIDED = (*DATA, "pretrained", "reward", "scheduled_sampling", "g_dropout", "mle_patience", "profile")
STRATEGIES = ("auto", "one", "mirrored", "multiworker")
BUDGETS = ("quick", "paper", "smoke")
FORMATS = ("text", "ids", "jsonl", "midi")


@dataclasses.dataclass(frozen=True)
class Command:
    """One command.

    Attributes:
      help: what it does.
      function: "module:function", called with the values of the flags by name; returns an exit code, or what is to be
        printed, or None.
      flags: its own flags.
      settings: fields of Config that are flags too; the function gets those that are given as a dict `settings`.
      argument: what must stand behind the command; the function gets it by this name.
    """

    help: str
    function: str
    flags: tuple[Flag, ...]
    settings: tuple[dataclasses.Field, ...] = ()
    argument: str = ""


def train(settings, preset, run, **devices):
    """Trains a run."""
    preset = preset or "quick"
    config = dataclasses.replace(PRESETS[preset], **settings)
    strategy = _strategy(**devices)
    from seqgan_tf.cli.train import train

    return train(config, run or os.path.join("runs", preset), strategy)


def benchmark(settings, preset, run, **devices):
    """Measures this machine; there is no run folder."""
    config = dataclasses.replace(PRESETS[preset or "paper"], **settings)
    strategy = _strategy(**devices)
    from seqgan_tf.studies.benchmark import benchmark

    return benchmark(config=config, strategy=strategy)


def _strategy(strategy, **devices):
    from seqgan_tf.distributed.devices import make_strategy

    return make_strategy(name=strategy, **devices)


def experiment(name, **values):
    """Checks the name before TensorFlow is imported."""
    if name not in EXPERIMENTS:
        raise ValueError(f"experiment must be one of {', '.join(EXPERIMENTS)}, got {name!r}.")
    from seqgan_tf.studies.run import experiment

    return experiment(name=name, **values)


def sample(temperature, **values):
    """Checks the temperature before TensorFlow is imported."""
    if temperature not in (None, 0) and not 0.01 <= temperature <= 100:
        raise ValueError(f"--temperature must be 0, or from 0.01 to 100, got {temperature}.")
    from seqgan_tf.serving.commands import sample

    return sample(temperature=temperature, **values)


def report(runs, output):
    """Reports all runs in the folders."""
    from seqgan_tf.runs.folder import find
    from seqgan_tf.studies.report import report

    return report(folders=find(runs), to=output)


TRAINING = (
    Flag("preset", "", "Settings to start from; by default quick, or paper for benchmark.", choices=tuple(PRESETS)),
    Flag("run", "", "Run folder, created if it does not exist; by default runs/PRESET."),
    Flag(
        "strategy",
        "auto",
        "Devices that share the work: one; mirrored: the GPUs of this machine; multiworker: several machines, named "
        "by TF_CONFIG or SLURM; auto: what suits.",
        choices=STRATEGIES,
    ),
    Flag("gpus", 0, "GPUs to use on each machine; 0: all.", minimum=0),
    Flag("cpu_devices", 0, "Parts of the CPU for --strategy=mirrored without a GPU, to try it out.", minimum=0),
    Flag("threads", 0, "TensorFlow threads per operation; 0: one per core. Changes last bits of numbers.", minimum=0),
    Flag("worker_timeout", 60.0, "Seconds to wait for the other workers.", minimum=1.0, below=2**31),
)
EXPERIMENT = (
    Flag("seeds", 3, "Runs of each method, with consecutive seeds from --seed.", minimum=1),
    Flag("budget", "quick", "quick is for two cores, paper for a GPU, smoke for a trial.", choices=BUDGETS),
    Flag("runs", "", "Folder of the run folders; by default runs/DATA-BUDGET, for example runs/oracle-quick."),
    Flag("jobs", 0, "Runs at once; 0: one per core, or one if there is a GPU. Changes no number.", minimum=0),
)
RUN = (
    Flag("run", "", "Run folder.", required=True),
    Flag("checkpoint", "last", "last, best (lowest nll_oracle, or nll_valid for text), or a step in metrics.jsonl."),
)
SAMPLE = (
    *RUN,
    Flag("num", 10, "Sequences.", minimum=1),
    Flag(
        "temperature",
        None,
        "Divides the logits: 0.01 to 100, or 0: always the likeliest token; by default the run's.",
    ),
    Flag("prefix", "", "Beginning of every sequence: text, or for an oracle run ids separated by spaces."),
    Flag("seed", 0, "Determines the sequences.", minimum=0),
    Flag("output", "", "New file, or new folder of MIDI files; by default the terminal."),
    Flag("format", "text", "jsonl has tokens, text and log_prob (nats, at temperature 1).", choices=FORMATS),
)
EVALUATE = (
    *RUN,
    Flag("input", "", "Your sequences, one per line, UTF-8, plain or gzip; by default the run itself is scored."),
    Flag("metrics", "", "Metrics to show, separated by commas: names or their beginnings; by default all."),
    Flag("output", "", "New JSON file for the same and more."),
)
EXPORT = (*RUN, Flag("output", "", "Folder in which the next version is made; by default RUN/export."))
SERVE = (
    *RUN,
    Flag("port", 8000, "Port; 0: any that is free.", minimum=0, below=2**16),
    Flag("host", "127.0.0.1", "Address to listen at; 0.0.0.0: all of this machine's, for everybody to reach."),
)
RUNS = Flag("runs", "", "Run folders, or folders of run folders, separated by commas.")
FRONTIER = (
    RUNS,
    Flag("samples", 10_000, "Sequences at each temperature.", minimum=2),
    Flag("threads", 1, "TensorFlow threads per operation; 0: one per core.", minimum=0),
)
REPORT = (RUNS, Flag("output", "", "New folder for index.html, report.md, its pictures and CSV files."))
LIST = (Flag("runs", "runs", "Folder of run folders."),)

COMMANDS = {
    "train": Command(
        "Trains a preset, or resumes a run that was stopped; the default.",
        "seqgan_tf.cli.commands:train",
        TRAINING,
        settings=SETTINGS,
    ),
    "experiment": Command(
        "Trains everything that a table or figure of the paper needs, and reports it.",
        "seqgan_tf.cli.commands:experiment",
        EXPERIMENT,
        settings=tuple(field for field in SETTINGS if field.name not in DECIDED),
        argument="name",
    ),
    "benchmark": Command(
        "Times this machine, and estimates how long the presets on oracle data take on it.",
        "seqgan_tf.cli.commands:benchmark",
        TRAINING,
        settings=SETTINGS,
    ),
    "sample": Command("Writes sequences from a trained generator.", "seqgan_tf.cli.commands:sample", SAMPLE),
    "evaluate": Command(
        "Scores a run's models, or scores your sequences with them.",
        "seqgan_tf.serving.commands:evaluate",
        EVALUATE,
    ),
    "export": Command(
        "Makes a SavedModel that needs nothing but TensorFlow, for TensorFlow Serving too.",
        "seqgan_tf.serving.export:export",
        EXPORT,
    ),
    "serve": Command(
        "Answers HTTP requests, and shows a page for trying out.", "seqgan_tf.serving.server:serve", SERVE
    ),
    "frontier": Command(
        "Measures runs on the same data at several temperatures, quality against variety.",
        "seqgan_tf.studies.run:frontier",
        FRONTIER,
    ),
    "report": Command(
        "Shows runs over their seeds in tables and figures, as a page and as Markdown.",
        "seqgan_tf.cli.commands:report",
        REPORT,
    ),
    "list": Command("Shows the runs in a folder.", "seqgan_tf.studies.listing:list_runs", LIST),
}
