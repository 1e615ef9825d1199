from __future__ import annotations

import time

import pytest

from modmirror.lab.load.job import Ask
from modmirror.lab.load.worker import perform
from modmirror.measure.histogram import Histogram
from tests.fakes.loaded import ASK, BODY, LoadedServer, job, loaded_server

HEAD = b"HTTP/1.1 %b\r\ncontent-length: %d\r\n\r\n%b"


async def test_every_planned_request_is_answered_and_timed_twice() -> None:
    async with loaded_server() as server:
        counted = await perform(job(server, time.monotonic() + 0.1))
    assert counted.planned == counted.answered == server.asked == 60
    assert counted.errors == {}
    for text in (counted.response, counted.service, counted.lateness):
        assert len(Histogram.decode(text)) == 60
    assert counted.planned_span == pytest.approx(59 / 200)
    assert counted.seconds >= 0.3


async def test_what_finds_no_room_is_dropped_and_never_sent_late() -> None:
    async with loaded_server(LoadedServer(silent=True)) as server:
        counted = await perform(
            job(server, time.monotonic() + 0.1, connections=5, timeout=0.2, seconds=0.1)
        )
    assert counted.dropped == counted.planned - 5
    assert counted.errors == {"timeout": 5}
    assert server.asked == 5
    # A timeout counts with the time that was waited.
    assert (Histogram.decode(counted.response).quantile(0.5) or 0.0) >= 0.2


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (HEAD % (b"404 Not Found", 1, b"x"), "4xx"),
        (HEAD % (b"503 Busy", 1, b"x"), "5xx"),
        (HEAD % (b"302 Found", 1, b"x"), "protocol"),
        (HEAD % (b"200 OK", 1, b"x"), "mismatch"),
        (b"no http at all\r\n\r\n", "protocol"),
    ],
)
async def test_a_wrong_answer_is_an_error_of_its_class(answer: bytes, outcome: str) -> None:
    async with loaded_server(LoadedServer(answer)) as server:
        counted = await perform(job(server, time.monotonic() + 0.1, seconds=0.05))
    assert counted.errors == {outcome: 10}
    assert counted.answered == 0


async def test_answers_429_are_counted_apart_too() -> None:
    async with loaded_server(LoadedServer(HEAD % (b"429 Too Many", 0, b""))) as server:
        counted = await perform(job(server, time.monotonic() + 0.1, seconds=0.05))
    assert counted.errors == {"4xx": 10}
    assert counted.rejected == 10


async def test_other_bytes_of_the_same_length_are_found_in_a_share_of_the_answers() -> None:
    wrong = Ask(ASK.payload, len(BODY), "0" * 64)
    async with loaded_server() as server:
        counted = await perform(job(server, time.monotonic() + 0.1, asks=(wrong,)))
    assert counted.errors == {"mismatch": 2}, "the first and the fifty-first were looked at"


async def test_a_server_that_ends_every_connection_is_connected_to_again() -> None:
    async with loaded_server(LoadedServer(ends=True)) as server:
        counted = await perform(job(server, time.monotonic() + 0.1, seconds=0.2, rate=100.0))
        unanswered = sum(counted.errors.values())
        assert counted.answered + unanswered == 20
        assert set(counted.errors) <= {"reset"}
        assert counted.answered > 10


async def test_a_body_that_is_cut_is_truncated_and_nobody_at_home_is_refused() -> None:
    cut = LoadedServer(b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nx", ends=True)
    async with loaded_server(cut) as server:
        counted = await perform(job(server, time.monotonic() + 0.1, seconds=0.05))
        assert counted.errors == {"truncated": 10}
    counted = await perform(job(cut, time.monotonic() + 0.1, seconds=0.05))
    assert counted.errors == {"refused": 10}
