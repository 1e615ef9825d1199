"""Tree heads: how many records a checksum database has, and the hash over all of them (protocol.md B.3)."""

from __future__ import annotations

import re
from binascii import a2b_base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.errors import BadNote
from modmirror.sumdb.note import open_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.sumdb.note import VerifierKey

MAX_TREE_SIZE = 2**63 - 1
"""Record numbers and tree sizes are signed 64-bit integers in every known implementation."""

# Lines after the third belong to nobody yet and are allowed (protocol.md B.3).
_TREE = re.compile(rb"go\.sum database tree\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n")


@dataclass(frozen=True, slots=True)
class TreeHead:
    """One state of an append-only log."""

    size: int
    """Number of records."""
    root: bytes
    """32 bytes: RFC 6962 hash over all of them."""


def parse_tree_head(text: bytes) -> TreeHead:
    """Read the text of a note that has been opened. Raises BadNote."""
    match = _TREE.match(text)
    if not match:
        raise BadNote("the signed text is not a tree head of a go.sum database")
    size = int(match[1])
    if size > MAX_TREE_SIZE:
        raise BadNote(f"the tree head claims {size} records, which no database can hold")
    return TreeHead(size, a2b_base64(match[2]))


def open_tree_head(message: bytes, keys: Sequence[VerifierKey]) -> TreeHead:
    """Check the signatures of a note and read the tree head in it. Raises BadNote."""
    return parse_tree_head(open_note(message, keys).text)
