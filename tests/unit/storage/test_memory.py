from __future__ import annotations

from modmirror.storage.memory import MemoryStorage
from tests.contract.storage_suite import KEY, ZIP, digest_of, put, read_all


async def test_the_time_of_a_put_comes_from_the_clock() -> None:
    now = 1_000.0
    store = MemoryStorage(clock=lambda: now)
    first = await put(store, KEY, b"module x\n")
    now = 2_000.0
    assert first.stored_at == 1_000.0
    assert (await put(store, KEY, b"module x\n")).stored_at == 1_000.0


async def test_an_open_file_outlives_the_store() -> None:
    store = MemoryStorage()
    await put(store, KEY, b"module x\n")
    opened = await store.open(KEY)
    assert opened is not None
    await store.close()
    assert await read_all(opened) == b"module x\n"
    opened.close()


async def test_a_spool_longer_than_one_piece_is_taken_whole() -> None:
    store = MemoryStorage()
    spool = await store.spool()
    body = bytes(range(256)) * 10_000
    spool.write(body)
    blob = await store.put(ZIP, spool, digest_of(body))
    assert blob.size == len(body)
