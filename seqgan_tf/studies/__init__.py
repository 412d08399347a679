"""Experiments, reports and benchmarks over several runs."""
