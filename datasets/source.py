"""Where the files of a corpus come from, and how its examples are divided into splits."""

import hashlib
import logging

from tensorflow_datasets.core.download import download_manager, downloader


def find(builder, dl_manager, urls):
    """Returns the paths of a corpus's files, checked by their SHA-256.

    If the folder `manual/NAME` exists among the downloads (by default data_dir/downloads/manual/NAME), the files must
    be in it; otherwise they are downloaded.

    Args:
      builder: tfds.core.GeneratorBasedBuilder, whose checksums.tsv lists all the URLs.
      dl_manager: the download manager that TFDS passes to _split_generators.
      urls: dict of file name -> URL.

    Returns:
      dict of file name -> path.

    Raises:
      ValueError: if a file is missing, damaged or cannot be downloaded; says where to get it and where to put it.
    """
    manual = dl_manager.download_dir / "manual" / builder.name
    if manual.exists():
        paths = {name: manual / name for name in urls}
        for name, path in paths.items():
            _check(path, builder.url_infos[urls[name]].checksum, manual, urls)
        return paths
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # it warns of each of thousands of attempts
    downloader.MAX_RETRIES = 3  # TFDS's default of 10 takes four minutes to notice that there is no network
    try:
        first = dict(list(urls.items())[:1])
        dl_manager.download(first)  # one first: without a network every file would fail slowly
        return dl_manager.download(urls)
    except download_manager.NonMatchingChecksumError as error:
        raise ValueError(
            f"was downloaded with a wrong checksum: {_one_line(error)}. {_wanted(manual, urls)}"
        ) from error
    except Exception as error:  # the network and TFDS raise many kinds, which mean the same to the user
        raise ValueError(
            f"could not be downloaded ({_one_line(error)[:150]} ...). {_wanted(manual, urls)}"
        ) from error


def share(key):
    """Returns a number in [0, 1) that depends on the key (a str) alone, so that splits are the same everywhere."""
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
