"""Asks the checksum database what a file must hash to, as the route and the toolchain rule demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from modmirror.errors import (
    ChecksumDatabaseDown,
    Error,
    HashMismatch,
    NotExist,
    VerificationError,
)

if TYPE_CHECKING:
    from modmirror.mod.path import ModulePath
    from modmirror.proxy.report import Report
    from modmirror.proxy.routes import Route


class Sums(Protocol):
    """Who knows the ``h1:`` of module versions, with proof."""

    async def sum_of(self, module: ModulePath, version: str, *, go_mod: bool) -> str:
        """Return the recorded ``h1:`` of the zip, or of the go.mod.

        Raises NotExist (not recorded), ChecksumDatabaseDown, VerificationError (it lied).
        """


class NoDatabase:
    """Stands in when no checksum database is configured: nothing can be asked."""

    async def sum_of(self, module: ModulePath, version: str, *, go_mod: bool) -> str:
        """See :class:`Sums`."""
        del version, go_mod
        raise ChecksumDatabaseDown(
            f"no checksum database is configured to vouch for {module}",
            hint='add a [[sumdb]], or set sumdb = "proxy" or "off" on the route',
        )


class Verifier:
    """Decides whether a file must be proven, and against what."""

    def __init__(self, sums: Sums, report: Report) -> None:
        self._sums = sums
        self._report = report

    async def expected(
        self, route: Route, module: ModulePath, version: str, *, go_mod: bool = False
    ) -> str | None:
        """Return the ``h1:`` that the file must have, or None when it is to pass unproven.

        Raises:
            NotExist: the database does not know this version, so no go command would accept it.
            ChecksumDatabaseDown: it cannot be asked and the route (or the toolchain rule) fails closed.
            VerificationError: its answer does not hold.
        """
        if not route.verifies(module):
            return None
        subject = f"{module}@{version}"
        try:
            return await self._sums.sum_of(module, version, go_mod=go_mod)
        except ChecksumDatabaseDown:
            self._report.verified(subject, "down")
            if route.fails_closed(module):
                raise
            return None
        except NotExist as error:
            self._report.verified(subject, "unknown")
            raise NotExist(
                error.reason,
                hint='if this module is private, give it a [[route]] with sumdb = "off"',
                sources=error.sources,
            ) from error
        except VerificationError as error:
            self._report.verified(subject, "bad-database")
            self._report.alarm("checksum-database", subject, error)
            raise

    def compare(self, subject: str, want: str | None, got: str, upstream: str) -> None:
        """Raise HashMismatch, with an alarm, when ``got`` is not what was expected."""
        if want is None:
            self._report.verified(subject, "skipped")
            return
        if want == got:
            self._report.verified(subject, "ok")
            return
        self._report.verified(subject, "mismatch")
        error: Error = HashMismatch(
            f"{subject}: {upstream} sent {got}, the checksum database recorded {want}",
            want=want,
            got=got,
            hint="the file was thrown away; another upstream may have the right one",
        )
        self._report.alarm("hash-mismatch", subject, error)
        raise error
