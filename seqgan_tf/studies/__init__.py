"""Experiments, frontiers, reports and benchmarks: several runs at once."""
