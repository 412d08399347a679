"""Using a trained run: sample, evaluate, export, serve."""
