"""The memory tier: small answers that never change, kept whole and ready to send.

Keyed by the raw path, so that a hit parses nothing. Whether the caller may have an answer is not decided
here and not remembered here: policy is asked again each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cachebox import LRUCache

from modmirror.server.conditional import Validators, entity_tag
from modmirror.server.headers import COMPRESSIBLE, Headers, content_headers, validity_headers

if TYPE_CHECKING:
    from modmirror.proxy.served import Served
    from modmirror.server.settings import MemorySettings

_FACTOR = 4
"""Headers are kept in two forms, one of them as small objects."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One encoding of an answer."""

    validators: Validators
    headers: Headers
    not_modified: Headers
    """Headers of a 304."""
    body: bytes

    @property
    def weight(self) -> int:
        """Bytes it takes in memory, roughly."""
        return len(self.body) + _FACTOR * (len(self.headers.block) + len(self.not_modified.block))


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about, in the words of metrics and policy."""

    kind: str
    """Label of the metrics: a ``Kind``, or a ``SumdbKind`` after ``sumdb-``."""
    module: str = ""
    """What policy decides about, with ``version``; empty where policy has no say."""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An answer of status 200 with everything but the request's own headers."""

    subject: Subject
    cache: str
    upstream: str
    plain: Variant
    gzipped: Variant | None = None

    @property
    def weight(self) -> int:
        """Bytes it takes in memory, roughly."""
        return self.plain.weight + (self.gzipped.weight if self.gzipped else 0)


def prepare(
    subject: Subject, served: Served, body: bytes, *, modified: int | None, gzipped: bytes | None
) -> Prepared:
    """Put an answer together from its whole body and, where it pays, its compressed body."""
    varies = subject.kind in COMPRESSIBLE
    plain = _variant(served, body, Validators(entity_tag(served.digest), modified), varies=varies)
    if gzipped is None:
        return Prepared(subject, served.cache, served.upstream, plain)
    validators = Validators(entity_tag(served.digest, gzip=True), modified)
    packed = _variant(served, gzipped, validators, varies=True, gzipped=True)
    return Prepared(subject, served.cache, served.upstream, plain, packed)


def _variant(
    served: Served, body: bytes, validators: Validators, *, varies: bool, gzipped: bool = False
) -> Variant:
    validity = validity_headers(served, validators, varies=varies)
    content = content_headers(served, length=len(body), gzipped=gzipped)
    return Variant(validators, Headers(*content, *validity), Headers(*validity), body)


class AnswerMemory:
    """Least recently used answers leave when the bytes run out."""

    def __init__(self, settings: MemorySettings) -> None:
        self.hits = 0
        self.misses = 0
        self.evictions = 0
        self._max_answer_bytes = settings.max_answer_bytes
        self._max_bytes = settings.max_bytes
        self._answers: LRUCache[bytes, Prepared] = LRUCache(
            max(1, settings.max_bytes), getsizeof=lambda path, answer: len(path) + answer.weight
        )
        self._compressed: LRUCache[str, bytes] = LRUCache(
            max(1, settings.max_bytes // 8), getsizeof=lambda _, body: len(body)
        )

    @property
    def held_bytes(self) -> int:
        """Bytes held now."""
        return self._answers.current_size() + self._compressed.current_size()

    def get(self, raw_path: bytes) -> Prepared | None:
        """Return the answer to a path, if it is here."""
        answer: Prepared | None = self._answers.get(raw_path, None)
        if answer is None:
            self.misses += 1
        else:
            self.hits += 1
        return answer

    def is_small(self, size: int) -> bool:
        """Tell whether a body of this size is sent from memory, kept there or not."""
        return size <= self._max_answer_bytes

    def put(self, raw_path: bytes, answer: Prepared) -> None:
        """Keep an answer; forget others if need be."""
        if not self.is_small(len(answer.plain.body)) or len(raw_path) + answer.weight > self._max_bytes:
            return
        before = len(self._answers) + (raw_path not in self._answers)
        self._answers[raw_path] = answer
        self.evictions += before - len(self._answers)

    def compressed(self, digest: str) -> bytes | None:
        """Return the compressed form of a body that changes too often to be kept whole."""
        return self._compressed.get(digest, None)

    def put_compressed(self, digest: str, body: bytes) -> None:
        """Keep a compressed form."""
        if len(body) <= self._max_bytes // 8:
            self._compressed[digest] = body
