"""Source: the user's own copies of a data set's files, or the public address; and how examples are shared out."""

import hashlib
import logging

from tensorflow_datasets.core.download import download_manager, downloader


def find(builder, dl_manager, urls):
    """Paths of the files of a data set, checked by their SHA-256.

    If there is a folder `manual/NAME` among the downloads (data_dir/downloads/manual/NAME by default), the files must
    be in it; else they are downloaded.

    Args:
      builder: tfds.core.GeneratorBasedBuilder, whose checksums.tsv has all the URLs.
      dl_manager: what TFDS gives to _split_generators.
      urls: dict of file name -> URL.

    Returns:
      dict of file name -> path.

    Raises:
      ValueError: naming the file and what is expected.
    """
    manual = dl_manager.download_dir / "manual" / builder.name
    if manual.exists():
        paths = {name: manual / name for name in urls}
        for name, path in paths.items():
            _check(path, builder.url_infos[urls[name]].checksum, manual, urls)
        return paths
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # it warns of every attempt, in the thousands
    downloader.MAX_RETRIES = 3  # TFDS's own 10 take four minutes to find out that there is no network
    try:
        first = dict(list(urls.items())[:1])
        dl_manager.download(first)  # alone: without a network each file would fail at length
        return dl_manager.download(urls)
    except download_manager.NonMatchingChecksumError as error:
        raise ValueError(
            f"was downloaded with a wrong checksum: {_one_line(error)}. {_wanted(manual, urls)}"
        ) from error
    except Exception as error:  # whatever the network or TFDS raises; all of it means the same to the user
        raise ValueError(
            f"could not be downloaded ({_one_line(error)[:150]} ...). {_wanted(manual, urls)}"
        ) from error


def share(key):
    """A number in [0, 1) that depends on nothing but the key, a str: for splits that are the same everywhere."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64


def _check(path, checksum, manual, urls):
    if not path.exists():
        raise ValueError(f"lacks {path.name}. {_wanted(manual, urls)}")
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ValueError(f"has a {path.name} that cannot be read ({error}). {_wanted(manual, urls)}") from error
    if found != checksum:
        raise ValueError(
            f"has a damaged or different {path.name} (SHA-256 {found}, not {checksum}). {_wanted(manual, urls)}"
        )


def _one_line(error):
    return " ".join(str(error).split())


def _wanted(manual, urls):
    named = [f"{name} (from {url})" for name, url in urls.items()]
    names = ", ".join(named) if len(urls) < 5 else f"{len(urls)} files, the first of them {named[0]}"
    return f"Without a network, put into {manual}: {names}"
