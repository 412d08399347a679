"""PRESETS: named Configs, from presets.json and from the corpus.json of each corpus.

Examples:
  >>> PRESETS["quick"].vocab_size, PRESETS["quick"].mle_epochs
  (5000, 20)
  >>> import dataclasses
  >>> dataclasses.replace(PRESETS["quick"], seed=1).seed
  1
"""

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
# A description of each preset, with the expected time and score. The README says how they were measured.
ABOUT = {name: preset["about"] for name, preset in _DESCRIBED.items()}
