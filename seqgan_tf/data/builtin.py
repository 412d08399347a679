"""Built-in corpora as lines of text, from the TFDS builders in seqgan_tf/corpora (in a checkout, datasets/)."""

import contextlib
import importlib
import io
import logging
import sys

from seqgan_tf.data.corpus import Source

SPLITS = {"train": "train", "valid": "validation", "test": "test"}  # our name -> the builders' name


def sources(corpus, data_dir):
    """Returns the splits of a built-in corpus. The first call builds the corpus; later calls read it.

    Args:
      corpus: NAME or NAME/VARIANT.
      data_dir: folder of TFDS data sets; "" for the default of TFDS.

    Returns:
      dict of split -> corpus.Source.

    Raises:
      ValueError: if files are missing or corrupt.
    """
    import tensorflow_datasets as tfds  # the import takes seconds, and most runs do not need it

    name, _, variant = corpus.partition("/")
    logging.getLogger("absl").setLevel(logging.ERROR)  # TFDS warns about every folder that does not exist yet
    if not sys.stderr.isatty():
        tfds.disable_progress_bar()
    with _named_errors(corpus, data_dir or "~/tensorflow_datasets"):
        module = importlib.import_module(f"seqgan_tf.corpora.{name}.{name}_dataset_builder")
        builder = _built(lambda: module.Builder(data_dir=data_dir or None, config=variant or None), corpus)
    splits = {ours: theirs for ours, theirs in SPLITS.items() if theirs in builder.info.splits}
    return {ours: Source("--corpus", corpus, _lines(corpus, builder, theirs)) for ours, theirs in splits.items()}


@contextlib.contextmanager
def _named_errors(corpus, place):
    """Turns every error into a ValueError that names the corpus, or the place of its copy."""
    try:
        yield
    except Exception as error:  # TFDS, protobuf and TensorFlow each raise their own errors for a corrupt file
        said = " ".join(str(error).split())
        match error:
            case ImportError():
                text = f"--corpus={corpus} cannot be imported ({said}); install the packages that it needs."
            case ValueError():
                text = f"--corpus={corpus} cannot be built: {said}"
            case OSError():
                text = f"--data_dir must be a readable and writable folder, got {place} ({said})."
            case _:
                text = (
                    f"--corpus={corpus} is corrupt in {place} ({said[:150]} ...); delete that copy and start again."
                )
        raise ValueError(text) from error


def _built(make_builder, corpus):
    builder = make_builder()
    if builder.is_prepared():
        return builder
    print(f"Building {corpus} in {builder.data_path}, once ...", file=sys.stderr)
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # TFDS prints the line above to stdout too, among our results
            builder.download_and_prepare()
    except OSError:
        builder = make_builder()
        if not builder.is_prepared():  # otherwise another process was faster
            raise
    return builder


def _lines(corpus, builder, split):
    with _named_errors(corpus, builder.data_path):
        for example in builder.as_dataset(split=split).as_numpy_iterator():
            yield example["text"].decode()
