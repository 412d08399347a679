"""Pretrained: the maximum likelihood of another run, where it is that of this one too."""

import filecmp
import pathlib

from seqgan_tf.runs.checkpoints import load_models
from seqgan_tf.runs.history import is_stopped_early, read_metrics
from seqgan_tf.runs.loaded import read_config
from seqgan_tf.runs.records import FREE
from seqgan_tf.studies.invocation import OF_DISCRIMINATOR

# Settings that come into play behind maximum likelihood only.
LATER = OF_DISCRIMINATOR | {
    *("iterations", "g_steps", "num_rollouts", "pg_learning_rate", "reward", "rollout_decay", "rollout_chunk"),
    "eval_every",
}


def free(config):
    """Names of the settings in which a run may differ from the one whose maximum likelihood it takes over."""
    # Early stopping needs to see where maximum likelihood ends.
    return FREE | LATER | (set() if config.mle_patience else {"mle_epochs"})


class Pretrained:
    """What a run has after its maximum likelihood, for another run of the same settings up to there.

    Args:
      run: the run folder that is read; its own maximum likelihood may be longer.
      config: Config of the other run.
      folder: run folder of the other run, with its corpus if it is trained on text.

    Attributes:
      evaluations: a list of (record, the generator's weights, samples by how the file's name ends), the last of them
        behind the end of the other run's maximum likelihood.

    Raises:
      ValueError: if there is no such run, or its maximum likelihood is another one or not that far.
    """

    def __init__(self, run, config, folder):
        path = pathlib.Path(run)
        try:
            theirs, written = vars(read_config(run)), read_metrics(run)
        except (ValueError, OSError) as error:
            raise ValueError(f"--pretrained is {run}, which cannot be read; allowed is a run folder.") from error
        if path.resolve() == pathlib.Path(folder).resolve():
            raise ValueError(f"--pretrained is {run}, which is --run itself; allowed is another run folder.")
        ours = vars(config)
        other = [name for name in ours if name not in free(config) and ours[name] != theirs[name]]
        if other:
            raise ValueError(
                f"--pretrained is {run}, whose {', '.join(other)} is another one; allowed is a run of the same "
                "maximum likelihood."
            )
        records = [
            record for record in written if record["phase"] == "mle" and record["iteration"] <= config.mle_epochs
        ]
        is_over = is_stopped_early(records, config.mle_patience)
        if not (records and (records[-1]["iteration"] == config.mle_epochs or is_over)):
            raise ValueError(
                f"--pretrained is {run}, which has no evaluation after {config.mle_epochs} epochs of maximum "
                "likelihood; allowed is a run that has."
            )
        texts = [path / "corpus", pathlib.Path(folder) / "corpus"]
        if texts[1].exists():
            names = [text.name for text in texts[1].iterdir()]
            if filecmp.cmpfiles(*texts, names, shallow=False)[0] != names:
                raise ValueError(f"--pretrained is {run}, whose text is another one; allowed is a run on the same.")
        try:
            self.evaluations = [
                (
                    record,
                    load_models(run, record["step"], {"generator"})["generator"].get_weights(),
                    _samples(path, record),
                )
                for record in records
            ]
        except (ValueError, OSError, KeyError) as error:
            raise ValueError(
                f"--pretrained is {run}, of which something is missing or damaged ({error}); allowed is a run folder "
                "as train left it."
            ) from error


def _samples(path, record):
    name = f"mle-{record['iteration']:05}"
    found = {file.name.removeprefix(name): file.read_bytes() for file in (path / "samples").glob(f"{name}*")}
    if ".txt" not in found:
        raise ValueError(f"{path / 'samples' / name}.txt is missing")
    return found
