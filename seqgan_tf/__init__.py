"""SeqGAN (Yu et al., AAAI 2017) in TensorFlow and Keras."""

__version__ = "0.1.0"
