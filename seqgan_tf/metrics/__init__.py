"""Metrics as pure functions, by name."""

from seqgan_tf.metrics.discrimination import accuracy, auc
from seqgan_tf.metrics.nll import nll

METRICS = {"nll": nll, "accuracy": accuracy, "auc": auc}
