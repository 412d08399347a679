"""Export: the models of a run as a SavedModel that needs only TensorFlow."""

import functools
import pathlib
import sys

import keras
import tensorflow as tf

from seqgan_tf.files import whole
from seqgan_tf.losses import token_nll
from seqgan_tf.runs.loaded import LoadedRun
from seqgan_tf.sampling import CHUNK_ROWS, LEAST_TEMPERATURE, MOST_TEMPERATURE, sample_chunk
from seqgan_tf.serving.inference import ROWS
from seqgan_tf.serving.text_graph import TextGraph


def export(run, checkpoint, output):
    """Writes the SavedModel of a run to OUTPUT/VERSION, the layout that TensorFlow Serving expects.

    VERSION is the next free integer. OUTPUT/VERSION/assets.extra has the models as Keras files.

    Args:
      run, checkpoint: see LoadedRun.
      output: str, a folder; "" for RUN/export.

    Returns:
      str, what was written and how to use it.

    Raises:
      ValueError: naming the flag, if the run cannot be loaded or the output cannot be written.
    """
    loaded = LoadedRun(run, checkpoint)
    base = pathlib.Path(output or loaded.folder.export)
    signatures, archive = Signatures(loaded), keras.export.ExportArchive()
    for part in filter(None, (*loaded.models.values(), signatures.words)):
        archive.track(part)
    functions = signatures.functions()
    for name, function in functions.items():  # the first one becomes serving_default
        archive.add_endpoint(name, function)
    try:
        versions = [int(path.name) for path in base.iterdir() if path.name.isdecimal()] if base.exists() else []
        folder = base / str(max(versions, default=0) + 1)
        with whole(folder) as path:
            archive.write_out(str(path), verbose=False)
            (path / "assets.extra").mkdir()
            for name, model in loaded.models.items():
                model.save(path / "assets.extra" / f"{name}.keras")
    except (OSError, tf.errors.OpError) as error:  # TensorFlow has its own classes for a full disk and the like
        why = str(error).splitlines()[0]
        raise ValueError(f"--output must be a folder that can be written, got {base} ({why}).") from error
    names = ", ".join([*functions, "serving_default"])
    tool = pathlib.Path(sys.executable).with_name("saved_model_cli")
    return (
        f"Exported step {loaded.record['step']} of {run} to {folder}, with the signatures {names}\n"
        f"Temperature of the samples scored in training: {loaded.config.temperature}\n"
        f"To see the signatures: {tool} show --all --dir {folder}\n"
        f"For TensorFlow Serving: --model_name=seqgan --model_base_path={base.resolve()}"
    )


