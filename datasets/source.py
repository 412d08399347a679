"""Finds or downloads the files of a corpus, and divides its examples into splits."""

import hashlib
import logging

from tensorflow_datasets.core.download import download_manager, downloader


def find(builder, dl_manager, urls):
    """Returns the paths of a corpus's files, checked by their SHA-256.

    If the folder `manual/NAME` exists in the downloads folder (by default data_dir/downloads), the files must be in
    it. Otherwise they are downloaded.

    Args:
      builder: tfds.core.GeneratorBasedBuilder, whose checksums.tsv lists all URLs.
      dl_manager: the download manager that TFDS passes to _split_generators.
      urls: dict of file name -> URL.

    Returns:
      dict of file name -> path.

    Raises:
      ValueError: if a file is missing, corrupt or cannot be downloaded; says where to get it and where to put it.
    """
    manual = dl_manager.download_dir / "manual" / builder.name
    if manual.exists():
        paths = {name: manual / name for name in urls}
        for name, path in paths.items():
            _check(path, builder.url_infos[urls[name]].checksum, manual, urls)
        return paths
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # it warns about every failed attempt
    downloader.MAX_RETRIES = 3  # TFDS's default of 10 needs four minutes to fail without a network
    try:
        first = dict(list(urls.items())[:1])
        dl_manager.download(first)  # one file first, because without a network every file fails slowly
        return dl_manager.download(urls)
    except download_manager.NonMatchingChecksumError as error:
        raise ValueError(
            f"the download has a wrong checksum ({_one_line(error)}). {_advice(manual, urls)}"
        ) from error
    except Exception as error:  # the network and TFDS raise many kinds of errors, all with the same remedy
        raise ValueError(f"the download failed ({_one_line(error)[:150]} ...). {_advice(manual, urls)}") from error


def share(key):
    """Returns a number in [0, 1) that depends only on the key, a str, so splits are the same everywhere."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64


def _check(path, checksum, manual, urls):
    if not path.exists():
        raise ValueError(f"{path.name} is missing. {_advice(manual, urls)}")
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read ({error}). {_advice(manual, urls)}") from error
    if found != checksum:
        mismatch = f"SHA-256 must be {checksum}, got {found}"
        raise ValueError(f"{path.name} is corrupt or another file ({mismatch}). {_advice(manual, urls)}")


def _one_line(error):
    return " ".join(str(error).split())


def _advice(manual, urls):
    named = [f"{name} (from {url})" for name, url in urls.items()]
    names = ", ".join(named) if len(urls) < 5 else f"{len(urls)} files, starting with {named[0]}"
    return f"To build it without a network, put these files into {manual}: {names}"
