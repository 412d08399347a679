"""Captions of COCO images, as in Texygen."""

import tensorflow_datasets as tfds

from .. import source

ROOT = "https://raw.githubusercontent.com/geek-ai/Texygen/master/data/"
FILES = {"train": "image_coco.txt", "test": "test_coco.txt"}
URLS = {"image_coco.txt": ROOT + "image_coco.txt", "test_coco.txt": ROOT + "testdata/test_coco.txt"}


class Builder(tfds.core.GeneratorBasedBuilder):
    """10,000 training captions and 10,000 test captions, as published."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = tfds.features.FeaturesDict({"text": tfds.features.Text()})
        # Keep the order of the file, because Texygen's metrics use its first 500 lines as references.
        return self.dataset_info_from_configs(features=features, disable_shuffling=True)

    def _split_generators(self, dl_manager):
        paths = source.find(self, dl_manager, URLS)
        return {split: self._generate_examples(paths[name]) for split, name in FILES.items()}

    def _generate_examples(self, path):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            yield number, {"text": line.strip()}