class Signatures:
    """The functions of the SavedModel of a LoadedRun.

    Attributes:
      words: TextGraph of the vocabulary; None for oracle data, whose tokens are numbers.
    """

    def __init__(self, loaded):
        self._generator, self._discriminator, self._length = loaded.generator, loaded.discriminator, loaded.length
        self.words = TextGraph(loaded.vocabulary) if loaded.vocabulary.is_text else None

    def functions(self):
        """Returns the signatures, a dict of name -> tf.function of tensors that returns a dict of tensors.

        sample(num [], seed [2], temperature [], prefix) -> tokens [num, T], text [num], log_prob [num]. The prefix is
          a string []; for oracle data, ids [P]. Temperature 0 is greedy.
        score(text [B]) -> tokens [B, T], token_log_prob [B, T], log_prob [B], in nats at temperature 1, including the
          end token; token_log_prob is 0 after it.
        discriminate(text [B]) -> probability [B] of being real, if there is a discriminator.
        score_tokens, discriminate_tokens: the same for tokens [B, T].

        For oracle data, score and discriminate take tokens [B, T], and there are no other signatures for tokens.
        """
        spec = tf.TensorSpec
        tokens, text = spec([None, self._length], tf.int32, "tokens"), spec([None], tf.string, "text")
        prefix = spec([], tf.string, "prefix") if self.words else spec([None], tf.int32, "prefix")
        drawn = [spec([], tf.int32, "num"), spec([2], tf.int32, "seed"), spec([], tf.float32, "temperature"), prefix]
        found = {"sample": tf.function(self._sample, drawn, autograph=False)}
        for function in (self._score, self._discriminate) if self._discriminator else (self._score,):
            name = function.__name__.removeprefix("_")
            if self.words:
                found[name] = _signature(self._ids, function, text)
                name += "_tokens"
            found[name] = _signature(self._known, function, tokens)
        return found

    def _sample(self, num, seed, temperature, prefix):
        expected = f"temperature must be 0 or between {LEAST_TEMPERATURE} and {MOST_TEMPERATURE}"
        is_in_range = (temperature >= LEAST_TEMPERATURE) & (temperature <= MOST_TEMPERATURE)
        num = _checked(num, (num > 0, "num must be at least 1"), (is_in_range | tf.equal(temperature, 0), expected))
        ids, count = self._prefix(prefix)
        fold_in = tf.random.experimental.stateless_fold_in

        def chunk(rows):
            arguments = self._generator, tf.size(rows), self._length, fold_in(seed, rows[0] // CHUNK_ROWS)
            draw = functools.partial(sample_chunk, *arguments, prefix=ids, prefix_length=count)
            return tf.cond(temperature > 0, lambda: draw(temperature=temperature), lambda: draw(temperature=None))

        tokens = _in_parts(chunk, tf.range(num), CHUNK_ROWS, [self._length], tf.int32)
        if self.words:
            text = self.words.text(tokens)
        else:
            text = tf.strings.reduce_join(tf.strings.as_string(tokens), 1, separator=" ")
        return {"tokens": tokens, "text": text, "log_prob": self._score(tokens)["log_prob"]}

    def _score(self, tokens):
        def score(part):
            return 0.0 - token_nll(self._generator(part), part) * self._generator.mask(part)

        log_probs = _in_parts(score, tokens, ROWS, [self._length], tf.float32)
        return {"tokens": tokens, "token_log_prob": log_probs, "log_prob": tf.reduce_sum(log_probs, 1)}

    def _discriminate(self, tokens):
        return {"probability": _in_parts(self._discriminator.probability, tokens, ROWS, [], tf.float32)}

    def _ids(self, text):
        ids, counts, unknown = self.words.encode(text, self._length)
        fits = (counts > 0) & (counts <= self._length)
        return _checked(
            ids,
            (fits, f"each text must have between 1 and {self._length} tokens"),
            (unknown < counts, "each text must have at least one token from the vocabulary"),
        )

    def _known(self, ids, name="tokens"):
        most = self._generator.vocab_size - 1
        return _checked(ids, ((ids >= 0) & (ids <= most), f"{name} must be ids between 0 and {most}"))

    def _prefix(self, prefix):
        """Returns ids [T] of a prefix, padded, and the number of its tokens."""
        if self.words:
            ids, count, unknown = self.words.encode_prefix(prefix, self._length)
            wrong = tf.strings.join(["prefix must have only words from the vocabulary, got ", prefix])
            ids = _checked(ids, (tf.equal(unknown, 0), wrong))
        else:
            count = tf.shape(prefix)[0]
            ids = self._known(tf.concat([prefix, tf.zeros(self._length, tf.int32)], 0)[: self._length], "prefix")
        count = _checked(count, (count <= self._length, f"prefix must have at most {self._length} tokens"))
        return tf.ensure_shape(ids, [self._length]), count


def _signature(convert, function, spec):
    # The TensorSpec names the argument of the signature.
    return tf.function(lambda values: function(convert(values)), [spec], autograph=False)


def _checked(value, *checks):
    """Returns the value, computed only after the checks, pairs of (condition, message)."""
    # Without the dependency later operations might fail first, with another message.
    with tf.control_dependencies([tf.debugging.Assert(tf.reduce_all(holds), [text]) for holds, text in checks]):
        return tf.identity(value)


def _in_parts(function, values, size, shape, dtype):
    """Returns function(values [M, ...]) -> [M, *shape], computed for `size` values at a time."""
    return tf.map_fn(
        lambda start: function(values[start : start + size]),
        tf.range(0, tf.shape(values)[0], size),
        parallel_iterations=1,  # bounds the memory
        fn_output_signature=tf.RaggedTensorSpec([None, *shape], dtype, ragged_rank=0),
    ).values
