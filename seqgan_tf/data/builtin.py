"""Catalogue: the built-in corpora by name, as lines of text. Their builders are the folders of datasets/."""

import contextlib
import importlib
import io
import logging
import sys

import tensorflow as tf

from seqgan_tf.data.corpus import Source

# Each corpus, and what a token of it is (vocabulary.TOKENIZERS).
TOKENS = {
    "chinese_poems": "characters",
    "image_coco": "words",
    "presidential_speeches": "words",
    "nottingham": "spaces",
}
SPLITS = {"train": "train", "valid": "validation", "test": "test"}  # our names and those of the builders


def tokens_of(corpus):
    """What a token of a corpus is: a name of vocabulary.TOKENIZERS."""
    return TOKENS[corpus.split("/")[0]]


def sources(corpus, data_dir):
    """The splits of a built-in corpus, which is built where that has not been done.

    Args:
      corpus: NAME or NAME/CONFIG of a builder.
      data_dir: folder of TFDS's data sets; "" for TFDS's own default.

    Returns:
      dict of split -> corpus.Source; "valid" is missing where the builder has none.

    Raises:
      ValueError: if its files can be neither found nor downloaded, or are not what they should be.
    """
    import tensorflow_datasets as tfds  # takes seconds, and most runs do not need it

    label = f"--corpus is {corpus}"
    name, _, config = corpus.partition("/")
    try:
        module = importlib.import_module(f"datasets.{name}.{name}_dataset_builder")
    except ModuleNotFoundError as error:
        raise ValueError(
            f"{label}, whose builder cannot be imported ({error}); allowed is to start from the project's folder, "
            "where no other package called datasets comes first."
        ) from error
    logging.getLogger("absl").setLevel(logging.ERROR)  # TFDS warns of every folder that is not there yet
    if not sys.stderr.isatty():
        tfds.disable_progress_bar()
    place = data_dir or "~/tensorflow_datasets"
    try:
        builder = _built(lambda: module.Builder(data_dir=data_dir or None, config=config or None), corpus)
    except ValueError as error:
        raise ValueError(f"{label}, which {_one_line(error)}") from error
    except OSError as error:
        raise ValueError(f"--data_dir is {place}, which cannot be written or read ({error}).") from error
    except Exception as error:  # TFDS, protobuf and TensorFlow each have errors of their own for a broken file
        raise ValueError(_damaged(label, place, error)) from error
    lines = {ours: _lines(label, builder, theirs) for ours, theirs in SPLITS.items() if theirs in builder.info.splits}
    return {split: Source(label, texts) for split, texts in lines.items()}


def _built(make_builder, corpus):
    builder = make_builder()
    if builder.is_prepared():
        return builder
    print(f"Building {corpus} in {builder.data_path}, once ...", file=sys.stderr)
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # TFDS says what we have said, where our own output goes
            builder.download_and_prepare()
    except OSError:
        builder = make_builder()
        if not builder.is_prepared():  # else another process was faster
            raise
    return builder


def _lines(label, builder, split):
    try:
        for example in builder.as_dataset(split=split).as_numpy_iterator():
            yield example["text"].decode()
    except tf.errors.OpError as error:
        raise ValueError(_damaged(label, builder.data_path, error)) from error


def _damaged(label, place, error):
    return f"{label}, whose copy in {place} is damaged ({_one_line(error)[:150]} ...); delete it and start again."


def _one_line(error):
    return " ".join(str(error).split())
