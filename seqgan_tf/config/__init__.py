"""Settings of a run, presets, and the command line that makes a run."""

from seqgan_tf.config.presets import PRESETS
from seqgan_tf.config.settings import Config

__all__ = ["PRESETS", "Config"]
