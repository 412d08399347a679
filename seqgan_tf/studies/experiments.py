"""Experiments as experiments.json describes them, read without TensorFlow."""

import json
import pathlib

# experiments: what it is, the preset of the data, "" for the oracle's, and the methods in the order in which to start
# them. budgets: the preset of SeqGAN, where {} is that of the data, and what differs from it. methods: what differs
# from SeqGAN: settings, divisors of its settings, and changes for budget quick (ten minutes for a run of Figure 3).
_CONTENT = json.loads(pathlib.Path(__file__).with_name("experiments.json").read_text("utf-8"))
EXPERIMENTS, BUDGETS, METHODS = (_CONTENT[name] for name in ("experiments", "budgets", "methods"))
