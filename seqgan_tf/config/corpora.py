"""Built-in corpora, described by datasets/NAME/corpus.json. Reading them needs no TensorFlow."""

import functools
import json
import pathlib

FOLDER = pathlib.Path(__file__).parents[1] / "corpora"  # in a checkout, a link to datasets/


@functools.cache
def described():
    """Returns the content of every corpus.json, a dict of corpus name -> dict."""
    return {path.parent.name: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*/corpus.json"))}


def names():
    """Returns the values of --corpus: NAME, and NAME/VARIANT for every variant except the default."""
    found = []
    for corpus, about in described().items():
        found += [corpus, *(f"{corpus}/{variant}" for variant in about.get("variants", ()))]
    return found


def tokens(corpus):
    """Returns the tokenizer of a corpus (NAME or NAME/VARIANT), a key of data.vocabulary.TOKENIZERS."""
    return described()[corpus.split("/")[0]]["tokens"]
