from __future__ import annotations

from io import StringIO

from modmirror.cli.progress import Progress
from tests.fakes.engine import FakeClock


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_nothing_is_drawn_where_nobody_looks() -> None:
    stream = StringIO()
    progress = Progress(stream, 10, clock=FakeClock())
    progress.show(5, "1.0 MB")
    progress.end()
    assert stream.getvalue() == ""


def test_a_picture_has_the_share_the_counts_and_the_time_left() -> None:
    stream, clock = Terminal(), FakeClock()
    progress = Progress(stream, 4, clock=clock)
    clock.advance(25)
    progress.show(1, "1.0 MB")
    assert stream.getvalue() == "\r\x1b[K██████░░░░░░░░░░░░░░░░░░ 1/4 files, 1.0 MB, 1:15 left"


def test_no_time_is_guessed_at_the_beginning_and_at_the_end() -> None:
    stream, clock = Terminal(), FakeClock()
    progress = Progress(stream, 4, clock=clock)
    progress.show(0, "x")
    clock.advance(1)
    progress.show(4, "x")
    assert "left" not in stream.getvalue()


def test_pictures_keep_a_distance() -> None:
    stream, clock = Terminal(), FakeClock()
    progress = Progress(stream, 100, clock=clock)
    for done in range(50):
        clock.advance(0.01)
        progress.show(done, "x")
    assert stream.getvalue().count("\r") == 5


def test_the_line_is_taken_away_at_the_end() -> None:
    stream = Terminal()
    Progress(stream, 0, clock=FakeClock()).end()
    assert stream.getvalue() == "\r\x1b[K"
