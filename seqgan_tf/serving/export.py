"""Export: a run's models as a SavedModel that needs nothing but TensorFlow."""

import functools
import pathlib

import keras
import tensorflow as tf

from seqgan_tf.files import whole
from seqgan_tf.losses import token_nll
from seqgan_tf.rewards import discriminator_reward
from seqgan_tf.runs.loaded import LoadedRun
from seqgan_tf.sampling import CHUNK_ROWS, LEAST_TEMPERATURE, MOST_TEMPERATURE, sample_chunk
from seqgan_tf.serving.inference import ROWS
from seqgan_tf.serving.text_graph import TextGraph


def export(run, checkpoint, output):
    """Writes OUTPUT/VERSION, the layout that TensorFlow Serving expects; VERSION is the next whole number.

    The models of the LoadedRun themselves lie in OUTPUT/VERSION/assets.extra as Keras's files. Without an output it
    is RUN/export. Returns what was written, and how to use it, as str.
    """
    loaded = LoadedRun(run, checkpoint)
    base = pathlib.Path(output or loaded.folder.export)
    signatures, archive = Signatures(loaded), keras.export.ExportArchive()
    models = {"generator": loaded.generator, "discriminator": loaded.discriminator}
    for part in filter(None, (*models.values(), signatures.words)):
        archive.track(part)
    functions = signatures.functions()
    for name, function in functions.items():  # the first is the serving default
        archive.add_endpoint(name, function)
    try:
        versions = [int(path.name) for path in base.iterdir() if path.name.isdecimal()] if base.exists() else []
        folder = base / str(max(versions, default=0) + 1)
        with whole(folder) as path:
            archive.write_out(str(path), verbose=False)
            (path / "assets.extra").mkdir()
            for name, model in models.items():
                if model:
                    model.save(path / "assets.extra" / f"{name}.keras")
    except (OSError, tf.errors.OpError) as error:  # TensorFlow's own classes for a full disk and its like
        raise ValueError(f"--output is {base}, which cannot be written ({str(error).splitlines()[0]}).") from error
    names = ", ".join([*functions, "serving_default"])
    return (
        f"Exported step {loaded.record['step']} of {run} to {folder}, with the signatures {names}\n"
        f"In training, samples were scored at temperature {loaded.config.temperature}\n"
        f"To see them: saved_model_cli show --all --dir {folder}\n"
        f"For TensorFlow Serving: --model_name=seqgan --model_base_path={base.resolve()}"
    )


class Signatures:
    """The functions of the SavedModel of a LoadedRun; `words` is its TextGraph, None where tokens are numbers."""

    def __init__(self, loaded):
        self._generator, self._discriminator, self._length = loaded.generator, loaded.discriminator, loaded.length
        self.words = TextGraph(loaded.vocabulary) if loaded.vocabulary.is_text else None

    def functions(self):
        """By name, traced functions of tensors that return dicts of tensors.

        sample(num [], seed [2], temperature [], prefix) -> tokens [num, T], text [num], log_prob [num]; the prefix is
        a string [], or ids [P] where tokens are numbers; temperature 0 is greedy.
        score(text [B]) -> tokens [B, T], token_log_prob [B, T], log_prob [B]: nats, at temperature 1, the end token
        included; 0 behind it. discriminate(text [B]) -> probability [B] of being real, if there is a discriminator.
        score_tokens and discriminate_tokens take tokens [B, T]; where tokens are numbers, score and discriminate do.
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
        allowed = f"temperature must be 0, or from {LEAST_TEMPERATURE} to {MOST_TEMPERATURE}"
        is_in_range = (temperature >= LEAST_TEMPERATURE) & (temperature <= MOST_TEMPERATURE)
        num = _checked(num, (num > 0, "num must be 1 or more"), (is_in_range | tf.equal(temperature, 0), allowed))
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
        return {"probability": _in_parts(discriminator_reward(self._discriminator), tokens, ROWS, [], tf.float32)}

    def _ids(self, text):
        ids, counts, unknown = self.words.encode(text, self._length)
        is_allowed = (counts > 0) & (counts <= self._length)
        return _checked(
            ids,
            (is_allowed, f"each text must have 1 to {self._length} tokens"),
            (unknown < counts, "each text must have a token that is in the vocabulary"),
        )

    def _known(self, ids, name="tokens"):
        most = self._generator.vocab_size - 1
        return _checked(ids, ((ids >= 0) & (ids <= most), f"{name} must be ids from 0 to {most}"))

    def _prefix(self, prefix):
        """ids [T], of which the first count, and their number."""
        if self.words:
            ids, count, unknown = self.words.encode_prefix(prefix, self._length)
            ids = _checked(ids, (tf.equal(unknown, 0), "prefix has words that are not in the vocabulary"))
        else:
            count = tf.shape(prefix)[0]
            ids = self._known(tf.concat([prefix, tf.zeros(self._length, tf.int32)], 0)[: self._length], "prefix")
        count = _checked(count, (count <= self._length, f"prefix must have {self._length} tokens at most"))
        return tf.ensure_shape(ids, [self._length]), count


def _signature(convert, function, spec):
    # Its argument has no name of its own: a signature's argument is called as its TensorSpec.
    return tf.function(lambda values: function(convert(values)), [spec], autograph=False)


def _checked(value, *checks):
    """The value, computed after the checks, (condition, message): or what follows might fail first in other words."""
    with tf.control_dependencies([tf.debugging.Assert(tf.reduce_all(holds), [text]) for holds, text in checks]):
        return tf.identity(value)


def _in_parts(function, values, size, shape, dtype):
    """function(values [M, ...]) -> [M, *shape], `size` of the values at a time, one behind the other."""
    return tf.map_fn(
        lambda start: function(values[start : start + size]),
        tf.range(0, tf.shape(values)[0], size),
        parallel_iterations=1,  # a part at a time is what bounds the memory
        fn_output_signature=tf.RaggedTensorSpec([None, *shape], dtype, ragged_rank=0),
    ).values
