"""The three networks of the paper. All of them return logits."""

from seqgan_tf.models.discriminator import Discriminator
from seqgan_tf.models.generator import Generator
from seqgan_tf.models.oracle import Oracle

__all__ = ["Discriminator", "Generator", "Oracle"]
