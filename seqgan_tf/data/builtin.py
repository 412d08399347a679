"""Built-in corpora as lines of text, made by the TFDS builders in seqgan_tf/corpora (in a checkout, datasets/)."""

import contextlib
import importlib
import io
import logging
import sys

import tensorflow as tf

from seqgan_tf.data.corpus import Source

SPLITS = {"train": "train", "valid": "validation", "test": "test"}  # our names and those of the builders


def sources(corpus, data_dir):
    """A corpus.Source for each split of a built-in corpus that it has; the first call builds it, later ones read it.

    Args:
      corpus: NAME or NAME/VARIANT.
      data_dir: folder of TFDS's data sets; "" for TFDS's own default.

    Raises:
      ValueError: if its files can be neither found nor downloaded, or are damaged.
    """
    import tensorflow_datasets as tfds  # takes seconds, and most runs do not need it

    label = f"--corpus is {corpus}"
    name, _, variant = corpus.partition("/")
    try:
        module = importlib.import_module(f"seqgan_tf.corpora.{name}.{name}_dataset_builder")
    except ImportError as error:
        why = f"whose builder cannot be imported ({error}); install the packages that it needs"
        raise ValueError(f"{label}, {why}.") from error
    logging.getLogger("absl").setLevel(logging.ERROR)  # TFDS warns of every folder that is not there yet
    if not sys.stderr.isatty():
        tfds.disable_progress_bar()
    place = data_dir or "~/tensorflow_datasets"
    try:
        builder = _built(lambda: module.Builder(data_dir=data_dir or None, config=variant or None), corpus)
    except ValueError as error:
        raise ValueError(f"{label}, which {_one_line(error)}") from error
    except OSError as error:
        raise ValueError(
            f"--data_dir must be a folder that can be read and written, got {place} ({error})."
        ) from error
    except Exception as error:  # TFDS, protobuf and TensorFlow each have errors of their own for a broken file
        raise ValueError(_damaged(label, place, error)) from error
    splits = {ours: theirs for ours, theirs in SPLITS.items() if theirs in builder.info.splits}
    return {ours: Source(label, _lines(label, builder, theirs)) for ours, theirs in splits.items()}


def _built(make_builder, corpus):
    builder = make_builder()
    if builder.is_prepared():
        return builder
    print(f"Building {corpus} in {builder.data_path}, once ...", file=sys.stderr)
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # TFDS repeats the line above on stdout, among our results
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
