"""Metrics as pure functions, by name."""

from seqgan_tf.metrics.bleu import bleu, self_bleu
from seqgan_tf.metrics.discrimination import accuracy, auc
from seqgan_tf.metrics.diversity import distinct, memorised, repeated
from seqgan_tf.metrics.nll import nll
from seqgan_tf.metrics.pitch import pitch_mse

METRICS = {
    **{"nll": nll, "accuracy": accuracy, "auc": auc, "bleu": bleu, "self_bleu": self_bleu},
    **{"distinct": distinct, "memorised": memorised, "repeated": repeated, "pitch_mse": pitch_mse},
}
