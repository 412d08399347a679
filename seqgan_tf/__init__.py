"""SeqGAN (Yu et al., AAAI 2017) in TensorFlow and Keras."""

import os

__version__ = "0.1.0"

os.environ["KERAS_BACKEND"] = "tensorflow"  # the training steps need it, whatever keras.json says
