"""Usage: what the command line tells of itself: the presets, and the flags that are no setting of a run."""

import sys

# Times on two cores. How each was measured is in the README.
ABOUT = {
    "quick": """python -m seqgan_tf.main --preset=quick
    The paper's vocabulary, length, generator, oracle and N = 16; a smaller D and schedule.
    expected time: 4 to 8 minutes on two cores
    expected score: nll_oracle 9.0 after MLE, 8.7 after SeqGAN (real data 5.9)""",
    "paper": """python -m seqgan_tf.main --preset=paper
    The paper's and its authors' settings to the letter.
    expected time: 13 to 40 hours on two cores, by the estimate of benchmark; meant for a GPU
    expected score: nll_oracle 9.04 after MLE, 8.74 after SeqGAN, by the paper's Table 1; not yet run here""",
    "smoke": """python -m seqgan_tf.main --preset=smoke
    Everything tiny, to see whether it runs.
    expected time: 15 seconds
    expected score: nll_oracle 3.9 after MLE, 3.8 after SeqGAN (real data 3.4)""",
    "poems": """python -m seqgan_tf.main --preset=poems
    Chinese quatrains, samples at temperature 0.7.
    expected time: 3 to 6 minutes on two cores
    expected score: bleu_2 0.76 (real data 0.68), bought with variety: self_bleu_2 0.74 (real data 0.41)""",
    "captions": """python -m seqgan_tf.main --preset=captions
    COCO captions, lower-cased, samples at temperature 0.9.
    expected time: 6 to 10 minutes on two cores
    expected score: bleu_2 to 4 0.77, 0.54, 0.34 (real data 0.73, 0.51, 0.33)""",
    "speeches": """python -m seqgan_tf.main --preset=speeches
    Sentences of presidential speeches since 1947, lower-cased, at most 24 tokens; samples at temperature 0.8.
    expected time: 5 to 8 minutes on two cores
    expected score: bleu_3 0.46 and bleu_4 0.24 (real data 0.35, 0.20)""",
    "music": """python -m seqgan_tf.main --preset=music
    Folk tunes, samples at temperature 0.8.
    expected time: 3 to 6 minutes on two cores
    expected score: bleu_4 0.96 (real data 0.89)""",
    **{
        name: f"""python -m seqgan_tf.main --preset={name}
    The paper's generator, D and schedule on {text}.
    expected time: about a day on two cores, judging by --preset=paper; meant for a GPU
    expected score: by the paper {score}; not yet run here"""
        for name, text, score in (
            ("poems_paper", "Chinese quatrains", "bleu_2 0.739"),
            ("captions_paper", "COCO captions", "(Texygen) bleu_2 to 4 0.745, 0.498, 0.294"),
            ("speeches_paper", "Barack Obama's addresses", "bleu_3 0.556 and bleu_4 0.427, on longer speeches"),
            ("music_paper", "folk tunes", "bleu_4 0.941"),
        )
    },
}

