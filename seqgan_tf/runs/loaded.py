"""LoadedRun: the models of one evaluation of a run, and its vocabulary."""

import sys
import zipfile

import keras

import seqgan_tf.models  # noqa: F401 - Keras looks its classes up when it reads a model
from seqgan_tf.data.vocabulary import NumberVocabulary, Vocabulary
from seqgan_tf.runs import history
from seqgan_tf.runs.folder import RunFolder


class LoadedRun:
    """Generator and discriminator, None where the reward needed none, of one evaluation of a run, and its record.

    checkpoint: "last", "best" (the lowest nll_oracle, or nll_valid for text, in the last phase), or a step of
    metrics.jsonl, as a str. If its files are damaged, those of the evaluation before it are used, with a message on
    stderr; ValueError names the flag if there is no such run or checkpoint.

    Examples:
      >>> import dataclasses, tempfile
      >>> from seqgan_tf.config import PRESETS
      >>> from seqgan_tf.trainer import Trainer
      >>> smoke = PRESETS["smoke"]  # tiny models
      >>> config = dataclasses.replace(smoke, reward="constant", mle_epochs=1, iterations=0, eval_samples=16)
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     Trainer(config, folder).train()
      ...     loaded = LoadedRun(folder, checkpoint="last")
      >>> loaded.record["phase"], loaded.record["step"], loaded.generator.vocab_size, loaded.discriminator
      ('mle', 1, 50, None)
    """

    def __init__(self, run, checkpoint="last"):
        self.folder = RunFolder(run)
        self.config = self.folder.config
        self.length = self.config.max_length  # T
        written = self.folder.records()
        records = [record for record in written if "step" in record]
        if not records or not self.folder.model_steps():
            why = "a run with no checkpoint yet; allowed is one that has been evaluated, as train does first of all"
            if len(written) > 1:
                why = "whose models/ is missing, or of a version that kept none; allowed is a run with models"
            raise ValueError(f"--run is {run}, {why}.")
        steps = {str(record["step"]): record["step"] for record in records}
        name = checkpoint.lstrip("0") or "0"  # as the folders of models/ are called
        if name not in ("best", "last", *steps):
            raise ValueError(f"--checkpoint is {name}; allowed is best, last or a step: {', '.join(steps)}.")
        steps |= {"best": history.best(records)["step"], "last": history.last_step(records, self.config)}
        self.record, models = self._load(records, steps[name])
        self.generator, self.discriminator = models["generator"], models.get("discriminator")
        if self.config.is_text:
            self.vocabulary = Vocabulary.load(self.folder.corpus / "vocabulary.json")
        else:
            self.vocabulary = NumberVocabulary(self.generator.vocab_size, self.generator.start_token)

    def _load(self, records, step):
        """The models of a step, or of the last before it whose files are whole, and their record."""
        names = ["discriminator", "generator"] if self.config.uses_discriminator else ["generator"]
        errors = []
        for record in reversed([record for record in records if record["step"] <= step]):
            try:
                models = {name: load_model(self.folder, record["step"], name) for name in names}
            except ValueError as error:
                errors.append(error)
                continue
            if errors:
                print(f"{errors[0]}; the checkpoint before it is used, step {record['step']}.", file=sys.stderr)
            return record, models
        raise ValueError(
            f"--run is {self.folder}, whose checkpoint and all before it are damaged; allowed is one that is whole. "
            f"The last: {errors[0]}."
        )


def load_model(folder, step, name):
    """A model that RunFolder.save_models has written; ValueError names its file if that is damaged or missing."""
    path = folder.models_of(step) / f"{name}.keras"
    if not path.exists():
        raise ValueError(f"{path} is missing")
    if not zipfile.is_zipfile(path):  # Keras would say that the file is not there
        raise ValueError(f"{path} is damaged (cut off, or no Keras file)")
    try:
        return keras.models.load_model(path)
    except Exception as error:  # zipfile, HDF5, JSON and Keras each have errors of their own for a broken file
        raise ValueError(f"{path} is damaged ({' '.join(str(error).split())[:100]})") from error
