"""The three networks of the paper, which return logits, and two other discriminators."""

import keras

from seqgan_tf.models.discriminator import Discriminator
from seqgan_tf.models.generator import Generator
from seqgan_tf.models.language_model_discriminator import LanguageModelDiscriminator, of_mediator
from seqgan_tf.models.oracle import Oracle
from seqgan_tf.models.token_discriminator import TokenDiscriminator

__all__ = [
    "Discriminator",
    "Generator",
    "LanguageModelDiscriminator",
    "Oracle",
    "TokenDiscriminator",
    "of_mediator",
]

# The user's ~/.keras/keras.json may have changed these defaults.
keras.backend.set_floatx("float32")
keras.backend.set_image_data_format("channels_last")
keras.backend.set_epsilon(1e-7)
