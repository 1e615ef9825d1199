"""What ``warm`` and ``covers`` share: reading what is pinned, asking a mirror, telling what is missing."""

from __future__ import annotations

import asyncio
import sys
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from modmirror.errors import ConfigError, Error, UpstreamError, UpstreamTimeout, UpstreamUnavailable
from modmirror.mod.pins import Pins, PinsError, join, read_pins, toolchain_pins
from modmirror.proxy.warm import Had, Missing, Reader, wanted_of
from modmirror.upstream.clients import HttpClients
from modmirror.upstream.credentials import Credentials
from modmirror.upstream.opening import open_upstream
from modmirror.upstream.settings import HttpSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from modmirror.proxy.warm import Wanted
    from modmirror.upstream.port import Upstream

PATIENCE = 900.0
"""Seconds until a mirror must begin to answer: it may be making a large module from its repository."""
HELLO = 30.0
"""Seconds in which it must say that it is there at all."""
MOST_BYTES = 67_108_864
"""Largest file read: the go.sum of a very large repository has a few megabytes."""

Work: TypeAlias = "Callable[[Reader, Sequence[Wanted]], Awaitable[None]]"


@dataclass(slots=True)
class Tally:
    """What has come of the files so far."""

    total: int
    had: int = 0
    bytes: int = 0
    missing: list[Missing] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Files that are settled."""
        return self.had + len(self.missing)

    def add(self, settled: Had | Missing) -> None:
        """Count one file."""
        if isinstance(settled, Missing):
            self.missing.append(settled)
        else:
            self.had += 1
            self.bytes += settled.size


def pins_of_files(names: Sequence[str], platforms: Sequence[str] = ()) -> Pins:
    """Read what files pin; ``-`` is standard input. Adds their toolchains for ``platforms``.

    Raises:
        ConfigError: a file cannot be read, or names no versions.
    """
    try:
        found = join(_read(name) for name in names)
        return join([found, Pins(toolchain_pins(found.toolchains, platforms))])
    except PinsError as error:
        raise ConfigError("FILE", str(error)) from error


def called(name: str) -> str:
    """Return what a file is called where people read of it."""
    return "standard input" if name == "-" else name


def ask_mirror(url: str, pins: Pins, work: Work, told: Callable[[Tally], None]) -> Tally:
    """Let ``work`` ask the mirror at ``url`` for every file of ``pins``; ``told`` hears after each.

    Raises:
        ConfigError: the URL is unusable, or nothing answers there.
    """
    wanted = wanted_of(pins.pins)
    tally = Tally(len(wanted))

    def hear(settled: Had | Missing) -> None:
        tally.add(settled)
        told(tally)

    asyncio.run(_ask(url, wanted, work, hear))
    return tally


def missing_lines(missing: Sequence[Missing]) -> Iterator[str]:
    """Return a line for each module version and reason, with the files that it is about."""
    groups: dict[tuple[str, str], list[str]] = {}
    for each in missing:
        pin = each.wanted.pin
        groups.setdefault((f"{pin.module}@{pin.version}", _reason(each.error)), []).append(each.wanted.file)
    for (subject, reason), files in sorted(groups.items()):
        yield f"  {subject} ({', '.join(files)}): {reason}"


def missing_as_json(missing: Sequence[Missing]) -> list[dict[str, str]]:
    """Return the same for programs."""
    return [
        {
            "module": each.wanted.pin.module,
            "version": each.wanted.pin.version,
            "file": each.wanted.file,
            "reason": _reason(each.error),
        }
        for each in missing
    ]


def size_text(size: int) -> str:
    """Return a number of bytes for people."""
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"  # noqa: PLR2004  # a megabyte


def _read(name: str) -> Pins:
    if name.startswith("-") and name != "-":
        raise ConfigError("", f"Unknown option: {name}", hint=f"for a file of this name write ./{name}")
    try:
        with nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError("FILE", f"cannot read {name}: {error.strerror}") from error
    shown = called(name)
    if len(data) > MOST_BYTES:
        raise ConfigError("FILE", f"{shown} is larger than {size_text(MOST_BYTES)}: it pins no build")
    try:
        return read_pins(name, data)
    except PinsError as error:
        raise ConfigError(
            "FILE",
            f"{shown}: {error}",
            hint="give a go.sum, go.work.sum or go.mod, or lines of PATH@VERSION",
        ) from error


async def _ask(
    url: str, wanted: Sequence[Wanted], work: Work, told: Callable[[Had | Missing], None]
) -> None:
    clients = HttpClients(HttpSettings(first_byte_timeout=PATIENCE, stall_timeout=PATIENCE))
    try:
        mirror = _open(url, clients)
        await _greet(mirror)
        await work(Reader(mirror, told), wanted)
        await mirror.close()
    finally:
        await clients.close()


def _open(url: str, clients: HttpClients) -> Upstream:
    try:
        return open_upstream(url, clients, Credentials())
    except ConfigError as error:
        raise ConfigError("--url", error.reason, hint=error.hint) from error


async def _greet(mirror: Upstream) -> None:
    """Find out whether it is there: without this, each file would fail in turn. Any answer will do."""
    try:
        async with asyncio.timeout(HELLO), mirror.get("livez"):
            return
    except (UpstreamUnavailable, UpstreamTimeout) as error:
        reason = error.reason
    except TimeoutError:
        reason = f"no answer within {HELLO:g} s"
    raise ConfigError(
        "--url",
        f"no mirror answers at {mirror.name}: {reason}",
        hint="start one with `modmirror serve`, or name another with --url",
    )


def _reason(error: Error) -> str:
    reason = error.reason.partition("\n")[0]
    return reason if not isinstance(error, UpstreamError) else f"{error.upstream}: {reason}"
