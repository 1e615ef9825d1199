"""What every store must do. A backend's tests subclass these and say how to open one."""

from __future__ import annotations

import asyncio
import hashlib
import random
import time

import pytest

from modmirror.errors import StorageConflict
from modmirror.mod.escape import escape_path, escape_version
from modmirror.mod.path import check_path
from modmirror.storage.port import (
    Blob,
    BlobKey,
    Document,
    DocumentStorage,
    Extension,
    ModuleStorage,
    OpenBlob,
)

MEBIBYTE = 1 << 20


def key_of(module: str, version: str, extension: Extension) -> BlobKey:
    return BlobKey(escape_path(check_path(module)), escape_version(version), extension)


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def put(store: ModuleStorage, key: BlobKey, data: bytes, h1: str = "") -> Blob:
    return await store.put(key, data, digest_of(data), h1)


async def read_all(opened: OpenBlob, size: int = 120 * 1024) -> bytes:
    """Read as the server does: at once where that needs no waiting, else wait."""
    pieces: list[bytes] = []
    offset = 0
    while True:
        piece = opened.read_now(offset, size)
        if piece is None:
            piece = await opened.read(offset, size)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
        offset += len(piece)


async def content(store: ModuleStorage, key: BlobKey) -> bytes | None:
    opened = await store.open(key)
    if opened is None:
        return None
    try:
        return await read_all(opened)
    finally:
        opened.close()


KEY = key_of("example.com/a", "v1.0.0", "mod")
ZIP = key_of("example.com/a", "v1.0.0", "zip")


