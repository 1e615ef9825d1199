from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from modmirror.lab.load.lane import Lane
from tests.fakes.loaded import ASK, GOOD

if TYPE_CHECKING:
    import asyncio

    from modmirror.lab.load.lane import Exchange


@dataclass
class Wire:
    sent: list[bytes] = field(default_factory=list)
    ended: bool = False

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def abort(self) -> None:
        self.ended = True


@dataclass
class Listener:
    heard: list[tuple[str, int]] = field(default_factory=list)
    lost_lanes: int = 0

    def answered(self, lane: Lane, exchange: Exchange, outcome: str, status: int) -> None:
        self.heard.append((outcome, status))

    def lost(self, lane: Lane) -> None:
        self.lost_lanes += 1


def connected() -> tuple[Lane, Wire, Listener]:
    wire, listener = Wire(), Listener()
    lane = Lane(listener, time.monotonic)
    lane.connection_made(cast("asyncio.Transport", wire))
    return lane, wire, listener


def test_an_answer_in_pieces_is_one_answer_and_the_lane_is_used_again() -> None:
    lane, wire, listener = connected()
    for _ in range(2):
        lane.ask(ASK, 0.0, hashed=True)
        for byte in GOOD:
            lane.data_received(bytes([byte]))
    assert listener.heard == [("ok", 200)] * 2
    assert wire.sent == [ASK.payload] * 2
    assert lane.open


def test_an_interim_answer_is_none() -> None:
    lane, _, listener = connected()
    lane.ask(ASK, 0.0, hashed=False)
    lane.data_received(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n")
    assert listener.heard == []
    lane.data_received(GOOD)
    assert listener.heard == [("ok", 200)]


def test_words_that_nobody_asked_for_end_the_connection() -> None:
    lane, wire, listener = connected()
    lane.data_received(GOOD)
    lane.data_received(GOOD)
    assert wire.ended
    assert listener.lost_lanes == 1
    assert listener.heard == []


def test_an_idle_connection_that_ends_is_lost_and_a_busy_one_is_a_failure() -> None:
    lane, _, listener = connected()
    lane.connection_lost(None)
    lane.connection_lost(None)
    assert listener.lost_lanes == 1
    lane, _, listener = connected()
    lane.ask(ASK, 0.0, hashed=False)
    lane.connection_lost(ConnectionResetError())
    assert listener.heard == [("reset", 0)]


def test_what_takes_too_long_is_given_up() -> None:
    lane, wire, listener = connected()
    lane.ask(ASK, 0.0, hashed=False)
    lane.give_up()
    assert listener.heard == [("timeout", 0)]
    assert wire.ended
    assert not lane.open
