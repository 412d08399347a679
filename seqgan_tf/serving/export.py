"""Export: a run's models as a SavedModel that needs nothing but TensorFlow."""

import pathlib

import keras
import tensorflow as tf

from seqgan_tf.files import whole
from seqgan_tf.losses import token_nll
from seqgan_tf.runs.loaded import LoadedRun
from seqgan_tf.sampling import CHUNK_ROWS, LEAST_TEMPERATURE, MOST_TEMPERATURE, sample_chunk
from seqgan_tf.serving.inference import ROWS
from seqgan_tf.serving.text_graph import TextGraph


def export(run, checkpoint, output):
    """Writes OUTPUT/VERSION, the layout that TensorFlow Serving expects; VERSION is the next whole number.

    The models themselves lie in OUTPUT/VERSION/assets.extra as Keras's files.

    Args:
      run, checkpoint: name a LoadedRun.
      output: folder; "" for RUN/export.

    Returns:
      str: what was written, and how to use it.

    Raises:
      ValueError: naming the flag and what is allowed.
    """
    loaded = LoadedRun(run, checkpoint)
    base = pathlib.Path(output or loaded.folder.export)
    try:
        versions = [int(path.name) for path in base.iterdir() if path.name.isdecimal()] if base.exists() else []
        folder = base / str(max(versions, default=0) + 1)
        with whole(folder) as path:
            names = _write(loaded, path)
    except (OSError, tf.errors.OpError) as error:  # TensorFlow's own classes for a full disk and its like
        raise ValueError(f"--output is {base}, which cannot be written ({str(error).splitlines()[0]}).") from error
    return (
        f"Exported step {loaded.record['step']} of {run} to {folder}, with the signatures {', '.join(names)}\n"
        f"In training, samples were scored at temperature {loaded.config.temperature}\n"
        f"To see them: saved_model_cli show --all --dir {folder}\n"
        f"For TensorFlow Serving: --model_name=seqgan --model_base_path={base.resolve()}"
    )


def _write(loaded, folder):
    archive = keras.export.ExportArchive()
    signatures = Signatures(loaded)
    for part in (loaded.generator, loaded.discriminator, signatures.words):
        if part is not None:
            archive.track(part)
    functions = signatures.functions()
    for name, function in functions.items():  # the first is the serving default
        archive.add_endpoint(name, function)
    archive.write_out(str(folder), verbose=False)
    extra = folder / "assets.extra"
    extra.mkdir()
    loaded.generator.save(extra / "generator.keras")
    if loaded.discriminator:
        loaded.discriminator.save(extra / "discriminator.keras")
    return [*functions, "serving_default"]


