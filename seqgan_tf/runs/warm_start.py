"""Warm start: the pre-trained state of another run with the same MLE settings."""

import filecmp

from seqgan_tf.runs import history
from seqgan_tf.runs.folder import RunFolder
from seqgan_tf.runs.loaded import load_model


def other_settings(config, other):
    """Settings of data, pre-training and scoring in which a Config differs from that of a run to take over."""
    names = config.differences(other, ("data", "training", "generator", "scoring"))
    # The other's pre-training may be longer; but early stopping needs to see where it ends.
    names = [name for name in names if name != "mle_epochs" or config.mle_patience]
    return [name for name in names if not config.has_both(other, name)]  # the corpora themselves are compared


def read(run, config, folder):
    """The evaluations of the pre-training in the folder `run`, to be taken over by a Config and RunFolder.

    A list of (record, the generator's weights, samples by how the file's name ends); ValueError if there is no such
    run, or its pre-training differs or is not that far.
    """
    other, label = RunFolder(run), f"--pretrained is {run}"
    try:
        different, written = other_settings(config, other.config), other.records()
    except (ValueError, OSError) as error:
        raise ValueError(f"{label}, which cannot be read; allowed is a run folder.") from error
    if other.path.resolve() == folder.path.resolve():
        raise ValueError(f"{label}, which is --run itself; allowed is another run folder.")
    if different:
        names = ", ".join(different)
        raise ValueError(f"{label}, whose {names} is another one; allowed is a run of the same maximum likelihood.")
    records = [r for r in written if r["phase"] == "mle" and r["iteration"] <= config.mle_epochs]
    is_whole = records and records[-1]["iteration"] == config.mle_epochs
    if not (is_whole or history.is_stopped_early(records, config)):
        missing = f"no evaluation after {config.mle_epochs} epochs of maximum likelihood"
        raise ValueError(f"{label}, which has {missing}; allowed is a run that has.")
    if folder.corpus.exists():
        names = [path.name for path in folder.corpus.iterdir()]
        if filecmp.cmpfiles(other.corpus, folder.corpus, names, shallow=False)[0] != names:
            raise ValueError(f"{label}, whose text is another one; allowed is a run on the same.")
    found = []
    try:
        for record in records:
            samples = other.read_samples(record)
            if ".txt" not in samples:
                raise ValueError(f"{other.samples}/{record['phase']}-{record['iteration']:05}.txt is missing")
            found.append((record, load_model(other, record["step"], "generator").get_weights(), samples))
    except (ValueError, OSError, KeyError) as error:
        allowed = "allowed is a run folder as train left it"
        raise ValueError(f"{label}, of which something is missing or damaged ({error}); {allowed}.") from error
    return found
