from __future__ import annotations

from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING, cast

import pytest

from modmirror.errors import UpstreamTimeout
from modmirror.upstream.observed import ObservedUpstream
from modmirror.upstream.port import Reply
from tests.contract.upstream_suite import fetch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.telemetry.metrics import Metrics


class Recorded:
    """Keeps what is measured, in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[str | float, ...]] = []

    def upstream_requested(self, upstream: str, status: str) -> None:
        self.calls.append(("requested", upstream, status))

    def upstream_phase(self, upstream: str, asset: str, phase: str, seconds: float) -> None:
        self.calls.append((phase, upstream, asset, seconds))


class Scripted:
    """Answers 200, or fails before or inside its body."""

    name = "up"

    def __init__(self, *, before: Exception | None = None, inside: Exception | None = None) -> None:
        self.before, self.inside = before, inside
        self.asked: list[tuple[str, int, str]] = []
        self.closed = False

    @asynccontextmanager
    async def get(self, path: str, *, offset: int = 0, if_range: str = "") -> AsyncIterator[Reply]:
        self.asked.append((path, offset, if_range))
        if self.before:
            raise self.before
        yield Reply(status=200, body=self._body())

    async def _body(self) -> AsyncIterator[bytes]:
        yield b"x"
        if self.inside:
            raise self.inside

    async def close(self) -> None:
        self.closed = True


def observed(inner: Scripted) -> tuple[ObservedUpstream, Recorded]:
    recorded, ticks = Recorded(), count()
    return ObservedUpstream(inner, cast("Metrics", recorded), lambda: float(next(ticks))), recorded


@pytest.mark.parametrize(
    ("path", "asset"),
    [
        ("a.b/@v/v1.0.0.zip", "zip"),
        ("a.b/@v/v1.0.0.mod", "mod"),
        ("a.b/@v/v1.0.0.info", "info"),
        ("a.b/@v/list", "list"),
        ("a.b/@latest", "latest"),
        ("lookup/a.b@v1.0.0", "sumdb"),
    ],
)
async def test_status_and_phases_are_measured_by_kind_of_file(path: str, asset: str) -> None:
    inner = Scripted()
    upstream, recorded = observed(inner)
    _, body = await fetch(upstream, path, offset=3, if_range='"t"')
    assert (upstream.name, body, inner.asked) == ("up", b"x", [(path, 3, '"t"')])
    assert recorded.calls == [
        ("wait", "up", asset, 1.0),
        ("receive", "up", asset, 1.0),
        ("requested", "up", "200"),
    ]


async def test_a_failure_is_counted_by_its_name_and_passed_on() -> None:
    upstream, recorded = observed(Scripted(before=UpstreamTimeout("up", "late")))
    with pytest.raises(UpstreamTimeout):
        await fetch(upstream, "a.b/@latest")
    assert recorded.calls == [("requested", "up", "UpstreamTimeout")]


async def test_a_body_that_breaks_has_no_time_of_receiving() -> None:
    upstream, recorded = observed(Scripted(inside=UpstreamTimeout("up", "stalled")))
    with pytest.raises(UpstreamTimeout):
        await fetch(upstream, "a.b/@latest")
    assert [call[0] for call in recorded.calls] == ["wait", "requested"]
    assert recorded.calls[-1] == ("requested", "up", "UpstreamTimeout")


async def test_closing_closes_what_is_observed() -> None:
    inner = Scripted()
    upstream, _ = observed(inner)
    await upstream.close()
    assert inner.closed
