"""Using a trained run: sample, evaluate, export and serve."""
