"""Built-in corpora as their folders describe them: datasets/NAME/corpus.json, read without TensorFlow."""

import functools
import json
import pathlib

FOLDER = pathlib.Path(__file__).parents[1] / "corpora"  # in a checkout a link to datasets/


@functools.cache
def described():
    """Returns the content of each corpus.json, a dict of name -> dict."""
    return {path.parent.name: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*/corpus.json"))}


def names():
    """Returns the values that --corpus takes: NAME, and NAME/VARIANT for each variant but the default."""
    found = []
    for corpus, about in described().items():
        found += [corpus, *(f"{corpus}/{variant}" for variant in about.get("variants", ()))]
    return found


def tokens(corpus):
    """Returns what a token of the corpus NAME or NAME/VARIANT is, a name of data.vocabulary.TOKENIZERS."""
    return described()[corpus.split("/")[0]]["tokens"]
