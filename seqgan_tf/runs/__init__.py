"""A run folder: records, checkpoints, loaded models."""
