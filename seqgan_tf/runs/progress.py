"""Progress of one phase: a bar with time left on a terminal, plain lines elsewhere."""

import sys
import time

import tqdm


class Progress:
    """One line for a phase of training.

    Args:
      phase: its name.
      total: steps in the phase.
      done: steps done before, in an earlier part of a resumed run.
      stream: where to write.
    """

    def __init__(self, phase, total, done=0, stream=None):
        self._phase, self._total, self._first, self._done = phase, total, done, done
        self._stream = stream or sys.stderr
        self._start = time.monotonic()
        self._bar = None
        if self._stream.isatty():
            self._bar = tqdm.tqdm(
                desc=f"{phase:13}",
                total=total,
                initial=done,
                file=self._stream,
                dynamic_ncols=True,
                smoothing=0,
                bar_format="{desc} {percentage:3.0f}% |{bar}| {elapsed}, {remaining} left{postfix}",
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._bar is not None:
            self._bar.close()

    def advance(self, steps=1):
        """Counts steps."""
        self._done += steps
        if self._bar is not None:
            self._bar.update(steps)

    def report(self, text):
        """Shows the latest figures."""
        if self._bar is not None:
            self._bar.set_postfix_str(text)
            return
        elapsed = time.monotonic() - self._start
        line = f"{self._phase:13} {text}"
        if self._done > self._first:
            left = elapsed / (self._done - self._first) * (self._total - self._done)
            line += f"  ({clock(elapsed)}, {clock(left)} left)"
        print(line, file=self._stream, flush=True)


def clock(seconds):
    """Seconds as m:ss or h:mm:ss."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
