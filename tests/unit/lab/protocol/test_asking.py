from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.engine.port import Fetched
from modmirror.lab.protocol.asking import How, cell, told
from modmirror.lab.results.protocol import Cell
from modmirror.measure.sample import Timing
from tests.fakes.examining import examining
from tests.fakes.lab import ScriptedEngine, answered

if TYPE_CHECKING:
    from modmirror.lab.engine.port import Request
    from tests.fakes.lab import JumpingClock


def refused(request: Request, clock: JumpingClock) -> Fetched:
    return Fetched(request, "refused", Timing(total=0.1), clock.now(), reason="nothing listens there")


async def test_a_plain_request_is_made_once_and_every_request_is_a_sample() -> None:
    asking = examining({"list": b"v1.0.0\n"})
    assert (await asking.file("list")) is (await asking.get("example.com/a/@v/list"))
    await asking.ask("example.com/a/@v/list", How(method="HEAD"))
    assert isinstance(asking.lab.engine, ScriptedEngine)
    assert [request.method for request in asking.lab.engine.asked] == ["GET", "HEAD"]
    assert [sample.case for sample in asking.lab.run.samples("protocol")] == ["GET", "HEAD"]


async def test_a_mirror_is_dead_while_nothing_was_answered() -> None:
    asking = examining(answer=refused)
    assert asking.dead == ""
    await asking.file("info")
    assert asking.dead == "nothing listens there"
    alive = examining(answer=lambda request, clock: answered(request, clock, status=500))
    await alive.file("info")
    assert alive.dead == ""


async def test_evidence_is_request_and_answer_in_one_line() -> None:
    asking = examining({"list": b"v1.0.0\n"}, headers={"etag": '"1"', "age": "3"})
    fetched = await asking.ask("example.com/a/@v/list", How(headers={"range": "bytes=0-9"}))
    line = "GET …/example.com/a/@v/list [range: bytes=0-9] → 200, 7 bytes"
    assert told(fetched) == line
    assert told(fetched, "etag", "via") == f'{line}; etag: "1"'


async def test_without_an_answer_nothing_is_known() -> None:
    fetched = await examining(answer=refused).file("info")
    evidence = "GET …/example.com/a/@v/v1.0.0.info → no answer: nothing listens there"
    assert cell("no", fetched, "why") == Cell("unknown", evidence, "why")
    assert cell(False, fetched).verdict == "unknown"  # noqa: FBT003 - that is the short form under test


async def test_yes_and_no_can_be_said_in_short() -> None:
    fetched = await examining({"info": b"{}"}).file("info")
    assert [cell(good, fetched).verdict for good in (True, False)] == ["yes", "no"]
