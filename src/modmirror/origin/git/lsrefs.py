"""The words of git's protocol, version 2, for one question: what do the names point at? Pure.

The answer is turned into the lines of ``git ls-remote``, so that one reader judges both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.origin.git.refs import Format

HEADERS = {
    "Git-Protocol": "version=2",
    "Content-Type": "application/x-git-upload-pack-request",
    "Accept": "application/x-git-upload-pack-result",
}
_CAPABILITIES = ("command=ls-refs\n", "agent=git/modmirror")
# Names of other kinds, such as pull requests, mean nothing to us; there may be very many.
_ARGUMENTS = ("peel\n", "ref-prefix HEAD\n", "ref-prefix refs/heads/\n", "ref-prefix refs/tags/\n")
_FLUSH, _DELIMITER = b"0000", b"0001"
_LENGTH = 4
"""Hexadecimal digits before each packet; they count themselves."""


def ls_refs_request(format_: Format) -> bytes:
    """Return the body of the request, for a repository whose objects are named in this way."""
    capabilities = map(_packet, (*_CAPABILITIES, f"object-format={format_}"))
    return b"".join((*capabilities, _DELIMITER, *map(_packet, _ARGUMENTS), _FLUSH))


def as_ls_remote(answer: bytes) -> bytes | None:
    """Return what ``git ls-remote`` would print, or None for what is not a whole answer."""
    try:
        return b"".join(_lines(answer))
    except ValueError:
        return None


def _lines(answer: bytes) -> Iterator[bytes]:
    at = 0
    while (head := answer[at : at + _LENGTH]) != _FLUSH:
        size = int(head, 16)
        packet = answer[at + _LENGTH : at + size]
        if size <= _LENGTH or len(packet) != size - _LENGTH:
            raise ValueError("cut short")
        at += size
        object_id, name, *attributes = packet.removesuffix(b"\n").split(b" ")
        yield b"%b\t%b\n" % (object_id, name)
        for attribute in attributes:
            key, _, value = attribute.partition(b":")
            if key == b"peeled":
                yield b"%b\t%b^{}\n" % (value, name)
    if at + _LENGTH != len(answer):
        raise ValueError("more than an answer")


def _packet(text: str) -> bytes:
    return f"{len(text) + _LENGTH:04x}{text}".encode()
