"""The content of experiments.json, read without TensorFlow."""

import json
import pathlib

# experiments: help text; preset of the data, "" for the oracle; methods, each after those that it starts from.
# budgets: oracles besides the given one for experiments on several; preset of SeqGAN, with {} for the preset of the
#   data, and the settings that differ from it.
# methods: the method it is a change to, if not SeqGAN; settings that differ; divisors of SeqGAN's settings; settings
#   for one budget only. Teachers and judges are names of methods.
_CONTENT = json.loads(pathlib.Path(__file__).with_name("experiments.json").read_text("utf-8"))
EXPERIMENTS, BUDGETS, METHODS = (_CONTENT[name] for name in ("experiments", "budgets", "methods"))
