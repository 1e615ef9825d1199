"""Measures an emulated link before anything is measured through it (lab.md 3.4, 8.4).

A link whose round trip is off by more than 10 % and 2 ms, or whose rate by more than 10 %, is not reported
through: numbers measured over it would be about the emulation.
"""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import TYPE_CHECKING

from modmirror.lab.engine.failures import words_of
from modmirror.lab.results.links import LinkCheck

if TYPE_CHECKING:
    from modmirror.lab.net.backend import Backend, Streams
    from modmirror.lab.net.profile import NetProfile, Topology

LINKS = "links"
"""Name of the result that self-tests are kept under."""
TRIES = 3
"""Self-tests of a link before it counts as off: another program may have had the processor."""
ECHOES = 20
DOWNLOAD_BYTES = 1_000_000
MOST_SECONDS = 3.0
"""A slow line is measured with fewer bytes, so that no check takes longer."""
_SHARE = 0.10
_SECONDS = 0.002
_BITS = 8
_MEGA = 1e6
_PAYLOAD = 1448 / 1500
"""Share of a full packet that is payload: a rate of packets counts their headers too."""
_LIMIT = 60.0
"""Seconds for one test."""
LONGEST = TRIES * _LIMIT
"""Seconds after which the tests of a link have ended, whatever it is like."""
_MOST_RATE = 100.0
"""Mbit/s beyond which a rate is not judged: user space is the limit then, not the link."""


async def check_links(backend: Backend, topology: Topology) -> tuple[LinkCheck, ...]:
    """Measure each region's link, again where it seems to be off."""
    checks = []
    for region, profile in topology.profiles.items():
        check = await check_link(backend, region, profile)
        for _ in range(TRIES - 1):
            if not check.good:
                check = await check_link(backend, region, profile)
        checks.append(check)
    return tuple(checks)


async def check_link(
    backend: Backend, region: str, profile: NetProfile, *, address: str = "127.0.0.1"
) -> LinkCheck:
    """Measure a region's link with a server at ``address``, and compare it with its profile."""
    server = await asyncio.start_server(_serve, address, 0)
    port = server.sockets[0].getsockname()[1]
    try:
        async with asyncio.timeout(_LIMIT):
            connect, rtt, rate = await _measured(backend, region, port, profile, address)
    except (OSError, asyncio.IncompleteReadError) as error:
        late = isinstance(error, TimeoutError)
        name, why = backend.capabilities.name, f"no answer within {_LIMIT:g} s" if late else words_of(error)
        note = f"the link carried nothing: {why}"
        return LinkCheck(region, name, _asked(profile), {}, good=False, note=note)
    finally:
        server.close()
    return judge(region, backend.capabilities.name, profile, connect=connect, rtt=rtt, rate=rate)


def judge(
    region: str, backend: str, profile: NetProfile, *, connect: float, rtt: float, rate: float
) -> LinkCheck:
    """Compare what was measured (seconds, Mbit/s) with what was asked for."""
    asked = _asked(profile)
    measured = {"rtt_ms": round(rtt * 1000, 3), "connect_ms": round(connect * 1000, 3)}
    notes = []
    # A median of few echoes varies by itself where the line does.
    noise = 2 * profile.jitter_ms / 1000 / ECHOES**0.5
    if abs(rtt - profile.base) > max(_SHARE * profile.base, _SECONDS) + noise:
        notes.append(f"round trip {rtt * 1000:.1f} ms instead of {profile.rtt_ms:g} ms")
    if profile.rate_down:
        measured["rate_down"] = round(rate, 3)
        # Losses and their recovery cost what they cost: only a clean line has its whole rate.
        judged = profile.rate_down <= _MOST_RATE and not profile.loss
        if judged and abs(rate - profile.rate_down) > _SHARE * profile.rate_down:
            notes.append(f"{rate:.1f} Mbit/s instead of {profile.rate_down:g}")
    return LinkCheck(region, backend, asked, measured, good=not notes, note="; ".join(notes))


def _asked(profile: NetProfile) -> dict[str, float]:
    """Return what of a profile is tested, by the names of its fields."""
    rates = {"rate_down": profile.rate_down} if profile.rate_down else {}
    return {"rtt_ms": profile.rtt_ms} | rates


async def _measured(
    backend: Backend, region: str, port: int, profile: NetProfile, address: str
) -> tuple[float, float, float]:
    begun = time.monotonic()
    streams = await backend.open(region, address, port)
    connect = time.monotonic() - begun
    try:
        rtt = median([await _echo(streams) for _ in range(ECHOES)])
        size = DOWNLOAD_BYTES
        if profile.rate_down:
            size = min(size, int(profile.rate_down * _MEGA / _BITS * MOST_SECONDS))
        rate = await _download(streams, size) if profile.rate_down else 0.0
        if rate and backend.capabilities.packets:
            # Real TCP begins slowly: the line shows when the window has grown.
            rate = await _download(streams, size) / _PAYLOAD
    finally:
        streams[1].transport.abort()
    return connect, rtt, rate


async def _echo(streams: Streams) -> float:
    reader, writer = streams
    begun = time.monotonic()
    writer.write(b"echo\n")
    await reader.readexactly(5)
    return time.monotonic() - begun


async def _download(streams: Streams, size: int) -> float:
    """Return Mbit/s between the first and the last byte, as a client sees them."""
    reader, writer = streams
    writer.write(b"%d\n" % size)
    first = len(await reader.read(1 << 16))
    begun, left = time.monotonic(), size - first
    while left > 0:
        data = await reader.read(1 << 16)
        if not data:
            raise asyncio.IncompleteReadError(b"", left)
        left -= len(data)
    return (size - first) * _BITS / _MEGA / max(time.monotonic() - begun, 1e-9)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while line := await reader.readline():
            writer.write(line if line == b"echo\n" else bytes(int(line)))
            await writer.drain()
    except ConnectionError:
        # The client has measured enough.
        return
    finally:
        writer.close()
