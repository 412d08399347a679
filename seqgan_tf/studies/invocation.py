"""Invocation: the command line that makes a run."""

from seqgan_tf.config import PRESETS
from seqgan_tf.rewards import WITHOUT_DISCRIMINATOR

# Settings that a run without a discriminator does not look at.
OF_DISCRIMINATOR = {
    *("d_embedding_dim", "d_filter_widths", "d_filter_counts", "d_dropout", "d_l2", "d_learning_rate", "d_rounds"),
    *("d_epochs", "d_steps"),
}


def nearest_preset(config, free):
    """The preset that needs the fewest other settings to be a Config.

    Args:
      config: Config.
      free: names of settings that do not count.

    Returns:
      (its name, the names of the settings that differ).
    """
    differing = {
        preset: differences(config, values, free)
        for preset, values in PRESETS.items()
        if config.corpus or not values.corpus  # no flag makes text to train on of none
    }
    preset = min(differing, key=lambda name: len(differing[name]))
    return preset, differing[preset]


def differences(config, other, free=()):
    """Names of the settings in which two Configs differ, a list; those of `free` are left out, and those that neither
    looks at."""
    if config.reward in WITHOUT_DISCRIMINATOR and other.reward in WITHOUT_DISCRIMINATOR:
        free = {*free, *OF_DISCRIMINATOR}
    ours, theirs = vars(config), vars(other)
    return [name for name in ours if name not in free and ours[name] != theirs[name]]


def flags(config):
    """The flags that make a Config: the nearest preset and what differs from it, a list of str."""
    preset, differing = nearest_preset(config, free=())
    return [f"--preset={preset}", *(_flag(name, getattr(config, name)) for name in differing)]


def _flag(name, value):
    if isinstance(value, bool):
        return f"--{name}" if value else f"--no{name}"
    return f"--{name}={','.join(map(str, value)) if isinstance(value, tuple) else value}"
