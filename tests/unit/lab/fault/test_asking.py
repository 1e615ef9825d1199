from __future__ import annotations

import time

import pytest

from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.emulate.mirror import EmulatedMirror
from modmirror.lab.emulate.modules import ModuleSet
from modmirror.lab.fault.analysis import WRONG_BYTES, Probe
from modmirror.lab.fault.asking import HttpAsk, Question, Reply, probe, reason_of


class Fixed:
    """Answers, or fails, always alike."""

    def __init__(self, outcome: Reply | Exception) -> None:
        self.outcome = outcome

    async def __call__(self, path: str) -> Reply:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


async def asked(outcome: Reply | Exception, question: Question | None = None) -> Probe:
    return await probe(
        Fixed(outcome), question or Question("list", "/m/@v/list"), began=time.monotonic() - 5, at=2.0
    )


async def test_time_counts_from_the_intended_beginning() -> None:
    result = await asked(Reply(200, {"x-modmirror-upstream": "first"}, b"v1.0.0\n"))
    assert result.at == 2.0
    assert 3.0 <= result.seconds < 4.0
    assert (result.ok, result.stale, result.source, result.text) == (True, False, "first", "")


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (Reply(502, {}, b"bad gateway: refused\nmore"), '502 "bad gateway: refused"'),
        (Reply(500, {}, b""), "500 without a word"),
        (TimeoutError(), "no answer in time"),
        (ConnectionError("reset"), "connection: reset"),
    ],
)
async def test_a_failure_says_what_it_was(outcome: Reply | Exception, text: str) -> None:
    result = await asked(outcome)
    assert (result.ok, result.stale, result.text) == (False, False, text)


async def test_other_bytes_than_the_right_ones_are_no_good_answer() -> None:
    question = Question("miss", "/m/@v/v1.0.0.zip", wanted=b"right")
    assert (await asked(Reply(200, {}, b"right"), question)).ok
    assert (await asked(Reply(200, {}, b"wrong"), question)).text == WRONG_BYTES


@pytest.mark.parametrize(
    "headers", [{"x-modmirror-cache": "stale"}, {"warning": '110 - "Response is Stale"'}]
)
async def test_an_answer_marked_stale_is_good_and_stale(headers: dict[str, str]) -> None:
    result = await asked(Reply(200, headers, b""))
    assert (result.ok, result.stale) == (True, True)


async def test_a_body_that_shows_an_old_world_is_stale_without_any_mark() -> None:
    question = Question("list", "/m/@v/list", is_old=lambda body: b"new" not in body)
    assert (await asked(Reply(200, {}, b"old"), question)).stale
    assert not (await asked(Reply(200, {}, b"new"), question)).stale


def test_a_reason_is_one_line_whatever_was_sent() -> None:
    assert reason_of(b"\xff\x1b[31mred\nsecond") == '"\ufffd\\u001b[31mred"'


async def test_over_http_statuses_headers_bodies_and_silence_are_told_apart() -> None:
    mirror = EmulatedMirror(ModuleSet.generate())
    async with mirror.serve() as url:
        ask = HttpAsk(url + "/", limit=20.0)
        reply = await ask("/example.com/lab/text/@v/list")
        assert (reply.status, reply.headers["content-type"]) == (200, "text/plain; charset=utf-8")
        assert (await ask("/example.com/none/@v/list")).status == 404
        mirror.behaviour = Behaviour(truncate=1.0)
        with pytest.raises(ConnectionError):
            await ask("/example.com/lab/text/@v/list")
        await ask.close()
        mirror.behaviour = Behaviour(silent=1.0)
        ask = HttpAsk(url, limit=0.1)
        with pytest.raises(TimeoutError):
            await ask("/example.com/lab/text/@v/list")
        await ask.close()
