from __future__ import annotations

import asyncio
import os
import threading
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError, UpstreamTimeout, UpstreamUnavailable
from modmirror.upstream import directory
from modmirror.upstream.directory import DirectoryUpstream
from tests.contract.upstream_suite import fetch
from tests.fakes.gomodules import GoModules

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

PATH = "example.com/m/@v/v1.0.0.zip"


@pytest.fixture
async def upstream(tmp_path: Path) -> AsyncIterator[DirectoryUpstream]:
    upstream = DirectoryUpstream(f"file://{tmp_path}", stall_timeout=5)
    yield upstream
    await upstream.close()


def write(root: Path, path: str, content: bytes) -> Path:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return target


async def test_a_written_goproxy_tree_is_served(upstream: DirectoryUpstream, tmp_path: Path) -> None:
    modules = GoModules()
    modules.add("example.com/Up", "v1.0.0")
    modules.write(tmp_path)
    reply, body = await fetch(upstream, "example.com/!up/@v/list")
    assert (reply.content_type, body) == ("text/plain; charset=utf-8", b"v1.0.0\n")
    types = {}
    for path in ("@v/v1.0.0.info", "@v/v1.0.0.mod", "@v/v1.0.0.zip", "@latest"):
        reply, _ = await fetch(upstream, f"example.com/!up/{path}")
        types[path] = reply.content_type
    assert types == {
        "@v/v1.0.0.info": "application/json",
        "@v/v1.0.0.mod": "text/plain; charset=utf-8",
        "@v/v1.0.0.zip": "application/zip",
        "@latest": "application/json",
    }


async def test_a_directory_is_never_listed(upstream: DirectoryUpstream, tmp_path: Path) -> None:
    write(tmp_path, PATH, b"x")
    for path in ("example.com", "example.com/m/@v"):
        assert (await fetch(upstream, path))[0].status == 404


async def test_a_file_in_place_of_a_directory_is_a_404(upstream: DirectoryUpstream, tmp_path: Path) -> None:
    write(tmp_path, "example.com", b"x")
    assert (await fetch(upstream, PATH))[0].status == 404


async def test_a_pipe_is_no_file_and_blocks_nobody(upstream: DirectoryUpstream, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert (await fetch(upstream, "pipe"))[0].status == 404


async def test_a_forbidden_file_is_a_403(
    upstream: DirectoryUpstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, PATH, b"x")
    monkeypatch.setattr(os, "open", _raising(PermissionError(13, "Permission denied")))
    reply, body = await fetch(upstream, PATH)
    assert (reply.status, body) == (403, b"forbidden\n")


async def test_a_vanished_directory_is_a_failure_and_not_a_404(tmp_path: Path) -> None:
    upstream = DirectoryUpstream(f"file://{tmp_path}/unmounted")
    with pytest.raises(UpstreamUnavailable, match="directory is not there"):
        await fetch(upstream, PATH)
    await upstream.close()


async def test_a_disk_error_is_a_failure_and_not_a_404(
    upstream: DirectoryUpstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, PATH, b"x")
    monkeypatch.setattr(os, "open", _raising(OSError(5, "Input/output error")))
    with pytest.raises(UpstreamUnavailable, match="Input/output error"):
        await fetch(upstream, PATH)


async def test_a_read_error_breaks_the_body(
    upstream: DirectoryUpstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, PATH, b"x")
    monkeypatch.setattr(os, "pread", _raising(OSError(5, "Input/output error")))
    with pytest.raises(UpstreamUnavailable, match="Input/output error"):
        await fetch(upstream, PATH)


async def test_a_file_that_shrinks_while_it_is_read_is_a_broken_body(
    upstream: DirectoryUpstream, tmp_path: Path
) -> None:
    target = write(tmp_path, PATH, bytes(3 * directory.CHUNK))
    async with upstream.get(PATH) as reply:
        body = aiter(reply.body)
        await anext(body)
        os.truncate(target, directory.CHUNK)
        with pytest.raises(UpstreamUnavailable, match="shorter"):
            await anext(body)


async def test_a_disk_that_does_not_answer_is_a_timeout_and_gives_its_file_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream = DirectoryUpstream(f"file://{tmp_path}", stall_timeout=0.05)
    write(tmp_path, PATH, b"x")
    wedge, closed = threading.Event(), threading.Event()
    real_close = os.close

    def pread(*_: int) -> bytes:
        wedge.wait(10)
        return b"x"

    def close(descriptor: int) -> None:
        real_close(descriptor)
        closed.set()

    with monkeypatch.context() as patched:
        patched.setattr(os, "pread", pread)
        patched.setattr(os, "close", close)
        with pytest.raises(UpstreamTimeout, match="did not answer"):
            await fetch(upstream, PATH)
        assert not closed.is_set()
        wedge.set()
        assert await asyncio.to_thread(closed.wait, 10)
    await upstream.close()


async def test_a_body_read_after_it_was_left_is_a_bug(upstream: DirectoryUpstream, tmp_path: Path) -> None:
    write(tmp_path, PATH, b"x")
    async with upstream.get(PATH) as reply:
        pass
    with pytest.raises(ValueError, match="left before"):
        await anext(aiter(reply.body))


@pytest.mark.parametrize(
    "url", ["file://host/dir", "file:dir", "file:///dir?x", "file:///%00", "http://[", "file://["]
)
def test_only_an_absolute_local_directory_will_do(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        DirectoryUpstream(url)
    assert caught.value.key == "from"


def _raising(error: OSError) -> Callable[..., int]:
    def call(*_: object) -> int:
        raise error

    return call
