from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from modmirror.errors import ConfigError, StorageBroken, StorageConflict, StorageFull
from modmirror.storage import filesystem
from modmirror.storage.filesystem import FilesystemStorage
from modmirror.storage.memory import MemorySpool
from tests.contract.storage_suite import KEY, ZIP, content, digest_of, key_of, put
from tests.fakes.faulty_os import FaultyOs, each_call
from tests.fakes.store_tree import leftovers, lists_out_of_step, module_files

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable
    from pathlib import Path

    from modmirror.storage.port import BlobKey

INFO = key_of("example.com/a", "v1.0.0", "info")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[FilesystemStorage]:
    store = await FilesystemStorage.open_store(tmp_path)
    yield store
    await store.close()


async def put_spooled(store: FilesystemStorage, key: BlobKey, data: bytes, h1: str = "h1:x=") -> None:
    spool = await store.spool()
    try:
        spool.write(data)
        await store.put(key, spool, digest_of(data), h1)
    finally:
        spool.close()


# --- the tree --------------------------------------------------------------------------------------


async def test_the_tree_is_the_one_of_the_go_command(store: FilesystemStorage, tmp_path: Path) -> None:
    module = "github.com/Azure/x"
    for version in ("v1.10.0", "v1.9.0-RC.1"):
        await put(store, key_of(module, version, "info"), b"{}")
        await put(store, key_of(module, version, "mod"), b"module github.com/Azure/x\n")
        await put_spooled(store, key_of(module, version, "zip"), b"PK", "h1:abc=")
    below = "github.com/!azure/x/@v"
    assert module_files(tmp_path) == {
        f"{below}/list": b"v1.9.0-RC.1\nv1.10.0\n",
        f"{below}/v1.10.0.info": b"{}",
        f"{below}/v1.10.0.mod": b"module github.com/Azure/x\n",
        f"{below}/v1.10.0.zip": b"PK",
        f"{below}/v1.10.0.ziphash": b"h1:abc=",
        f"{below}/v1.9.0-!r!c.1.info": b"{}",
        f"{below}/v1.9.0-!r!c.1.mod": b"module github.com/Azure/x\n",
        f"{below}/v1.9.0-!r!c.1.zip": b"PK",
        f"{below}/v1.9.0-!r!c.1.ziphash": b"h1:abc=",
    }


async def test_a_conflict_changes_nothing_in_the_tree(store: FilesystemStorage, tmp_path: Path) -> None:
    await put(store, KEY, b"module a\n")
    await put(store, ZIP, b"PK", "h1:first=")
    before = module_files(tmp_path)
    with pytest.raises(StorageConflict):
        await put_spooled(store, ZIP, b"KP", "h1:second=")
    with pytest.raises(StorageConflict):
        await put(store, KEY, b"module b\n")
    assert module_files(tmp_path) == before
    assert leftovers(tmp_path) == []


async def test_a_second_put_adds_what_an_imported_tree_lacks(
    store: FilesystemStorage, tmp_path: Path
) -> None:
    await put(store, KEY, b"module a\n")
    await put(store, ZIP, b"PK")
    directory = tmp_path / "example.com/a/@v"
    (directory / "list").unlink()
    await put(store, KEY, b"module a\n")
    await put(store, ZIP, b"PK", "h1:x=")
    assert (directory / "list").read_bytes() == b"v1.0.0\n"
    assert (directory / "v1.0.0.ziphash").read_bytes() == b"h1:x="


async def test_a_spool_is_linked_and_not_copied(store: FilesystemStorage, tmp_path: Path) -> None:
    spool = await store.spool()
    spool.write(b"PK")
    before = spool.path.stat().st_ino
    await store.put(ZIP, spool, digest_of(b"PK"))
    assert (tmp_path / ZIP.path).stat().st_ino == before
    assert leftovers(tmp_path) == []


async def test_bytes_are_synced_before_they_get_a_name_and_names_before_a_put_returns(
    store: FilesystemStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, INFO, b"{}")
    faults = FaultyOs(monkeypatch)
    faults.fail(100, errno.EIO)
    await put(store, KEY, b"module a\n")
    assert faults.seen == [
        *("open", "pwrite", "fsync"),  # the .mod under a private name
        *("pwrite", "fdatasync"),  # the journal: this module's list is about to be out of step
        "link",
        *("open", "pwrite", "fsync", "replace"),  # the list
        *("open", "fsync"),  # the directory, which makes both names durable
        "unlink",
    ]


async def test_a_spool_of_another_store_is_refused(store: FilesystemStorage, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="MemorySpool"):
        await store.put(ZIP, MemorySpool(), "")
    assert module_files(tmp_path) == {}


