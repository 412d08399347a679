"""The content of experiments.json, read without TensorFlow."""

import json
import pathlib

# experiments: help text; preset of the data, "" for the oracle; methods in the order in which they start.
# budgets: preset of SeqGAN, with {} for the preset of the data, and the settings that differ from it.
# methods: settings that differ from SeqGAN's, divisors of SeqGAN's settings, and settings for budget quick only, with
#   which a run of Figure 3 takes ten minutes.
_CONTENT = json.loads(pathlib.Path(__file__).with_name("experiments.json").read_text("utf-8"))
EXPERIMENTS, BUDGETS, METHODS = (_CONTENT[name] for name in ("experiments", "budgets", "methods"))
