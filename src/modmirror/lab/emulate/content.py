"""What an emulated mirror answers: from a path, a behaviour and the time to status, headers and body.

Decides, but sends nothing and waits for nothing (:mod:`modmirror.lab.emulate.mirror`).
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from modmirror.errors import InvalidTarget, NotExist
from modmirror.lab.emulate.behaviour import falls_on
from modmirror.lab.emulate.modules import make_release
from modmirror.protocol.listing import format_list
from modmirror.protocol.target import Kind, ModuleTarget, SumdbKind, SumdbTarget, parse_target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modmirror.lab.emulate.behaviour import Behaviour, Chance
    from modmirror.lab.emulate.modules import ModuleSet, Release
    from modmirror.lab.emulate.sumdb import EmulatedSumdb

Flaw: TypeAlias = Literal["", "truncate", "endless", "silent"]

_TEXT = "text/plain; charset=utf-8"
_TYPES = {Kind.ZIP: "application/zip", Kind.MOD: _TEXT, Kind.LIST: _TEXT}
_OK, _UNAUTHORIZED, _NOT_FOUND, _BUSY, _UNAVAILABLE = 200, 401, 404, 429, 503


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send. ``flaw`` says how the sending goes wrong."""

    status: int
    body: bytes
    content_type: str = _TEXT
    headers: tuple[tuple[str, str], ...] = ()
    flaw: Flaw = ""
    delay: float = 0.0
    """Seconds before the first byte."""


@dataclass(frozen=True, slots=True)
class World:
    """What all mirrors of one origin share."""

    modules: ModuleSet
    sumdb: EmulatedSumdb


def answer(
    world: World, behaviour: Behaviour, path: str, headers: Mapping[str, str], now: float, chance: Chance
) -> Answer:
    """Answer a request for ``path``. ``now`` is Unix time; header names are in lower case."""
    refused = _refused(behaviour, headers, chance)
    if refused is not None:
        return refused
    try:
        target = parse_target(path.encode(), (world.sumdb.name,))
        if isinstance(target, SumdbTarget):
            found = _sumdb(world, behaviour, target)
        else:
            found = _module(world.modules, behaviour, target, now)
    except (InvalidTarget, NotExist) as error:
        found = Answer(_NOT_FOUND, f"not found: {error.reason}\n".encode())
    return _flawed(found, behaviour, path, world.modules.seed, chance)


def _refused(behaviour: Behaviour, headers: Mapping[str, str], chance: Chance) -> Answer | None:
    if chance.random() < behaviour.silent:
        return Answer(_OK, b"", flaw="silent")
    if behaviour.auth:
        wanted = "Basic " + b64encode(behaviour.auth.encode()).decode()
        if headers.get("authorization") != wanted:
            challenge = (("WWW-Authenticate", 'Basic realm="lab"'),)
            return Answer(_UNAUTHORIZED, b"unauthorized\n", headers=challenge)
    later = (("Retry-After", f"{behaviour.retry_after:.0f}"),)
    if chance.random() < behaviour.busy:
        return Answer(_BUSY, b"too many requests\n", headers=later)
    if chance.random() < behaviour.errors:
        headers_of_error = later if behaviour.error_status == _UNAVAILABLE else ()
        return Answer(behaviour.error_status, b"out of order\n", headers=headers_of_error)
    return None


def _module(modules: ModuleSet, behaviour: Behaviour, target: ModuleTarget, now: float) -> Answer:
    match target.kind:
        case Kind.LIST:
            versions = modules.versions(target.module, now - behaviour.stale)
            if not versions and target.module not in modules.specs:
                raise NotExist(f"{target.module}: unknown module")
            return Answer(_OK, format_list(versions))
        case Kind.LATEST:
            version = modules.latest(target.module, now - behaviour.stale)
        case Kind.QUERY:
            version = modules.latest(target.module, now) if target.version in {"main", "master"} else ""
        case _:
            version = target.version
    release = _release(modules, behaviour, replace(target, version=version), now)
    if target.kind is Kind.ZIP:
        return Answer(_OK, _zip_of(release, behaviour, modules.seed), _TYPES[Kind.ZIP])
    if target.kind is Kind.MOD:
        return Answer(_OK, release.mod)
    return Answer(_OK, release.info, "application/json")


def _release(modules: ModuleSet, behaviour: Behaviour, target: ModuleTarget, now: float) -> Release:
    name = f"{target.module}@{target.version}"
    release = modules.release(target.module, target.version)
    if release is None or release.published > now - behaviour.late:
        raise NotExist(f"{name}: unknown revision")
    if falls_on(behaviour.missing, modules.seed, "missing", name):
        raise NotExist(f"{name}: not kept by this mirror")
    return release


def _zip_of(release: Release, behaviour: Behaviour, seed: int) -> bytes:
    if not falls_on(behaviour.corrupt, seed, "corrupt", f"{release.module}@{release.version}"):
        return release.zip
    other = make_release(
        release.module, release.version, published=release.published, size=1024, seed=f"{seed} corrupt"
    )
    return other.zip


def _sumdb(world: World, behaviour: Behaviour, target: SumdbTarget) -> Answer:
    if not behaviour.sumdb:
        raise NotExist("no checksum database is passed on here")
    match target.kind:
        case SumdbKind.SUPPORTED:
            return Answer(_OK, b"")
        case SumdbKind.LATEST:
            return Answer(_OK, world.sumdb.latest())
        case SumdbKind.LOOKUP if target.module is not None:
            return Answer(_OK, world.sumdb.lookup(target.module, target.version))
        case _:
            return Answer(_OK, world.sumdb.tile(target.path), "application/octet-stream")


def _flawed(found: Answer, behaviour: Behaviour, path: str, seed: int, chance: Chance) -> Answer:
    delay = behaviour.delay + behaviour.jitter * (2 * chance.random() - 1)
    if path.endswith(".zip"):
        delay += behaviour.zip_delay
    body = found.body
    if body and falls_on(behaviour.garbled, seed, "garbled", path):
        middle = len(body) // 2
        body = body[:middle] + bytes([body[middle] ^ 0xFF]) + body[middle + 1 :]
    flaw: Flaw = ""
    if chance.random() < behaviour.truncate and body:
        flaw = "truncate"
    elif chance.random() < behaviour.endless:
        flaw = "endless"
    return replace(found, body=body, delay=max(0.0, delay), flaw=flaw)
