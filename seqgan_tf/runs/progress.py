"""Progress of one phase: a bar with time left on a terminal, plain lines elsewhere."""

import math
import sys

import tqdm

BAR = "{desc} {percentage:3.0f}% |{bar}| {elapsed}, {remaining} left{postfix}"
LINE = "{desc}  ({elapsed}, {remaining} left)"
clock = tqdm.tqdm.format_interval  # seconds as mm:ss or h:mm:ss


class Progress:
    """One line for a phase of training.

    Args:
      phase: its name.
      total: steps in the phase.
      done: steps done before, in an earlier part of a resumed run.
      stream: where to write.
    """

    def __init__(self, phase, total, done=0, stream=None):
        self._title = f"{phase:13}"
        self._stream = stream or sys.stderr
        self._is_terminal = self._stream.isatty()
        self._bar = tqdm.tqdm(
            desc=self._title,
            total=total,
            initial=done,
            file=self._stream,
            delay=0 if self._is_terminal else math.inf,  # elsewhere only `report` writes
            dynamic_ncols=True,
            smoothing=0,
            bar_format=BAR if self._is_terminal else LINE,
        )
        self.advance = self._bar.update  # advance(steps=1) counts steps

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._bar.close()

    def report(self, text):
        """Shows the latest metrics."""
        if self._is_terminal:
            self._bar.set_postfix_str(text)
        else:
            self._bar.set_description_str(f"{self._title} {text}", refresh=False)
            print(self._bar, file=self._stream, flush=True)
