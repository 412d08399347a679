"""Tasks: the data to learn from, and the metrics."""
