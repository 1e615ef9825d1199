"""Records: the go.sum lines that a checksum database keeps of one module version (protocol.md B.3, B.4).

Only the text of a record that has been proven to be in the tree may be given to these functions. Neither
the note after it nor anything else in an answer is a record (CVE-2026-56864).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from modmirror.errors import BadRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

_H1 = re.compile(r"h1:[A-Za-z0-9+/]{43}=")
_FIELDS = 3


def parse_sums(record: bytes) -> dict[str, str]:
    """Return ``{"M V": "h1:…", "M V/go.mod": "h1:…"}`` of a record's text.

    Lines that are not three fields, and hashes of other kinds than ``h1:``, say nothing to anyone yet and
    are passed over.

    Raises:
        BadRecord: an ``h1:`` that is no SHA-256, or two that contradict each other.
    """
    sums: dict[str, str] = {}
    for line in record.decode().split("\n"):
        fields = line.split(" ")
        if len(fields) != _FIELDS or not fields[2].startswith("h1:"):
            continue
        key, h1 = f"{fields[0]} {fields[1]}", fields[2]
        if not _H1.fullmatch(h1):
            raise BadRecord(f"the record of {key} holds {h1[:60]!r}, which is no h1 hash")
        if sums.setdefault(key, h1) != h1:
            raise BadRecord(f"the record holds two different hashes of {key}")
    return sums


def pick_sum(sums: Mapping[str, str], module: str, version: str, *, go_mod: bool) -> str:
    """Return the ``h1:`` of a module's zip or go.mod.

    Raises:
        BadRecord: the record does not speak of it. That must never pass for "nothing to compare with"
            (CVE-2026-42501).
    """
    key = f"{module} {version}/go.mod" if go_mod else f"{module} {version}"
    if key not in sums:
        raise BadRecord(f"the checksum database answered with a record that has no h1 line for {key}")
    return sums[key]


def find_sum(record: bytes, module: str, version: str, *, go_mod: bool) -> str:
    """Return the ``h1:`` of a module's zip or go.mod out of a record's text. Raises BadRecord."""
    return pick_sum(parse_sums(record), module, version, go_mod=go_mod)