async def test_a_go_module_cache_can_be_the_store(tmp_path: Path) -> None:
    directory = tmp_path / "example.com/a/@v"
    directory.mkdir(parents=True)
    for name, data in {
        "list": b"v1.0.0\nv0.0.0-20200101000000-abcdefabcdef\n",
        "v1.0.0.info": b"{}",
        "v1.0.0.mod": b"module example.com/a\n",
        "v0.0.0-20200101000000-abcdefabcdef.mod": b"module example.com/a\n",
        "v1.0.0.zip": b"PK",
        "v1.0.0.ziphash": b"h1:x=",
        "v1.0.0.lock": b"",
        "v1.1.0.partial": b"",
    }.items():
        (directory / name).write_bytes(data)
        (directory / name).chmod(0o444)
    (tmp_path / "sumdb/sum.golang.org/tile/8/0").mkdir(parents=True)
    (tmp_path / "sumdb/sum.golang.org/tile/8/0/000").write_bytes(b"")
    (tmp_path / "cache.lock").write_bytes(b"")
    store = await FilesystemStorage.open_store(tmp_path)
    assert await content(store, ZIP) == b"PK"
    opened = await store.open(KEY)
    assert opened is not None
    assert opened.blob.digest == digest_of(b"module example.com/a\n")
    opened.close()
    await put(store, key_of("example.com/a", "v1.1.0", "mod"), b"module example.com/a\n")
    assert sorted(await store.versions(KEY.module)) == [
        "v0.0.0-20200101000000-abcdefabcdef",
        "v1.0.0",
        "v1.1.0",
    ]
    assert (directory / "list").read_bytes() == b"v0.0.0-20200101000000-abcdefabcdef\nv1.0.0\nv1.1.0\n"
    await store.close()


# --- digests ---------------------------------------------------------------------------------------


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    calls: list[int] = []
    real = filesystem._sha256

    def counted(descriptor: int) -> str:
        calls.append(descriptor)
        return real(descriptor)

    monkeypatch.setattr(filesystem, "_sha256", counted)
    return calls


async def test_a_file_that_was_put_is_never_hashed_again(tmp_path: Path, hashed: list[int]) -> None:
    store = await FilesystemStorage.open_store(tmp_path)
    await put(store, ZIP, b"PK")
    assert await content(store, ZIP) == b"PK"
    await store.close()
    store = await FilesystemStorage.open_store(tmp_path)
    assert await content(store, ZIP) == b"PK"
    await store.close()
    assert hashed == []


async def test_a_file_of_others_is_hashed_once_however_many_ask(
    store: FilesystemStorage, tmp_path: Path, hashed: list[int]
) -> None:
    (tmp_path / ZIP.path).parent.mkdir(parents=True)
    (tmp_path / ZIP.path).write_bytes(bytes(3 << 20))
    opened = await asyncio.gather(*(store.open(ZIP) for _ in range(20)))
    assert {one.blob.digest for one in opened if one} == {hashlib.sha256(bytes(3 << 20)).hexdigest()}
    for one in opened:
        assert one is not None
        one.close()
    assert await content(store, ZIP) is not None
    assert len(hashed) == 1


async def test_a_lost_database_is_rebuilt_from_the_files(tmp_path: Path, hashed: list[int]) -> None:
    store = await FilesystemStorage.open_store(tmp_path)
    blob = await put(store, ZIP, b"PK")
    await store.close()
    (tmp_path / ".modmirror/state.db").write_bytes(b"no database at all " * 100)
    store = await FilesystemStorage.open_store(tmp_path)
    assert store.database.moved_aside == "state.db.broken-1"
    opened = await store.open(ZIP)
    assert opened is not None
    assert opened.blob == blob
    opened.close()
    await store.close()
    assert len(hashed) == 1


