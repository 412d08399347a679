import tensorflow_datasets as tfds

from datasets.nottingham.nottingham_dataset_builder import Builder

FILES = [f"melody/{path.name}" for path in (Builder.code_path.parent / "dummy_data" / "melody").iterdir()]


class NottinghamTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = Builder
    SPLITS = {"train": 2, "validation": 2, "test": 2}  # pieces: two of each tune
    DL_DOWNLOAD_RESULT = {name: name for name in FILES}
