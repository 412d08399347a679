"""The command line that reproduces a run."""

from seqgan_tf.config.presets import PRESETS


def nearest_preset(config, ignored=()):
    """Returns the preset that differs from a Config in the fewest settings, and the names of those settings.

    Args:
      config: Config.
      ignored: names of settings that do not count as differences.
    """
    found = [
        (preset, [name for name in config.differences(values) if name not in ignored])
        for preset, values in PRESETS.items()
        if config.corpus or not values.corpus  # no flag can reset a preset's corpus to none
    ]
    return min(found, key=lambda preset_and_names: len(preset_and_names[1]))


def flags(config):
    """Returns the flags that give a Config: --preset and every setting that differs from it, a list of str."""
    preset, names = nearest_preset(config)
    names = [*names, *PRESETS[preset].differences(config, ("bookkeeping",))]
    return [f"--preset={preset}", *(_flag(name, getattr(config, name)) for name in names if config.is_flag(name))]


def _flag(name, value):
    if isinstance(value, bool):
        return f"--{name}" if value else f"--no{name}"
    return f"--{name}={','.join(map(str, value)) if isinstance(value, tuple) else value}"
