"""PRESETS: complete settings by name, from presets.json and from the folder of each corpus."""

import json
import pathlib

from seqgan_tf.config import corpora
from seqgan_tf.config.settings import Config

_CONTENT = json.loads((pathlib.Path(__file__).parent / "presets.json").read_text("utf-8"))
_DESCRIBED = _CONTENT["presets"] | {
    name: preset | {"settings": {"corpus": corpus} | preset["settings"]}
    for corpus, about in corpora.described().items()
    for name, preset in about["presets"].items()
}

PRESETS: dict[str, Config] = {
    name: Config(**_CONTENT["bases"][preset["base"]]["settings"] | preset["settings"])
    for name, preset in _DESCRIBED.items()
}
# What each preset is, and the time and score to expect. How they were measured is in the README.
ABOUT = {name: preset["about"] for name, preset in _DESCRIBED.items()}