class ModuleStorageSuite:
    """Subclasses provide a ``store`` fixture."""

    async def test_what_was_put_can_be_read(self, store: ModuleStorage) -> None:
        before = time.time()
        blob = await put(store, KEY, b"module example.com/a\n")
        assert (blob.key, blob.size, blob.digest) == (KEY, 21, digest_of(b"module example.com/a\n"))
        assert abs(blob.stored_at - before) < 60
        opened = await store.open(KEY)
        assert opened is not None
        assert opened.blob == blob
        assert await read_all(opened) == b"module example.com/a\n"
        opened.close()

    async def test_a_key_never_put_is_absent(self, store: ModuleStorage) -> None:
        await put(store, KEY, b"module example.com/a\n")
        for other in (
            ZIP,
            key_of("example.com/a", "v1.0.1", "mod"),
            key_of("example.com/b", "v1.0.0", "mod"),
        ):
            assert await store.open(other) is None

    async def test_an_empty_file_is_stored_and_not_absent(self, store: ModuleStorage) -> None:
        await put(store, ZIP, b"")
        assert await content(store, ZIP) == b""

    async def test_reads_are_by_position_and_end_with_empty(self, store: ModuleStorage) -> None:
        await put(store, ZIP, b"0123456789")
        opened = await store.open(ZIP)
        assert opened is not None
        wanted = ((3, 4, b"3456"), (8, 10, b"89"), (10, 1, b""), (99, 1, b""), (0, 0, b""))
        for offset, size, want in wanted:
            assert await opened.read(offset, size) == want
            assert opened.read_now(offset, size) in {want, None}
        opened.close()
        opened.close()

    async def test_the_same_bytes_may_be_put_again(self, store: ModuleStorage) -> None:
        first = await put(store, KEY, b"module example.com/a\n")
        assert await put(store, KEY, b"module example.com/a\n") == first

    async def test_other_bytes_are_a_conflict_and_the_first_stay(self, store: ModuleStorage) -> None:
        first = await put(store, KEY, b"first")
        for other in (b"other", b"fir", b"first!", b""):
            with pytest.raises(StorageConflict):
                await put(store, KEY, other)
        opened = await store.open(KEY)
        assert opened is not None
        assert (opened.blob, await read_all(opened)) == (first, b"first")
        opened.close()

    async def test_of_concurrent_puts_one_wins(self, store: ModuleStorage) -> None:
        bodies = [f"body {number}".encode() for number in range(16)]
        outcomes = await asyncio.gather(*(put(store, KEY, body) for body in bodies), return_exceptions=True)
        winners = [
            body for body, outcome in zip(bodies, outcomes, strict=True) if isinstance(outcome, Blob)
        ]
        assert sum(isinstance(outcome, StorageConflict) for outcome in outcomes) == 15
        assert [await content(store, KEY)] == winners

    async def test_concurrent_puts_of_the_same_bytes_all_succeed(self, store: ModuleStorage) -> None:
        blobs = await asyncio.gather(*(put(store, KEY, b"same") for _ in range(16)))
        assert {blob.digest for blob in blobs} == {digest_of(b"same")}

    async def test_versions_are_those_with_a_mod(self, store: ModuleStorage) -> None:
        module = "github.com/Azure/x"
        listed = ["v1.0.0", "v1.1.0-RC.1", "v2.0.0+incompatible", "v0.0.0-20200101000000-abcdefabcdef"]
        for version in listed:
            await put(store, key_of(module, version, "mod"), b"module github.com/Azure/x\n")
            await put(store, key_of(module, version, "info"), b"{}")
        await put(store, key_of(module, "v3.0.0", "info"), b"{}")
        await put(store, key_of(module, "v3.0.0", "zip"), b"zip")
        assert sorted(await store.versions(key_of(module, "v1.0.0", "mod").module)) == sorted(listed)

    async def test_versions_follow_each_put(self, store: ModuleStorage) -> None:
        for minor in range(5):
            await put(store, key_of("example.com/a", f"v1.{minor}.0", "mod"), b"module example.com/a\n")
            assert len(await store.versions(KEY.module)) == minor + 1

    async def test_a_module_without_files_has_no_versions(self, store: ModuleStorage) -> None:
        assert await store.versions(KEY.module) == []

    async def test_modules_whose_paths_begin_alike_are_kept_apart(self, store: ModuleStorage) -> None:
        modules = [
            "x.test/a/b",
            "x.test/a/b-c",
            "x.test/a/b/v2",
            "x.test/a/B",
            "x.test/a/b/c",
            "x.test/a/b.c",
        ]
        for number, module in enumerate(modules):
            major = 2 if module.endswith("/v2") else 1
            await put(store, key_of(module, f"v{major}.{number}.0", "mod"), module.encode())
        for number, module in enumerate(modules):
            major = 2 if module.endswith("/v2") else 1
            key = key_of(module, f"v{major}.{number}.0", "mod")
            assert await store.versions(key.module) == [f"v{major}.{number}.0"]
            assert await content(store, key) == module.encode()

    async def test_versions_that_begin_alike_are_kept_apart(self, store: ModuleStorage) -> None:
        versions = ["v1.0.0", "v1.0.0-rc.1", "v1.0.0-rc.10", "v1.0.0-RC.1", "v1.0.0+incompatible"]
        for version in versions:
            await put(store, key_of("x.test/a", version, "info"), version.encode())
        for version in versions:
            assert await content(store, key_of("x.test/a", version, "info")) == version.encode()
        assert await store.open(key_of("x.test/a", "v1.0.0-rc", "info")) is None

    async def test_a_spool_is_read_while_a_thread_writes_it(self, store: ModuleStorage) -> None:
        spool = await store.spool()
        pieces = [bytes([number]) * 70_001 for number in range(40)]
        whole = b"".join(pieces)
        written = 0

        def write() -> None:
            nonlocal written
            for piece in pieces:
                spool.write(piece)
                written += len(piece)

        writer = asyncio.create_task(asyncio.to_thread(write))
        got = b""
        while len(got) < len(whole):
            got += spool.read(len(got), min(written - len(got), 50_000))
            await asyncio.sleep(0)
        await writer
        assert got == whole
        assert spool.read(len(whole), 10) == b""
        spool.close()

    async def test_a_spool_becomes_a_stored_file(self, store: ModuleStorage) -> None:
        spool = await store.spool()
        spool.write(b"PK")
        spool.write(b"zip")
        blob = await store.put(ZIP, spool, digest_of(b"PKzip"), "h1:abc=")
        assert (blob.size, blob.digest) == (5, digest_of(b"PKzip"))
        assert spool.read(0, 10) == b"PKzip"
        spool.close()
        spool.close()
        assert spool.read(0, 10) == b"PKzip", "clients may still be reading"
        assert await content(store, ZIP) == b"PKzip"

    async def test_a_spool_with_other_bytes_is_a_conflict(self, store: ModuleStorage) -> None:
        await put(store, ZIP, b"first", "h1:first=")
        spool = await store.spool()
        spool.write(b"other")
        with pytest.raises(StorageConflict):
            await store.put(ZIP, spool, digest_of(b"other"), "h1:other=")
        spool.close()
        assert await content(store, ZIP) == b"first"

    async def test_a_spool_with_the_same_bytes_is_no_conflict(self, store: ModuleStorage) -> None:
        first = await put(store, ZIP, b"first", "h1:first=")
        spool = await store.spool()
        spool.write(b"first")
        assert await store.put(ZIP, spool, digest_of(b"first"), "h1:first=") == first
        spool.close()

    async def test_a_truncated_spool_starts_again(self, store: ModuleStorage) -> None:
        spool = await store.spool()
        spool.write(b"wrong and long")
        spool.truncate()
        assert spool.read(0, 20) == b""
        spool.write(b"right")
        await store.put(ZIP, spool, digest_of(b"right"))
        spool.close()
        assert await content(store, ZIP) == b"right"

    async def test_a_discarded_spool_leaves_nothing_but_to_its_readers(self, store: ModuleStorage) -> None:
        spool = await store.spool()
        spool.write(b"half a z")
        spool.close()
        assert spool.read(0, 20) == b"half a z"
        assert await store.open(ZIP) is None

    async def test_a_big_file_arrives_whole(self, store: ModuleStorage) -> None:
        spool = await store.spool()
        digest = hashlib.sha256()
        rng = random.Random(7)
        for _ in range(24):
            piece = rng.randbytes(MEBIBYTE)
            digest.update(piece)
            await asyncio.to_thread(spool.write, piece)
        await store.put(ZIP, spool, digest.hexdigest())
        spool.close()
        opened = await store.open(ZIP)
        assert opened is not None
        assert opened.blob.size == 24 * MEBIBYTE
        assert digest_of(await read_all(opened)) == digest.hexdigest() == opened.blob.digest
        opened.close()

    async def test_any_sequence_of_puts_agrees_with_a_dictionary(self, store: ModuleStorage) -> None:
        rng = random.Random(20_240_229)
        model: dict[BlobKey, bytes] = {}
        modules, versions, bodies = (
            ("x.test/a", "x.test/A", "x.test/a/b"),
            ("v1.0.0", "v0.1.0-B"),
            (b"1", b"2"),
        )
        extensions: tuple[Extension, ...] = ("info", "mod", "zip")
        for _ in range(150):
            key = key_of(rng.choice(modules), rng.choice(versions), rng.choice(extensions))
            body = rng.choice(bodies)
            if model.setdefault(key, body) == body:
                await put(store, key, body)
            else:
                with pytest.raises(StorageConflict):
                    await put(store, key, body)
            assert await content(store, key) == model[key]
        for module in modules:
            escaped = escape_path(check_path(module))
            want = {v for v in versions if key_of(module, v, "mod") in model}
            assert set(await store.versions(escaped)) == want

    async def test_a_healthy_store_passes_its_check(self, store: ModuleStorage) -> None:
        await store.check()

    async def test_a_store_may_be_closed_twice(self, store: ModuleStorage) -> None:
        await put(store, KEY, b"module example.com/a\n")
        await store.close()
        await store.close()


