"""Progress of one phase: a bar with the time left on a terminal, plain lines elsewhere."""

import math
import sys

import tqdm

BAR = "{desc} {percentage:3.0f}% |{bar}| {elapsed}, {remaining} left{postfix}"
LINE = "{desc}  ({elapsed}, {remaining} left)"
clock = tqdm.tqdm.format_interval  # seconds as mm:ss or h:mm:ss


class Progress(tqdm.tqdm):
    """Shows the progress of one phase.

    Args:
      phase: str, the name to show.
      total: number of steps in all.
      done: number of steps done before the run was resumed.
      stream: file to write to; None for stderr.
    """

    advance = tqdm.tqdm.update  # advance(steps=1) counts steps as done

    def __init__(self, phase, total, done=0, stream=None):
        stream = stream or sys.stderr
        self._title, self._is_terminal = f"{phase:13}", stream.isatty()
        super().__init__(
            desc=self._title,
            total=total,
            initial=done,
            file=stream,
            delay=0 if self._is_terminal else math.inf,  # elsewhere only `report` writes
            dynamic_ncols=True,
            smoothing=0,
            bar_format=BAR if self._is_terminal else LINE,
        )

    def report(self, text):
        """Shows the latest metrics."""
        if self._is_terminal:
            self.set_postfix_str(text)
        else:
            self.set_description_str(f"{self._title} {text}", refresh=False)
            print(self, file=self.fp, flush=True)
