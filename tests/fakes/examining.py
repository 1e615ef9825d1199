"""One mirror under examination that answers by a table of paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.protocol.asking import Asking, Subject
from tests.fakes.lab import JumpingClock, answered, scripted_lab, targets_named

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence

    from modmirror.lab.coverage.records import Database
    from modmirror.lab.engine.port import Fetched, Request
    from modmirror.lab.target import Target

MODULE = BenchModule("example.com/a", "v1.0.0")


async def no_shake(
    target: Target, alpn: Sequence[str], version: ssl.TLSVersion | None = None
) -> tuple[str, str]:
    """Refuse every handshake."""
    raise ConnectionRefusedError(f"{target.name} {alpn} {version}")


def examining(
    answers: Mapping[str, bytes] | None = None,
    *,
    headers: dict[str, str] | None = None,
    status: int = 200,
    database: Database | None = None,
    answer: Callable[[Request, JumpingClock], Fetched] | None = None,
) -> Asking:
    """Return it; a path that ends like no key of ``answers`` is 404. ``answer`` replaces all of that."""

    def by_path(request: Request, clock: JumpingClock) -> Fetched:
        for ending, body in (answers or {}).items():
            if request.path.endswith(ending):
                return answered(request, clock, status=status, body=body, headers=headers)
        return answered(request, clock, status=404, body=b"not found: nothing\n", headers=headers)

    (target,) = targets_named("a")
    subject = Subject(module=MODULE, recorded=MODULE, database=database)
    return Asking(scripted_lab((target,), answer or by_path), target, subject, no_shake)
