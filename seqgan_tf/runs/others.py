"""Generators of other runs, which a run learns from: teachers and judges. The run folder keeps copies of them."""

import filecmp

from seqgan_tf.data import corpus
from seqgan_tf.files import write_file
from seqgan_tf.runs import history
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.runs.loaded import load_file

OTHERS = ("teacher", "judge")  # settings that name other runs
ROWS = 2**12  # sequences read at once


def names_in(value):
    """Returns the run names in the comma-separated value of a setting in OTHERS, a list; [] for ""."""
    return [name for name in value.split(",") if name]


def generators(flag, names, config, shared, folder):
    """Returns the last generators of other runs, in the order of their names.

    They are copied to others/FLAG-INDEX.keras in the run folder at its start, so a resumed run does not need the
    other runs.

    Args:
      flag: "teacher" or "judge".
      names: str, run folders separated by commas; "" for none.
      config: Config of the run.
      shared: RunFolder of the run.
      folder: RunFolder that this process writes to: shared or, except on the chief, a temporary one.

    Returns:
      list of models.Generator, which are not trainable.

    Raises:
      ValueError: naming the flag, if a run is not finished, has other data, is the run itself, or was trained on
        sequences of this run's test split.
    """
    found = []
    for index, name in enumerate(names_in(names)):
        place = f"{flag}-{index}.keras"
        if not (shared.others / place).exists():
            original = check(flag, RunFolder(name), config, shared if shared.corpus.exists() else folder)
            folder.others.mkdir(exist_ok=True)
            write_file(folder.others / place, original.read_bytes())
        here = shared if (shared.others / place).exists() else folder
        try:
            generator = load_file(here.others / place)
        except ValueError as error:
            raise ValueError(f"--{flag} must be a run with intact models, got {name} ({error}).") from error
        generator.trainable = False
        found.append(generator)
    return found


def check(flag, other, config, folder):
    """Returns the path of the last generator of another run, a RunFolder, that a run with `folder` may learn from."""
    expected = f"--{flag} must be"
    try:
        theirs, records = other.config, other.records()
    except (ValueError, OSError) as error:
        why = "cannot be read" if other.path.exists() else "does not exist; train it first"
        raise ValueError(f"{expected} a run folder, got {other}, which {why}.") from error
    if other.path.resolve() == folder.path.resolve():
        raise ValueError(f"{expected} another run folder, got {other}, which is --run itself.")
    if not history.is_done(records, theirs):
        raise ValueError(f"{expected} a finished run, got {other}, which is at {other.progress()}.")
    if different := _other_data(config, theirs):
        shown = (f"{name} (there {getattr(theirs, name)}, here {getattr(config, name)})" for name in different)
        raise ValueError(f"{expected} a run on the same data, got {other}, which differs in {', '.join(shown)}.")
    if config.is_text:
        if not filecmp.cmp(other.corpus / "vocabulary.json", folder.corpus / "vocabulary.json", shallow=False):
            raise ValueError(f"{expected} a run with the same vocabulary, got {other}, whose vocabulary differs.")
        if leaked := _leaked(other, folder, config.max_length):
            raise ValueError(
                f"{expected} a run that has not seen the test split, got {other}, which was trained on {leaked} "
                "sequences of it; train it with the same --seed."
            )
    return other.models_of(history.last_step(records, theirs)) / "generator.keras"


def _other_data(config, theirs):
    """Returns the settings of the data in which two Configs differ; text is compared by its vocabulary and splits."""
    names = [name for name in config.differences(theirs, ("data",)) if not config.has_both(theirs, name)]
    if config.oracle_file and theirs.oracle_file and config.oracle_sha256 == theirs.oracle_sha256 != "":
        names = [name for name in names if name != "oracle_file"]
    return names + ["allow_unknown"] * (config.allow_unknown != theirs.allow_unknown)


def _leaked(other, folder, length):
    """Returns how many different test sequences of a run another run was trained on, but not the run itself."""
    ours, theirs = corpus.load(folder.corpus, length), corpus.load(other.corpus, length)
    test = set(_rows(ours.test))
    seen = test.intersection(_rows(theirs.train))
    return len(seen.difference(seen.intersection(_rows(ours.train))))


def _rows(tokens):
    for start in range(0, len(tokens), ROWS):
        yield from map(bytes, tokens[start : start + ROWS])
