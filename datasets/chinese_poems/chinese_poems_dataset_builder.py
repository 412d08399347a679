"""Chinese quatrains with five characters per line, as in SeqGAN and Texygen."""

import tensorflow_datasets as tfds

from .. import source

URL = "https://raw.githubusercontent.com/geek-ai/Texygen/master/data/shi.txt"
LINE = 6  # tokens per line of verse in the file: five characters and a punctuation mark


class Builder(tfds.core.GeneratorBasedBuilder):
    """16,394 quatrains, one per example."""

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(name="characters", description="20 characters per poem, as in the SeqGAN paper."),
        tfds.core.BuilderConfig(
            name="punctuated", description="24 tokens per poem: a punctuation mark ends each line of verse."
        ),
    ]

    def _info(self):
        features = tfds.features.FeaturesDict({"text": tfds.features.Text()})
        return self.dataset_info_from_configs(features=features, disable_shuffling=True)

    def _split_generators(self, dl_manager):
        path = source.find(self, dl_manager, {"shi.txt": URL})["shi.txt"]
        return {split: self._generate_examples(path, split) for split in ("train", "validation", "test")}

    def _generate_examples(self, path, split):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            tokens = line.split()
            if self.builder_config.name == "characters":
                tokens = [token for place, token in enumerate(tokens, 1) if place % LINE]
            text = "".join(tokens)
            # Half of the poems are references, because BLEU-2 of such short texts needs many: the paper's 0.746 for
            # real poems needs about 14,000.
            share = source.share(line)
            if split == ("test" if share < 0.5 else "validation" if share < 0.55 else "train"):
                yield number, {"text": text}