class DocumentStorageSuite:
    """Subclasses provide a ``documents`` fixture."""

    async def test_a_document_comes_back_as_it_was(self, documents: DocumentStorage) -> None:
        for document in (
            Document(b"v1.0.0\n", 1_700_000_000.25, "goproxy.cn"),
            Document(b"not found: x", 3.0, missing=True),
            Document(b"", 0.0),
            Document(bytes(range(256)), 1e10, "名"),
        ):
            await documents.put("example.com/a/@v/list", document)
            assert documents.get("example.com/a/@v/list") == document

    async def test_an_unknown_key_is_none(self, documents: DocumentStorage) -> None:
        await documents.put("a", Document(b"", 0.0))
        assert documents.get("A") is None
        assert documents.get("a ") is None
        assert documents.get("") is None

    async def test_the_last_of_many_writes_wins(self, documents: DocumentStorage) -> None:
        await asyncio.gather(*(documents.put("k", Document(b"%d" % n, float(n))) for n in range(600)))
        assert documents.get("k") == Document(b"599", 599.0)

    async def test_a_deleted_document_is_gone(self, documents: DocumentStorage) -> None:
        await documents.put("k", Document(b"x", 1.0))
        await documents.delete("k")
        await documents.delete("k")
        assert documents.get("k") is None

    async def test_a_document_of_sixteen_mebibytes_fits(self, documents: DocumentStorage) -> None:
        document = Document(random.Random(1).randbytes(16 * MEBIBYTE), 1.0)
        await documents.put("k", document)
        assert documents.get("k") == document

    async def test_documents_may_be_closed_twice(self, documents: DocumentStorage) -> None:
        await documents.put("k", Document(b"x", 1.0))
        await documents.close()
        await documents.close()
