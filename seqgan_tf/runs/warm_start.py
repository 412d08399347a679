"""Warm start: the pre-trained state of another run with the same MLE settings."""

import filecmp

from seqgan_tf.runs import history
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.runs.loaded import load_model


def other_settings(config, other):
    """Returns the settings that rule out a warm start: those of data, pre-training and scoring that differ."""
    names = config.differences(other, ("data", "training", "generator", "scoring"))
    # The other pre-training may be longer, unless its end matters.
    end_matters = config.mle_patience or config.mle_decay or config.mle_average
    names = [name for name in names if name != "mle_epochs" or end_matters]
    return [name for name in names if not config.has_both(other, name)]  # `read` compares the corpora themselves


def read(run, config, folder):
    """Returns the evaluations of another run's pre-training, for a warm start.

    Args:
      run: str, the folder of the other run.
      config: Config of the new run.
      folder: RunFolder of the new run.

    Returns:
      A list of (record, weights of the generator, samples as a dict of file name ending -> bytes).

    Raises:
      ValueError: if there is no such run, or its pre-training has other settings or is not long enough.
    """
    other, expected = RunFolder(run), "--pretrained must be"
    try:
        different, written = other_settings(config, other.config), other.records()
    except (ValueError, OSError) as error:
        raise ValueError(f"{expected} a run folder, got {run}, which cannot be read.") from error
    if other.path.resolve() == folder.path.resolve():
        raise ValueError(f"{expected} another run folder, got {run}, which is --run itself.")
    if different:
        names = ", ".join(different)
        raise ValueError(f"{expected} a run with the same MLE settings, got {run}, which differs in {names}.")
    records = [r for r in written if r["phase"] == "mle" and r["iteration"] <= config.mle_epochs]
    is_whole = records and records[-1]["iteration"] == config.mle_epochs
    if not (is_whole or history.is_stopped_early(records, config)):
        raise ValueError(
            f"{expected} a run with an evaluation after {config.mle_epochs} epochs of pre-training, got {run}, "
            "which has none."
        )
    if folder.corpus.exists():
        names = [path.name for path in folder.corpus.iterdir()]
        if filecmp.cmpfiles(other.corpus, folder.corpus, names, shallow=False)[0] != names:
            raise ValueError(f"{expected} a run on the same text, got {run}, whose text differs.")
    found = []
    try:
        for record in records:
            samples = other.read_samples(record)
            if ".txt" not in samples:
                raise ValueError(f"{other.samples}/{record['phase']}-{record['iteration']:05}.txt is missing")
            found.append((record, load_model(other, record["step"], "generator").get_weights(), samples))
    except (ValueError, OSError, KeyError) as error:
        raise ValueError(
            f"{expected} a complete run folder, got {run}, with a missing or corrupt file ({error})."
        ) from error
    return found