async def test_a_client_that_leaves_does_not_stop_the_hash(
    store: FilesystemStorage, tmp_path: Path
) -> None:
    release = threading.Event()
    real = filesystem._sha256

    def held(descriptor: int) -> str:
        assert release.wait(10)
        return real(descriptor)

    (tmp_path / ZIP.path).parent.mkdir(parents=True)
    (tmp_path / ZIP.path).write_bytes(b"PK")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(filesystem, "_sha256", held)
        leaving, staying = (asyncio.create_task(store.open(ZIP)) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        release.set()
        opened = await staying
    assert opened is not None
    assert opened.blob.digest == digest_of(b"PK")
    opened.close()


async def test_a_long_hash_and_full_writers_keep_no_hit_waiting(
    store: FilesystemStorage, tmp_path: Path
) -> None:
    release = threading.Event()
    await put(store, INFO, b"{}")
    for executor, threads in ((store._hashers, 2), (store._writers, 4)):
        for _ in range(threads + 1):
            executor.submit(release.wait, 10)
    try:
        assert await asyncio.wait_for(content(store, INFO), 5) == b"{}"
        assert await asyncio.wait_for(store.versions(INFO.module), 5) == []
    finally:
        release.set()


# --- failures --------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.EMFILE, errno.ENOTDIR, errno.ESTALE])
async def test_a_file_that_cannot_be_opened_is_not_absent(
    store: FilesystemStorage, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    await put(store, KEY, b"module a\n")
    faults = FaultyOs(monkeypatch, ("open",))
    faults.fail(1, code)
    with pytest.raises(StorageBroken, match="cannot open a stored file"):
        await store.open(KEY)
    assert faults.heal()


async def test_a_directory_that_cannot_be_listed_is_not_empty(
    store: FilesystemStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    await put(store, KEY, b"module a\n")
    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(StorageBroken, match="Permission denied"):
        await store.versions(KEY.module)


async def test_a_name_longer_than_the_file_system_can_hold_is_absent(
    store: FilesystemStorage, tmp_path: Path
) -> None:
    key = key_of(f"example.com/{'a' * 300}", "v1.0.0", "mod")
    assert await store.open(key) is None
    assert await store.versions(key.module) == []
    with pytest.raises(StorageBroken, match="File name too long"):
        await put(store, key, b"module a\n")
    assert (module_files(tmp_path), leftovers(tmp_path)) == ({}, [])


async def test_something_else_under_a_files_name_is_not_absent(
    store: FilesystemStorage, tmp_path: Path
) -> None:
    (tmp_path / ZIP.path).mkdir(parents=True)
    with pytest.raises(StorageBroken, match="Is a directory"):
        await store.open(ZIP)


async def test_a_store_that_went_away_is_not_empty(store: FilesystemStorage, tmp_path: Path) -> None:
    assert await store.open(KEY) is None
    for lock in (tmp_path / ".modmirror").glob("lock"):
        lock.rename(tmp_path / ".modmirror/elsewhere")
    with pytest.raises(StorageBroken, match="gone away"):
        await store.open(KEY)
    with pytest.raises(StorageBroken, match="gone away"):
        await store.versions(KEY.module)
    with pytest.raises(StorageBroken, match="gone away"):
        await store.check()


async def failure_of(attempt: Awaitable[object]) -> BaseException | None:
    (outcome,) = await asyncio.gather(attempt, return_exceptions=True)
    return outcome if isinstance(outcome, BaseException) else None


@pytest.mark.parametrize("forever", [False, True])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("key", [INFO, KEY, ZIP])
async def test_a_put_that_fails_at_any_call_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: BlobKey, code: int, *, forever: bool
) -> None:
    faults = FaultyOs(monkeypatch)
    for nth in each_call():
        root = tmp_path / f"{nth}"
        store = await FilesystemStorage.open_store(root)
        await put(store, key_of("example.com/a", "v0.9.0", "mod"), b"module a\n")
        before = module_files(root)
        spool = await store.spool()
        spool.write(b"some bytes")
        faults.fail(nth, code, forever=forever)
        error = await failure_of(
            store.put(key, spool, digest_of(b"some bytes"), "h1:x=" if key == ZIP else "")
        )
        fired = faults.heal()
        spool.close()
        if error is None:
            assert await content(store, key) == b"some bytes"
        else:
            assert type(error) is (StorageFull if code == errno.ENOSPC else StorageBroken)
            if not forever:
                assert (module_files(root), leftovers(root)) == (before, [])
                await put(store, key, b"some bytes")
            elif module_files(root).keys() > before.keys():
                # The disk would not even let go of a name: then it is a whole file, and listed below.
                assert module_files(root)[key.path] == b"some bytes"
        await store.close()
        store = await FilesystemStorage.open_store(root)
        assert (lists_out_of_step(root), leftovers(root)) == ([], [])
        await store.close()
        if not fired:
            break
    assert nth > 4


async def test_a_store_keeps_some_space_free(tmp_path: Path) -> None:
    store = await FilesystemStorage.open_store(tmp_path)
    await put(store, KEY, b"module a\n")
    await store.close()
    store = await FilesystemStorage.open_store(tmp_path, min_free_bytes=1 << 60)
    assert 0 < store.free_bytes() < 1 << 60
    for attempt in (store.check(), store.spool(), put(store, INFO, b"{}"), put(store, KEY, b"module a\n")):
        with pytest.raises(StorageFull, match="must keep"):
            await attempt
    assert await content(store, KEY) == b"module a\n"
    await store.close()


async def test_a_disk_that_takes_no_writes_fails_the_check(
    store: FilesystemStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = FaultyOs(monkeypatch)
    faults.fail(1, errno.EROFS)
    with pytest.raises(StorageBroken, match="Read-only"):
        await store.check()
    faults.heal()
    await store.check()


async def test_a_database_that_takes_no_writes_fails_the_check(store: FilesystemStorage) -> None:
    with pytest.raises(StorageBroken):
        await store.database.submit("insert into nowhere values (1)", ())
    with pytest.raises(StorageBroken, match="database failed"):
        await store.check()


async def test_a_store_in_use_is_not_opened_twice(store: FilesystemStorage, tmp_path: Path) -> None:
    assert not await store.versions(KEY.module)
    with pytest.raises(ConfigError, match="in use by process"):
        await FilesystemStorage.open_store(tmp_path)


async def test_a_failed_opening_holds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".modmirror/journal").mkdir(parents=True)
    with pytest.raises(StorageBroken, match="mend the version lists"):
        await FilesystemStorage.open_store(tmp_path)
    (tmp_path / ".modmirror/journal").rmdir()
    store = await FilesystemStorage.open_store(tmp_path)
    await store.close()
