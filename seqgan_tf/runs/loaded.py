"""LoadedRun: the models and the vocabulary of a trained run."""

import sys
import zipfile

import keras

from seqgan_tf.data.vocabulary import NumberVocabulary, Vocabulary

# Importing the package also registers the classes that Keras looks up when it loads a model.
from seqgan_tf.models import of_mediator
from seqgan_tf.runs import history
from seqgan_tf.runs.folder import RunFolder


class LoadedRun:
    """The models of one evaluation of a run.

    If their files are corrupt, it falls back to the previous evaluation and says so on stderr.

    Args:
      run: str or path, the run folder.
      checkpoint: "last", "best" (the lowest nll_oracle, or nll_valid for text, in the last phase), or a step of
        metrics.jsonl as a str.

    Attributes:
      generator: models.Generator.
      discriminator: models.Discriminator, TokenDiscriminator or LanguageModelDiscriminator; None if none was trained.
      models: dict of the Keras models as they were saved: "generator" and, if one was trained, "discriminator".
      record: dict, the line of metrics.jsonl of the evaluation.
      vocabulary: data.vocabulary.Vocabulary, or NumberVocabulary for oracle data.
      folder: RunFolder.
      config: Config of the run.
      length: T, the maximum length in tokens.

    Raises:
      ValueError: naming the flag, if there is no such run or checkpoint.

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
            why = "which has no evaluation yet; train evaluates for the first time when it starts"
            if len(written) > 1:
                why = "without models/; it was deleted, or an early version made this run"
            raise ValueError(f"--run must be a run with saved models, got {run}, {why}.")
        steps = {str(record["step"]): record["step"] for record in records}
        name = checkpoint.lstrip("0") or "0"  # accepts the folder names of models/, such as 00004
        if name not in ("best", "last", *steps):
            raise ValueError(f"--checkpoint must be best, last or a step ({', '.join(steps)}), got {name}.")
        steps |= {"best": history.best(records)["step"], "last": history.last_step(records, self.config)}
        self.record, self.models = self._load(records, steps[name])
        self.generator = self.models["generator"]
        self.discriminator = of_mediator(self.models.get("discriminator"), self.generator)
        if self.config.is_text:
            self.vocabulary = Vocabulary.load(self.folder.corpus / "vocabulary.json")
        else:
            self.vocabulary = NumberVocabulary(self.generator.vocab_size, self.generator.start_token)

    def _load(self, records, step):
        """Returns the record and the models of a step, or of the last step before it with intact files."""
        names = ["discriminator", "generator"] if self.config.uses_discriminator else ["generator"]
        errors = []
        for record in reversed([record for record in records if record["step"] <= step]):
            try:
                models = {name: load_model(self.folder, record["step"], name) for name in names}
            except ValueError as error:
                errors.append(error)
                continue
            if errors:
                print(f"{errors[0]}; falling back to step {record['step']}.", file=sys.stderr)
            return record, models
        raise ValueError(
            f"--run must have an intact checkpoint at step {step} or before, got {self.folder} ({errors[0]})."
        )


def load_model(folder, step, name):
    """Returns a model that RunFolder.save_models saved; ValueError names its file if it is corrupt or missing."""
    return load_file(folder.models_of(step) / f"{name}.keras")


def load_file(path):
    """Returns the model in a Keras file; ValueError names the file if it is corrupt or missing."""
    if not path.exists():
        raise ValueError(f"{path} is missing")
    if not zipfile.is_zipfile(path):  # Keras would report a missing file
        raise ValueError(f"{path} is corrupt (cut off, or not a Keras file)")
    try:
        return keras.models.load_model(path)
    except Exception as error:  # zipfile, HDF5, JSON and Keras each raise their own errors for a corrupt file
        raise ValueError(f"{path} is corrupt ({' '.join(str(error).split())[:100]})") from error
