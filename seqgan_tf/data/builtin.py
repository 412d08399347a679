"""Built-in corpora as lines of text, made by the TFDS builders in seqgan_tf/corpora (in a checkout, datasets/)."""

import contextlib
import importlib
import io
import logging
import sys

from seqgan_tf.data.corpus import Source

SPLITS = {"train": "train", "valid": "validation", "test": "test"}  # our names and those of the builders


def sources(corpus, data_dir):
    """A corpus.Source for each split that NAME or NAME/VARIANT has; the first call builds it, later ones read it.

    data_dir: folder of TFDS's data sets; "" for TFDS's own default. ValueError if files are missing or damaged.
    """
    import tensorflow_datasets as tfds  # takes seconds, and most runs do not need it

    label = f"--corpus is {corpus}"
    name, _, variant = corpus.partition("/")
    logging.getLogger("absl").setLevel(logging.ERROR)  # TFDS warns of every folder that is not there yet
    if not sys.stderr.isatty():
        tfds.disable_progress_bar()
    with _named(label, data_dir or "~/tensorflow_datasets"):
        module = importlib.import_module(f"seqgan_tf.corpora.{name}.{name}_dataset_builder")
        builder = _built(lambda: module.Builder(data_dir=data_dir or None, config=variant or None), corpus)
    splits = {ours: theirs for ours, theirs in SPLITS.items() if theirs in builder.info.splits}
    return {ours: Source(label, _lines(label, builder, theirs)) for ours, theirs in splits.items()}


@contextlib.contextmanager
def _named(label, place):
    """Names in every error the corpus, or the place of its copy."""
    try:
        yield
    except Exception as error:  # TFDS, protobuf and TensorFlow each have errors of their own for a broken file
        said = " ".join(str(error).split())
        match error:
            case ImportError():
                text = f"{label}, whose builder cannot be imported ({said}); install the packages that it needs."
            case ValueError():
                text = f"{label}, which {said}"
            case OSError():
                text = f"--data_dir must be a folder that can be read and written, got {place} ({said})."
            case _:
                text = f"{label}, whose copy in {place} is damaged ({said[:150]} ...); delete it and start again."
        raise ValueError(text) from error


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
    with _named(label, builder.data_path):
        for example in builder.as_dataset(split=split).as_numpy_iterator():
            yield example["text"].decode()
