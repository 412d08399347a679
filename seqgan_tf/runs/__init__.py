"""One run on disk: its folder, records, checkpoints and models."""
