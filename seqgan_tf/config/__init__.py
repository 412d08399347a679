"""Settings and presets of a run, and the command line that reproduces it."""

from seqgan_tf.config.presets import PRESETS
from seqgan_tf.config.settings import Config

__all__ = ["PRESETS", "Config"]