RUN_FLAGS = {
    "run": ("", "The run folder."),
    "checkpoint": (
        "last",
        "Which models of it: last, best (lowest nll_oracle, or nll_valid for text), or a step of metrics.jsonl.",
    ),
}
# Commands on what training has left: what each does, and its flags with their defaults.
AFTER_TRAINING = {
    "sample": (
        "writes sequences of a trained generator",
        RUN_FLAGS
        | {
            "num": (10, "Sequences.", 1),
            "temperature": (
                None,
                "Divides the logits: 0.01 to 100, or 0: always the most probable token; without it that of the run.",
            ),
            "prefix": ("", "Beginning of every sequence: text, or ids with spaces of an oracle run."),
            "seed": (0, "Decides the sequences.", 0),
            "output": ("", "File, or folder of MIDI files, that is not there yet; without it the terminal."),
            "format": (
                "text",
                "One of text, ids, jsonl (tokens, text and log_prob in nats at temperature 1), midi (of music).",
                ("text", "ids", "jsonl", "midi"),
            ),
        },
    ),
    "evaluate": (
        "scores a run's models, or sequences of yours by them",
        RUN_FLAGS
        | {
            "input": ("", "Your sequences, one a line, UTF-8, plain or gzip; without it all figures of the run."),
            "metrics": (
                "",
                "Figures to show, with commas, by their names or the beginnings of them; without it all.",
            ),
            "output": ("", "JSON file, that is not there yet, for the same and more."),
        },
    ),
    "export": (
        "makes a SavedModel that needs TensorFlow alone, for TensorFlow Serving too",
        RUN_FLAGS | {"output": ("", "Folder that gets the next version in it; without it RUN/export.")},
    ),
    "serve": (
        "answers HTTP requests, and shows a page for trying out",
        RUN_FLAGS
        | {
            "port": (8000, "Port, up to 65535; 0: any that is free."),
            "host": ("127.0.0.1", "Address to listen at; 0.0.0.0: all of this machine's, for everybody to reach."),
        },
    ),
    "frontier": (
        "measures runs of one oracle or text at several temperatures, quality against variety",
        {
            "runs": ("", "Run folders, or folders of run folders, with commas."),
            "samples": (10_000, "Sequences at each temperature.", 2),
            "threads": (1, "Threads of TensorFlow for one operation; 0: one a core.", 0),
        },
    ),
    "report": (
        "tables and figures of runs, over their seeds, as a page and as Markdown",
        {
            "runs": ("", "Run folders, or folders of run folders, with commas."),
            "output": ("", "Folder that is not there yet, for index.html, report.md, its pictures and CSV files."),
        },
    ),
    "list": ("shows the runs in a folder", {"runs": ("runs", "Folder of run folders.")}),
}
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
EXPERIMENT = {
    "seeds": (3, "Runs of each method, with seeds from --seed on.", 1),
    "budget": (
        "quick",
        "quick: sized for two cores; paper: the paper's settings, for a GPU; smoke: tiny, to see whether it runs.",
        ("quick", "paper", "smoke"),
    ),
    "runs": ("", "Folder of the run folders; without it runs/DATA-BUDGET, as runs/oracle-quick."),
    "jobs": (0, "Runs at once; 0: one for each core, or one where there is a GPU. Changes no number.", 0),
}
# Settings that an experiment and its methods decide, so it has no flags for them.
DECIDED = (
    *("pretrained", "reward", "scheduled_sampling", "g_dropout", "mle_patience"),
    *("corpus", "train_file", "valid_file", "test_file", "profile"),
)
EXPERIMENT_USAGE = """python -m seqgan_tf.main experiment NAME [FLAGS]: trains all that it needs, and reports it.
What is there already is used; a stopped experiment goes on when it is started again.

Names:
{names}

Flags:
{flags}
  and the settings of train, as --oracle_file=FILE, for all runs alike (main --help)"""
# How the work of train and benchmark is shared, which is no setting of a run: default, help, limit.
DEVICES = {
    "strategy": (
        "auto",
        "Which devices share the work: one; mirrored: the GPUs of this machine; multiworker: several machines, named "
        "by TF_CONFIG or SLURM; auto: what suits. One of auto, one, mirrored, multiworker.",
        ("auto", "one", "mirrored", "multiworker"),
    ),
    "gpus": (0, "GPUs of each machine to use; 0: all.", 0),
    "cpu_devices": (0, "Without a GPU, parts of the CPU for --strategy=mirrored, to try it out.", 0),
    "threads": (
        0,
        "Threads of TensorFlow for one operation; 0: one a core. The last bits of numbers depend on it.",
        0,
    ),
    "worker_timeout": (60.0, "Seconds to wait for the other workers.", 1.0),
}
USAGE = """python -m seqgan_tf.main [COMMAND] [FLAGS]

Commands:
  train      (default) trains a preset, or goes on with a run that was stopped
  experiment NAME  trains all that a table or figure of the paper needs, and reports it (experiment --help)
  benchmark  times this machine and estimates how long the presets on oracle data take on it
{commands}
  (COMMAND --help shows the flags of these)

Presets (--preset):
{presets}

Flags of train and benchmark (without one, the preset's value holds; at the end, in brackets, the value of
--preset=paper. Where a setting comes from: [P] the paper, [C] its authors' code, [here] chosen for this project):
{flags}"""


def complain(error):
    """Says in one line what was wrong with the input; returns the exit code of it."""
    print(f"error: {error}", file=sys.stderr)
    return 2
