"""Replicas, devices and machines that train together."""
