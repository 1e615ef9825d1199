"""What a hostile mirror or a hostile checksum database could answer. Each lie is set as ``FakeSumdb.lie``.

A mirror has no signing key; lies that need one say so. A mirror *can* hand out any record, tile or note
that ever existed, and can add whatever is not signed.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tests.fakes.sumdb import Signer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.sumdb import Answer, FakeSumdb

    Lie = Callable[[FakeSumdb, str, Answer], Answer]


def about_lookups(make: Callable[[FakeSumdb, bytes], bytes]) -> Lie:
    """A lie that rewrites the body of every lookup that was found."""

    def lie(db: FakeSumdb, path: str, answer: Answer) -> Answer:
        status, body = answer
        return (status, make(db, body)) if path.startswith("lookup/") and status == 200 else answer

    return lie


def forged_note() -> Lie:
    """The tree head was changed after it was signed."""
    return about_lookups(lambda _db, body: body.replace(b"database tree\n", b"database tree\n9", 1))


def wrong_key() -> Lie:
    """Signed with another key under the right name and key hash."""

    def make(db: FakeSumdb, body: bytes) -> bytes:
        text = db.tree_text()
        forged = Signer(db.name, db.seed + 1).line(text, key_hash=db.signer.key_hash)
        return _replace_note(body, text + b"\n" + forged)

    return about_lookups(make)


def unknown_signer() -> Lie:
    """Signed properly, by somebody nobody knows."""
    return about_lookups(lambda db, body: _replace_note(body, Signer("else.test", 1).sign(db.tree_text())))


def no_note() -> Lie:
    """Nothing is signed: x/mod takes that for the empty tree, which continues into any other."""
    return about_lookups(lambda _db, body: _replace_note(body, b""))


def no_record() -> Lie:
    """A number and a signed tree head, but no record between them."""
    return about_lookups(lambda db, body: _number(body) + b"\n\n" + db.note())


def record_of(module: str, version: str) -> Lie:
    """The authentic record of another module version (CVE-2026-42501)."""
    return about_lookups(lambda db, _body: db.lookup_body(db.number_of(module, version)))


def record_number(number: int) -> Lie:
    """An authentic record given by number, whatever it says."""
    return about_lookups(lambda db, _body: db.lookup_body(number))


def forged_record(want: bytes, forged: bytes) -> Lie:
    """The record says something else than the one in the tree."""
    return about_lookups(lambda _db, body: body.replace(want, forged))


def beyond_the_tree() -> Lie:
    """A number that the tree has not reached."""
    return about_lookups(lambda db, body: body.replace(_number(body), str(db.size).encode(), 1))


def unsigned_trailer(number: int, wanted: bytes) -> Lie:
    """An authentic record of something else, and the wanted lines after the signatures (CVE-2026-56864)."""
    return about_lookups(lambda db, _body: db.lookup_body(number) + wanted)


def unsigned_paragraph(number: int, wanted: bytes) -> Lie:
    """The wanted lines between record and note (CVE-2026-56864)."""
    return about_lookups(lambda db, _body: db.lookup_body(number, note=wanted + b"\n" + db.note()))


def signed_trailer(number: int, wanted: bytes) -> Lie:
    """The wanted lines signed below the tree head, but in no record (CVE-2026-56864). Needs the key."""
    return about_lookups(
        lambda db, _body: db.lookup_body(number, note=db.signer.sign(db.tree_text() + wanted))
    )


def tampered_tile(level: int, position: int = 0) -> Lie:
    """One bit of one hash differs in every tile of a level."""

    def lie(_db: FakeSumdb, path: str, answer: Answer) -> Answer:
        status, body = answer
        if status != 200 or not path.startswith(f"tile/8/{level}/"):
            return answer
        at = position * 32 % len(body)
        return status, body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]

    return lie


def forged_leaf(want: bytes, forged: bytes) -> Lie:
    """A false record together with a leaf tile that agrees with it (CVE-2026-56865)."""

    def lie(db: FakeSumdb, path: str, answer: Answer) -> Answer:
        status, body = answer
        if path.startswith("lookup/"):
            return status, body.replace(want, forged)
        for text in db.records if path.startswith("tile/8/0/") else ():
            body = body.replace(_leaf(text), _leaf(text.replace(want, forged)))
        return status, body

    return lie


def truncated(size: int) -> Lie:
    """Every answer ends ``size`` bytes early."""
    return lambda _db, _path, answer: (answer[0], answer[1][:-size])


def failing(status: int = 500, prefix: str = "") -> Lie:
    """Every path that begins with ``prefix`` fails."""
    return lambda _db, path, answer: (status, b"no\n") if path.startswith(prefix) else answer


def answers_of(other: FakeSumdb) -> Lie:
    """Everything comes from another database: a fork, or an older copy."""
    return lambda _db, path, _answer: other.get(path)


def _leaf(text: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + text).digest()


def _number(body: bytes) -> bytes:
    return body.partition(b"\n")[0]


def _replace_note(body: bytes, note: bytes) -> bytes:
    return body.partition(b"\n\n")[0] + b"\n\n" + note
