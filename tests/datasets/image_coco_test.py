import tensorflow_datasets as tfds

from seqgan_tf.corpora.image_coco.image_coco_dataset_builder import Builder


class ImageCocoTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = Builder
    SPLITS = {"train": 3, "test": 2}
    DL_DOWNLOAD_RESULT = {"image_coco.txt": "image_coco.txt", "test_coco.txt": "test_coco.txt"}