class Signatures:
    """The functions of the SavedModel of a LoadedRun; `words` is its TextGraph, None where tokens are numbers."""

    def __init__(self, loaded):
        self._generator, self._discriminator = loaded.generator, loaded.discriminator
        self._length = loaded.length
        self.words = TextGraph(loaded.vocabulary) if loaded.vocabulary.is_text else None

    def functions(self):
        """By name, traced functions of tensors that return dicts of tensors.

        sample(num [], seed [2], temperature [], prefix) -> tokens [num, T], text [num], log_prob [num]; the prefix is
        a string [], or ids [P] where tokens are numbers; temperature 0 is greedy.
        score(text [B]) -> tokens [B, T], token_log_prob [B, T], log_prob [B]: nats, at temperature 1, the end token
        included; 0 behind it. discriminate(text [B]) -> probability [B] of being real, if there is a discriminator.
        score_tokens and discriminate_tokens take tokens [B, T]; where tokens are numbers, score and discriminate do.
        """
        tokens = tf.TensorSpec([None, self._length], tf.int32, "tokens")
        text = tf.TensorSpec([None], tf.string, "text")
        sampling = [
            tf.TensorSpec([], tf.int32, "num"),
            tf.TensorSpec([2], tf.int32, "seed"),
            tf.TensorSpec([], tf.float32, "temperature"),
            tf.TensorSpec([], tf.string, "prefix") if self.words else tf.TensorSpec([None], tf.int32, "prefix"),
        ]
        found = {"sample": tf.function(self._sample, sampling, autograph=False)}
        for function in (self._score, self._discriminate) if self._discriminator else (self._score,):
            name = function.__name__.removeprefix("_")
            if self.words:
                found[name] = tf.function(_after(self._ids, function), [text], autograph=False)
                name += "_tokens"
            found[name] = tf.function(_after(self._known, function), [tokens], autograph=False)
        return found

    def _sample(self, num, seed, temperature, prefix):
        allowed = f"temperature must be 0, or from {LEAST_TEMPERATURE} to {MOST_TEMPERATURE}"
        is_in_range = (temperature >= LEAST_TEMPERATURE) & (temperature <= MOST_TEMPERATURE)
        num = _checked(num, (num > 0, "num must be 1 or more"), (is_in_range | tf.equal(temperature, 0), allowed))
        ids, count = self._prefix(prefix)
        fold_in = tf.random.experimental.stateless_fold_in

        def chunk(start, rows):
            arguments = self._generator, rows, self._length, fold_in(seed, start // CHUNK_ROWS)
            return tf.cond(
                temperature > 0,
                lambda: sample_chunk(*arguments, temperature, ids, count),
                lambda: sample_chunk(*arguments, None, ids, count),
            )

        tokens = _in_parts(chunk, num, CHUNK_ROWS, [self._length], tf.int32)
        if self.words:
            text = self.words.text(tokens)
        else:
            text = tf.strings.reduce_join(tf.strings.as_string(tokens), 1, separator=" ")
        return {"tokens": tokens, "text": text, "log_prob": self._score(tokens)["log_prob"]}

    def _score(self, tokens):
        def score(start, rows):
            part = tokens[start : start + rows]
            return 0.0 - token_nll(self._generator(part), part) * self._generator.mask(part)

        log_probs = _in_parts(score, tf.shape(tokens)[0], ROWS, [self._length], tf.float32)
        return {"tokens": tokens, "token_log_prob": log_probs, "log_prob": tf.reduce_sum(log_probs, 1)}

    def _discriminate(self, tokens):
        def judge(start, rows):
            return tf.nn.softmax(self._discriminator(tokens[start : start + rows], training=False))[:, 1]

        return {"probability": _in_parts(judge, tf.shape(tokens)[0], ROWS, [], tf.float32)}

    def _ids(self, text):
        ids, counts, _ = self.words.encode(text, self._length)
        is_allowed = (counts > 0) & (counts <= self._length)
        return _checked(ids, (is_allowed, f"each text must have 1 to {self._length} tokens"))

    def _known(self, ids, name="tokens"):
        most = self._generator.vocab_size - 1
        return _checked(ids, ((ids >= 0) & (ids <= most), f"{name} must be ids from 0 to {most}"))

    def _prefix(self, prefix):
        """ids [T], of which the first count, and their number."""
        if self.words:
            ids, counts, unknown = self.words.encode(prefix[None], self._length)
            ids = _checked(ids[0], (tf.equal(unknown, 0), "prefix has words that are not in the vocabulary"))
            count = counts[0]
        else:
            count = tf.shape(prefix)[0]
            ids = tf.pad(prefix[: self._length], [[0, tf.maximum(self._length - count, 0)]])
            ids = self._known(ids, "prefix")
        count = _checked(count, (count <= self._length, f"prefix must have {self._length} tokens at most"))
        return tf.ensure_shape(ids, [self._length]), count


def _after(convert, function):
    # Its argument has no name of its own: a signature's argument is called as its TensorSpec.
    return lambda values: function(convert(values))


def _checked(value, *checks):
    """The value, computed after the checks, (condition, message): or what follows might fail first in other words."""
    with tf.control_dependencies([tf.debugging.Assert(tf.reduce_all(holds), [text]) for holds, text in checks]):
        return tf.identity(value)


def _in_parts(part, num, size, shape, dtype):
    """part(start, rows) -> [rows, *shape] for all rows of num, `size` at a time, one behind the other."""
    count = (num + size - 1) // size
    array = tf.TensorArray(dtype, count, infer_shape=False, element_shape=[None, *shape])
    _, array = tf.while_loop(
        lambda i, _: i < count,
        lambda i, array: (i + 1, array.write(i, part(i * size, tf.minimum(size, num - i * size)))),
        (0, array),
        parallel_iterations=1,  # a part at a time is what bounds the memory
    )
    return array.concat()
