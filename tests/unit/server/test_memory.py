from __future__ import annotations

import pytest

from modmirror.proxy.served import CacheState, Served
from modmirror.server.memory import AnswerMemory, Prepared, Subject, prepare
from modmirror.server.settings import MemorySettings

SUBJECT = Subject("mod", "example.com/m", "v1.0.0")


def prepared(size: int = 100) -> Prepared:
    served = Served(b"", "text/plain", CacheState.HIT, digest="d", immutable=True)
    return prepare(SUBJECT, served, b"x" * size, modified=None, gzipped=None)


def memory(max_bytes: int = 100_000, max_answer_bytes: int = 50_000) -> AnswerMemory:
    return AnswerMemory(MemorySettings(max_bytes, max_answer_bytes))


def test_what_was_put_is_found_by_its_path_and_counted() -> None:
    tier = memory()
    answer = prepared()
    tier.put(b"/a", answer)
    assert tier.get(b"/a") is answer
    assert tier.get(b"/b") is None
    assert (tier.hits, tier.misses, tier.evictions) == (1, 1, 0)


def test_both_encodings_are_prepared_with_tags_of_their_own() -> None:
    served = Served(b"", "text/plain", CacheState.HIT, digest="d", immutable=True)
    answer = prepare(SUBJECT, served, b"long" * 9, modified=5, gzipped=b"short")
    assert answer.gzipped is not None
    assert answer.plain.validators.etag == b'"d"'
    assert answer.gzipped.validators.etag == b'"d-gzip"'
    assert dict(answer.plain.headers.pairs)[b"content-length"] == b"36"
    assert dict(answer.gzipped.headers.pairs)[b"content-length"] == b"5"
    for variant in (answer.plain, answer.gzipped):
        assert dict(variant.headers.pairs)[b"vary"] == b"accept-encoding"
        assert b"content-length" not in dict(variant.not_modified.pairs)


def test_the_bytes_are_bounded_and_the_least_recently_used_leaves() -> None:
    tier = memory(max_bytes=10_000)
    tier.put(b"/first", prepared(1000))
    tier.put(b"/second", prepared(1000))
    size = tier.held_bytes // 2
    fitting = 10_000 // size
    for number in range(fitting - 1):
        assert tier.get(b"/first") is not None
        tier.put(b"/%05d" % number, prepared(1000))
    assert tier.get(b"/first") is not None
    assert tier.get(b"/second") is None
    assert tier.evictions == 1
    assert tier.held_bytes <= 10_000


def test_replacing_is_no_eviction() -> None:
    tier = memory()
    tier.put(b"/a", prepared())
    tier.put(b"/a", prepared())
    assert tier.evictions == 0


def test_what_is_too_large_is_not_kept() -> None:
    tier = memory(max_answer_bytes=50)
    assert tier.is_small(50)
    assert not tier.is_small(51)
    tier.put(b"/a", prepared(51))
    assert tier.get(b"/a") is None


def test_an_answer_larger_than_the_tier_pushes_nothing_out() -> None:
    tier = memory(max_bytes=4000)
    tier.put(b"/small", prepared(10))
    tier.put(b"/large", prepared(5000))
    assert tier.get(b"/small") is not None
    assert tier.get(b"/large") is None


def test_zero_bytes_turn_it_off() -> None:
    tier = memory(max_bytes=0)
    tier.put(b"/a", prepared())
    tier.put_compressed("d", b"x")
    assert tier.get(b"/a") is None
    assert tier.compressed("d") is None
    assert tier.held_bytes == 0


@pytest.mark.parametrize("size", [1, 1000])
def test_compressed_forms_are_kept_by_digest(size: int) -> None:
    tier = memory(max_bytes=80_000)
    tier.put_compressed("d", b"x" * size)
    assert tier.compressed("d") == b"x" * size
    assert tier.compressed("other") is None
    assert tier.held_bytes == size


def test_a_compressed_form_larger_than_its_share_is_not_kept() -> None:
    tier = memory(max_bytes=8000)
    tier.put_compressed("d", b"x" * 1001)
    assert tier.compressed("d") is None
