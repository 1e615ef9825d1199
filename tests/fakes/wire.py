"""How a fake upstream's answer goes over the wire: its head, its pieces, its pace."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fakes.faults import Fault
    from tests.fakes.gomodules import FakeFile

PIECE = 128 << 10
"""Most bytes written at once."""


@dataclass(slots=True)
class Answer:
    """An answer ready to be written."""

    status: int
    file: FakeFile
    start: int
    stop: int
    headers: dict[str, str]
    fault: Fault
    close: bool = False
    chunked: bool = False


class Pace:
    """Spreads an answer over time: a bandwidth, or a drip."""

    def __init__(self, bandwidth: float | None, drip: tuple[int, float] | None) -> None:
        self.started = time.monotonic()
        self.bandwidth = bandwidth
        self.pause = drip[1] if drip else 0.0
        smooth = max(1024, int(bandwidth / 200)) if bandwidth else PIECE
        self.piece = drip[0] if drip else min(PIECE, smooth)

    async def wait(self, sent: int) -> None:
        """Sleep until ``sent`` bytes may have gone."""
        if self.pause:
            await asyncio.sleep(self.pause)
        if self.bandwidth and (early := self.started + sent / self.bandwidth - time.monotonic()) > 0:
            await asyncio.sleep(early)


def pieces(answer: Answer, piece: int) -> Iterator[bytes | memoryview]:
    """Yield the body up to where a fault cuts it, with its wrong byte if it has one."""
    cut = answer.fault.cut
    stop = answer.stop if cut is None else min(answer.stop, answer.start + cut)
    flip = answer.fault.flip
    for offset in range(answer.start, stop, piece):
        data = answer.file.read(offset, min(piece, stop - offset))
        if flip is not None and offset <= flip < offset + len(data):
            wrong = bytearray(data)
            wrong[flip - offset] ^= 0xFF
            data = bytes(wrong)
        yield data


def head(answer: Answer) -> bytes:
    """Return status line and headers."""
    phrase = HTTPStatus(answer.status).phrase if answer.status in {*HTTPStatus} else "Odd"
    lines = [f"HTTP/1.1 {answer.status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
