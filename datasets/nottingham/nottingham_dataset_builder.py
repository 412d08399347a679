"""Melodies of the Nottingham collection of folk tunes, from MIDI files."""

import tensorflow_datasets as tfds

from .. import source
from . import melody

ROOT = "https://raw.githubusercontent.com/jukedeck/nottingham-dataset/master/MIDI/melody/"
LENGTH = 32  # notes per piece [P]


class Builder(tfds.core.GeneratorBasedBuilder):
    """Pieces of 32 notes, one every 0.4 seconds; all pieces of a tune are in one split."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = tfds.features.FeaturesDict({"text": tfds.features.Text(), "tune": tfds.features.Text()})
        return self.dataset_info_from_configs(features=features, disable_shuffling=True)

    def _split_generators(self, dl_manager):
        urls = {url.removeprefix(ROOT): url for url in sorted(self.url_infos)}
        paths = source.find(self, dl_manager, {f"melody/{name}": url for name, url in urls.items()})
        return {split: self._generate_examples(paths, split) for split in ("train", "validation", "test")}

    def _generate_examples(self, paths, split):
        key = 0
        for name, path in paths.items():
            # 30% of the tunes are references. BLEU grows with the number of references, and with few of them even
            # real melodies score below the paper's results.
            share = source.share(name)
            if split != ("test" if share < 0.3 else "validation" if share < 0.4 else "train"):
                continue
            try:
                with path.open("rb") as file:
                    notes = melody.read(file)
            except ValueError as error:
                raise ValueError(f"{path} is {error}") from error
            for start in range(0, len(notes) - LENGTH + 1, LENGTH):
                key += 1
                yield key, {"text": " ".join(notes[start : start + LENGTH]), "tune": name}
