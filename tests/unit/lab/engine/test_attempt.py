from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.lab.engine.attempt import Attempt
from modmirror.lab.engine.failures import AnswerBroken
from modmirror.lab.engine.port import Limit, Request
from modmirror.lab.engine.sinks import Memory, Nothing, Spool
from modmirror.lab.target import parse_target

if TYPE_CHECKING:
    from pathlib import Path

REQUEST = Request(parse_target("http://127.0.0.1:1"), "x", limit=Limit(size=100))


def test_phases_of_hops_are_added_up() -> None:
    attempt = Attempt(REQUEST, Nothing(), started=10.0)
    attempt.spent("connect", 0.1)
    attempt.next_hop("http://127.0.0.1:2/y")
    attempt.spent("connect", 0.2)
    attempt.status = 200
    fetched = attempt.whole(11.0)
    assert fetched.timing.connect == pytest.approx(0.3)
    assert (fetched.timing.total, fetched.hops) == (1.0, ("http://127.0.0.1:2/y",))


def test_the_body_of_a_redirect_is_not_part_of_the_answer() -> None:
    attempt = Attempt(REQUEST, Memory(), started=0.0)
    attempt.take(b"moved", 0.0)
    attempt.next_hop("http://127.0.0.1:2/y")
    attempt.take(b"ok", 0.15)
    attempt.status = 200
    fetched = attempt.whole(1.0)
    assert (fetched.body, fetched.size, fetched.bins) == (b"ok", 2, (0, 2))


def test_a_body_beyond_the_limit_is_broken_off() -> None:
    attempt = Attempt(REQUEST, Nothing(), started=0.0)
    attempt.take(b"x" * 100, 0.0)
    with pytest.raises(AnswerBroken, match="beyond 100 bytes"):
        attempt.take(b"x", 0.0)


def test_a_download_of_hours_has_no_endless_list_of_bins() -> None:
    attempt = Attempt(REQUEST, Nothing(), started=0.0)
    attempt.take(b"x", 36_000.0)
    assert len(attempt.bins) == 6000


def test_what_a_server_says_about_a_failure_is_one_short_printable_line() -> None:
    attempt = Attempt(REQUEST, Nothing(), started=0.0)
    attempt.take(b"not found:\n\x1b[31m bad\xff", 0.0)
    attempt.status = 404
    assert attempt.whole(1.0).reason == "status 404: not found: [31m bad\ufffd"


def test_a_file_stays_only_when_the_answer_is_good(tmp_path: Path) -> None:
    for status, stays in ((200, True), (404, False)):
        sink = Spool(tmp_path)
        attempt = Attempt(REQUEST, sink, started=0.0)
        attempt.take(b"zip", 0.0)
        attempt.status = status
        fetched = attempt.whole(1.0)
        assert (fetched.file == sink.path, sink.path.exists()) == (stays, stays)


def test_an_end_before_any_answer_is_no_truncation() -> None:
    attempt = Attempt(REQUEST, Nothing(), started=0.0)
    cut = AnswerBroken("truncated", "cut")
    assert attempt.broken(1.0, cut).outcome == "reset"
    attempt.status = 200
    assert attempt.broken(1.0, cut).outcome == "truncated"
