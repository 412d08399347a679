import io
import re

from seqgan_tf.runs.progress import Progress, clock


class Terminal(io.StringIO):
    def isatty(self):
        return True


def work(stream):
    with Progress("mle", total=4, done=1, stream=stream) as progress:
        progress.advance()
        progress.report("nll 3.5")
        progress.advance()
        progress.advance()
        progress.report("nll 2.5")
    return stream.getvalue()


def test_elsewhere_than_on_a_terminal_plain_lines_with_time_left():
    lines = work(io.StringIO()).splitlines()
    assert len(lines) == 2
    assert re.fullmatch(r"mle +nll 3\.5  \(00:00, 00:00 left\)", lines[0])


def test_on_a_terminal_one_line_with_a_bar_and_time_left():
    text = work(Terminal())
    assert text.count("\n") == 1 and text.endswith("\n")
    last = text.rstrip().split("\r")[-1]
    assert last.startswith("mle") and "100%" in last and "left" in last and "nll 2.5" in last


def test_clock():
    assert [clock(s) for s in (0, 59.6, 61, 3600, 7325)] == ["00:00", "00:59", "01:01", "1:00:00", "2:02:05"]
