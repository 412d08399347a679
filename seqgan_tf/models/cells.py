"""Cells: what turns embedded tokens into hidden states, all at once or one token at a time.

A cell is a Keras layer in CELLS with the protocol

    cell(units, initializer, dtype=...)         initializer: function () -> a new keras initializer
    cell(embedded [B, T, E]) -> hidden [B, T, H]                           teacher forcing
    cell.initial_state(batch_size, length) -> state, a nest of [B, ...]    nothing read yet; at most `length` to come
    cell.step(embedded [M, E], state, position) -> (hidden [M, H], state)  reads the input at position, [] int32
    cell.units -> H

in which step after step gives what the call gives. Roll-outs keep the state of every prefix, so a state should be
small.
"""

import keras

from seqgan_tf import extensions

CELLS, cell, find = extensions.kind("g_cell")


class _Stepwise:
    """A recurrent layer of Keras, one token at a time through its own cell; its states are tuples of [B, H]."""

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
    """The paper's cell (Eq. 9; Hochreiter and Schmidhuber, 1997)."""

    def __init__(self, units, initializer, **kwargs):
        super().__init__(units, initializer, unit_forget_bias=False, **kwargs)  # as in the authors' code


@cell("gru")
class GRU(_Stepwise, keras.layers.GRU):
    """Gated recurrent unit (Cho et al., 2014)."""
