from __future__ import annotations

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist, StorageBroken, UpstreamUnavailable
from modmirror.mod.path import check_path
from modmirror.origin.ask import ask
from modmirror.origin.resolve.facts import Done
from modmirror.origin.resolve.questions import revision
from modmirror.origin.resolve.site import ModuleSite
from modmirror.origin.zips import ZipMaker
from tests.fakes.model_repository import Content, Link, ModelRepository

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from modmirror.origin.resolve.convert import Resolved

M = check_path("github.com/u/model")


@pytest.fixture
def maker(tmp_path: Path) -> Iterator[ZipMaker]:
    with ThreadPoolExecutor(1) as pool:
        yield ZipMaker(tmp_path / "zips", pool)


class CutOff(ModelRepository):
    """Its archives break in the middle."""

    @asynccontextmanager
    async def archive(self, commit_id: str, directory: str) -> AsyncIterator[AsyncIterator[bytes]]:
        async with super().archive(commit_id, directory) as pieces:

            async def some() -> AsyncIterator[bytes]:
                yield await anext(pieces)
                raise UpstreamUnavailable(self.url, "it broke off")

            yield some()


def model(files: dict[str, Content], repository: ModelRepository | None = None) -> ModelRepository:
    made = repository or ModelRepository(f"https://{M}")
    made.add(files)
    return made


async def resolve(repository: ModelRepository, directory: str = "") -> Resolved:
    module = check_path(f"{M}/{directory}".rstrip("/"))
    done = await ask(repository, partial(revision, ModuleSite(module, M), "main"))
    assert isinstance(done, Done)
    return done.result


async def names(maker: ZipMaker, repository: ModelRepository, directory: str = "") -> dict[str, bytes]:
    resolved = await resolve(repository, directory)
    async with maker.make(repository, resolved) as made:
        with zipfile.ZipFile(io.BytesIO(made.read(0, made.size))) as archive:
            prefix = f"{resolved.module}@{resolved.version}/"
            return {name.removeprefix(prefix): archive.read(name) for name in archive.namelist()}


async def test_a_zip_has_the_files_of_the_commit(maker: ZipMaker) -> None:
    big = bytes(range(256)) * 20_000  # more than one batch
    repository = model({"go.mod": f"module {M}\n", "big.bin": big, "link": Link("big.bin")})
    assert await names(maker, repository) == {"go.mod": f"module {M}\n".encode(), "big.bin": big}


async def test_a_zip_of_a_directory_takes_the_licence_of_the_root(maker: ZipMaker) -> None:
    go_mod = f"module {M}/sub\n"
    repository = model({"sub/go.mod": go_mod, "LICENSE": "free\n", "other.go": "package m\n"})
    assert await names(maker, repository, "sub") == {"go.mod": go_mod.encode(), "LICENSE": b"free\n"}


async def test_the_root_does_not_ask_for_its_licence_again(maker: ZipMaker) -> None:
    repository = model({"go.mod": f"module {M}\n", "LICENSE": "free\n"})
    assert list(await names(maker, repository)) == ["LICENSE", "go.mod"]
    assert not [asked for asked in repository.asked if asked[0] == "read" and asked[2] == "LICENSE"]


async def test_a_plan_is_that_of_the_zip(maker: ZipMaker) -> None:
    repository = model({"go.mod": f"module {M}\n", "vendor/x/y.go": "package y\n"})
    resolved = await resolve(repository)
    plan = await maker.plan(repository, resolved)
    async with maker.make(repository, resolved) as made:
        assert made.plan == plan
    assert [dropped.path for dropped in plan.dropped] == ["vendor/x/y.go"]


async def test_the_same_commit_gives_the_same_bytes(maker: ZipMaker) -> None:
    repository = model({"go.mod": f"module {M}\n", "m.go": "package m\n"})
    resolved = await resolve(repository)
    async with maker.make(repository, resolved) as one, maker.make(repository, resolved) as two:
        assert one.h1 == two.h1
        assert one.read(0, one.size) == two.read(0, two.size)


async def test_files_on_disk_have_no_name(maker: ZipMaker, tmp_path: Path) -> None:
    repository = model({"go.mod": f"module {M}\n"})
    async with maker.make(repository, await resolve(repository)):
        assert list((tmp_path / "zips").iterdir()) == []


async def test_reading_stops_at_the_end(maker: ZipMaker) -> None:
    repository = model({"go.mod": f"module {M}\n"})
    async with maker.make(repository, await resolve(repository)) as made:
        assert len(made.read(made.size - 3, 100)) == 3
        assert made.read(made.size, 1) == b""


async def test_files_that_no_zip_may_hold_are_refused(maker: ZipMaker) -> None:
    repository = model({"go.mod": f"module {M}\n", "a.go": "1", "A.go": "2"})
    resolved = await resolve(repository)
    with pytest.raises(NotExist, match="no module zip may hold"):
        async with maker.make(repository, resolved):
            pytest.fail("a zip was made")


async def test_an_archive_that_breaks_off_is_a_failure(maker: ZipMaker) -> None:
    repository = model({"go.mod": f"module {M}\n", "m.go": "x" * 9000}, CutOff(f"https://{M}"))
    resolved = await resolve(repository)
    with pytest.raises(UpstreamUnavailable, match="it broke off"):
        async with maker.make(repository, resolved):
            pytest.fail("a zip was made")


async def test_a_directory_that_cannot_be_made_is_a_broken_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    repository = model({"go.mod": f"module {M}\n"})
    resolved = await resolve(repository)
    with ThreadPoolExecutor(1) as pool, pytest.raises(StorageBroken, match="no room to make a zip"):
        await ZipMaker(tmp_path / "file" / "zips", pool).plan(repository, resolved)
