from __future__ import annotations

import io
import re

from modmirror.lab.progress import Bar, Lines, Silent, progress_on


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(terminal: io.StringIO) -> list[str]:
    """Return what a person saw, drawing by drawing, without colours."""
    plain = re.sub(r"\x1b\[\d+m", "", terminal.getvalue())
    return [part for part in re.split(r"\r\x1b\[K|\n", plain) if part]


def test_a_terminal_gets_a_bar_a_log_lines_and_json_nothing() -> None:
    def zero() -> float:
        return 0.0

    assert isinstance(progress_on(Terminal(), {}, zero), Bar)
    assert isinstance(progress_on(Terminal(), {"TERM": "dumb"}, zero), Lines)
    assert isinstance(progress_on(io.StringIO(), {}, zero), Lines)
    assert isinstance(progress_on(Terminal(), {}, zero, quiet=True), Silent)


def test_the_bar_grows_with_the_steps() -> None:
    terminal, instants = Terminal(), iter(range(100))
    bar = Bar(terminal, lambda: float(next(instants)), colour=False)
    bar.begin("bench", 4)
    for _ in range(4):
        bar.step("goproxy.cn")
    bar.end()
    lines = shown(terminal)
    assert lines[0].startswith("bench ─")
    assert lines[-1] == "bench " + "━" * 24 + " 4/4  goproxy.cn"
    assert [line.count("━") for line in lines] == [0, 6, 12, 18, 24]


def test_the_bar_is_not_drawn_more_often_than_ten_times_a_second() -> None:
    terminal = Terminal()
    bar = Bar(terminal, lambda: 5.0, colour=False)
    bar.begin("bench", 1000)
    for _ in range(999):
        bar.step()
    assert len(shown(terminal)) == 1


def test_colour_changes_nothing_but_colour() -> None:
    plain, coloured = Terminal(), Terminal()
    for terminal, colour in ((plain, False), (coloured, True)):
        instants = iter(range(100))
        bar = Bar(terminal, lambda instants=instants: float(next(instants)), colour=colour)  # type: ignore[misc]
        bar.begin("bench", 2)
        bar.step("x")
    assert shown(plain) == shown(coloured)
    assert "\x1b[32m" in coloured.getvalue()
    assert "\x1b[32m" not in plain.getvalue()


def test_without_a_number_of_steps_the_bar_counts() -> None:
    terminal, instants = Terminal(), iter(range(100))
    bar = Bar(terminal, lambda: float(next(instants)), colour=True)
    bar.begin("watch", 0)
    bar.step("x")
    assert shown(terminal)[-1] == "watch: 1  x"


def test_a_note_stays_above_the_bar() -> None:
    terminal = Terminal()
    bar = Bar(terminal, lambda: 0.0, colour=False)
    bar.begin("bench", 2)
    bar.note("a word")
    assert terminal.getvalue().endswith("\r\x1b[Ka word\n")


def test_a_log_gets_a_line_for_each_tenth() -> None:
    log = io.StringIO()
    lines = Lines(log)
    lines.begin("bench", 100)
    for _ in range(100):
        lines.step("goproxy.cn")
    lines.end()
    assert log.getvalue().splitlines() == [
        "bench: 100 to do",
        *(f"bench: {n} of 100" for n in range(10, 101, 10)),
    ]


def test_silence_says_nothing() -> None:
    silent = Silent()
    silent.begin("x", 1)
    silent.step()
    silent.note("x")
    silent.end()
    assert vars(silent) == {}
