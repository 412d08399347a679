import tensorflow_datasets as tfds

from seqgan_tf.corpora.chinese_poems.chinese_poems_dataset_builder import Builder


class ChinesePoemsTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = Builder
    SPLITS = {"train": 5, "validation": 1, "test": 4}
    DL_DOWNLOAD_RESULT = {"shi.txt": "shi.txt"}
