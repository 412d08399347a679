"""Cells turn embedded tokens into hidden states, for whole sequences or one token at a time.

A cell is a Keras layer with this protocol:

    cell(units, initializer, dtype=...)         initializer: function () -> a new keras initializer
    cell(embedded [B, T, E]) -> hidden [B, T, H]                           teacher forcing
    cell.initial_state(batch_size, length) -> state, a nest of [B, ...]    state before the first of `length` tokens
    cell.step(embedded [M, E], state, position) -> (hidden [M, H], state)  reads the input at position, [] int32
    cell.units -> H

Repeated steps must give the same hidden states as one call. Keep the state small: roll-outs store one for each
prefix.

To add a cell, decorate its class with `@cell("name")`, or pass `--g_cell=my_module:MyCell` on the command line.
"""

import keras

from seqgan_tf import extensions

CELLS, cell, find = extensions.kind("g_cell")


class _Stepwise:
    """Adds the protocol's `step` and `initial_state` to a recurrent Keras layer; states are tuples of [B, H]."""

    def __init__(self, units, initializer, **kwargs):
        initializers = {f"{name}_initializer": initializer() for name in ("kernel", "recurrent", "bias")}
        super().__init__(units, return_sequences=True, **initializers, **kwargs)

    def initial_state(self, batch_size, length):
        return tuple(self.get_initial_state(batch_size))

    def step(self, embedded, state, position):
        hidden, state = self.cell(embedded, state)
        return hidden, tuple(state)


@cell("lstm")
class LSTM(_Stepwise, keras.layers.LSTM):
    """Long short-term memory, the paper's cell (Eq. 9; Hochreiter and Schmidhuber, 1997).

    Examples:
      >>> import tensorflow as tf
      >>> lstm = LSTM(units=4, initializer=keras.initializers.GlorotUniform)
      >>> embedded = tf.random.stateless_uniform([2, 3, 5], seed=[0, 1])  # [B, T, E]
      >>> hidden = lstm(embedded)
      >>> hidden.shape
      TensorShape([2, 3, 4])
      >>> state = lstm.initial_state(2, length=3)
      >>> first, state = lstm.step(embedded[:, 0], state, position=0)
      >>> bool(tf.reduce_all(tf.abs(first - hidden[:, 0]) < 1e-6))
      True
    """

    def __init__(self, units, initializer, **kwargs):
        super().__init__(units, initializer, unit_forget_bias=False, **kwargs)  # as in the authors' code


@cell("gru")
class GRU(_Stepwise, keras.layers.GRU):
    """Gated recurrent unit (Cho et al., 2014).

    Examples:
      >>> import tensorflow as tf
      >>> gru = GRU(units=4, initializer=keras.initializers.GlorotUniform)
      >>> embedded = tf.random.stateless_uniform([2, 3, 5], seed=[0, 1])  # [B, T, E]
      >>> hidden = gru(embedded)
      >>> hidden.shape
      TensorShape([2, 3, 4])
      >>> state = gru.initial_state(2, length=3)
      >>> first, state = gru.step(embedded[:, 0], state, position=0)
      >>> bool(tf.reduce_all(tf.abs(first - hidden[:, 0]) < 1e-6))
      True
    """
