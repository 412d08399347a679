"""Usage: what the command line tells of itself, and the flags of the commands that follow training."""

RUN_FLAGS = {
    "run": ("", "The run folder."),
    "checkpoint": (
        "last",
        "Which models of it: last, best (lowest nll_oracle, or nll_valid), or a step of metrics.jsonl.",
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
    "list": ("shows the runs in a folder", {"runs": ("runs", "Folder of run folders.")}),
}
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
    "worker_timeout": (60.0, "Seconds to wait for the other workers.", 1.0),
}
USAGE = """python -m seqgan_tf.main [COMMAND] [FLAGS]

Commands:
  train      (default) trains a preset, or goes on with a run that was stopped
  benchmark  times this machine and estimates how long the presets on oracle data take on it
{commands}
  (COMMAND --help shows the flags of these)

Presets (--preset):
{presets}

Flags of train and benchmark (without one, the preset's value holds; at the end, in brackets, the value of
--preset=paper. Where a setting comes from: [P] the paper, [C] its authors' code, [here] chosen for this project):
{flags}"""
