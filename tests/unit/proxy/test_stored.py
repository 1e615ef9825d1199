"""Answers from the store alone."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from modmirror.mod.escape import escape_path, escape_version
from modmirror.mod.path import ModulePath
from modmirror.protocol.target import Kind, ModuleTarget, SumdbKind, SumdbTarget
from modmirror.proxy.stored import not_stored, stored_latest
from modmirror.storage.memory import MemoryStorage
from modmirror.storage.port import BlobKey, Extension

if TYPE_CHECKING:
    from modmirror.protocol.target import Target

M = ModulePath("x.y/M")
PSEUDO = "v1.9.1-0.20240203040506-0123456789ab"


async def store_of(*versions: str, extensions: tuple[Extension, ...] = ("info", "mod")) -> MemoryStorage:
    storage = MemoryStorage()
    for version in versions:
        for extension in extensions:
            body = f'{{"Version":"{version}"}}'.encode()
            key = BlobKey(escape_path(M), escape_version(version), extension)
            await storage.put(key, body, hashlib.sha256(body).hexdigest())
    return storage


@pytest.mark.parametrize(
    ("versions", "latest"),
    [
        (["v1.2.0", "v1.10.0", "v1.9.0"], "v1.10.0"),
        (["v1.0.0", "v1.1.0-rc.1", PSEUDO], "v1.0.0"),
        (["v1.1.0-rc.1", PSEUDO], "v1.1.0-rc.1"),
        (["v0.0.0-20230203040506-0123456789ab", PSEUDO], PSEUDO),
        (["v1.0.0", "v2.0.0+incompatible"], "v1.0.0"),
        (["v2.0.0+incompatible"], "v2.0.0+incompatible"),
    ],
)
async def test_the_latest_of_what_is_stored_is_what_the_go_command_would_choose(
    versions: list[str], latest: str
) -> None:
    assert await stored_latest(await store_of(*versions), M) == f'{{"Version":"{latest}"}}'.encode()


async def test_a_version_without_its_info_is_passed_over() -> None:
    storage = await store_of("v1.0.0")
    key = BlobKey(escape_path(M), escape_version("v1.1.0"), "mod")
    await storage.put(key, b"module x.y/M\n", hashlib.sha256(b"module x.y/M\n").hexdigest())
    assert await stored_latest(storage, M) == b'{"Version":"v1.0.0"}'


async def test_nothing_stored_is_no_latest() -> None:
    assert await stored_latest(MemoryStorage(), M) is None


@pytest.mark.parametrize(
    ("offline", "why"),
    [(True, "this mirror is offline for it"), (False, "this request forbids fetching it")],
)
def test_a_miss_says_why_nobody_was_asked(*, offline: bool, why: str) -> None:
    error = not_stored(ModuleTarget(Kind.LIST, M), offline=offline)
    assert error.reason == "x.y/M@list: temporarily unavailable"
    assert error.hint == f"it is not in the store, and {why}"


@pytest.mark.parametrize(
    ("target", "subject"),
    [
        (ModuleTarget(Kind.ZIP, M, "v1.0.0"), "x.y/M@v1.0.0"),
        (
            SumdbTarget(SumdbKind.LOOKUP, "sum.test", "lookup/x.y/!m@v1.0.0", M, "v1.0.0"),
            "x.y/M@v1.0.0 in sum.test",
        ),
        (SumdbTarget(SumdbKind.TILE, "sum.test", "tile/8/0/000"), "tile/8/0/000 in sum.test"),
    ],
)
def test_a_miss_names_what_was_asked_for(target: Target, subject: str) -> None:
    assert not_stored(target, offline=True).reason == f"{subject}: temporarily unavailable"
