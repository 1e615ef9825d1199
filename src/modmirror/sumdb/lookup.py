"""One lookup, from the answer's bytes to hashes that can be relied on (protocol.md B.4, all six steps).

Plan and admit, because the number of round trips is fixed: one for the answer, one for all tiles together.

1. ``check = begin_lookup(body, keys, known)`` checks the signature and says which tiles prove the rest.
2. The caller fetches ``check.tiles``; for a partial tile that is gone, ``tile.full`` will do.
3. ``proven = check.admit(blobs)`` proves the record *and* that its tree and the known tree are one log.
4. If ``proven.advanced``, the caller keeps ``proven.note`` as its known head, provided that the head it
   gave as ``known`` is still the one it keeps; otherwise two branches could both be accepted, so it begins
   the lookup again with the head it keeps now.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.errors import BadRecord
from modmirror.sumdb.head import MAX_TREE_SIZE, TreeHead, open_tree_head
from modmirror.sumdb.note import text_problem
from modmirror.sumdb.plan import ConsistencyPlan, InclusionPlan, plan_consistency, plan_inclusion
from modmirror.sumdb.record import parse_sums, pick_sum
from modmirror.sumdb.tile import cut
from modmirror.sumdb.tree import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modmirror.sumdb.note import VerifierKey
    from modmirror.sumdb.tile import Tile

_ID_LINE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")


@dataclass(frozen=True, slots=True)
class Lookup:
    """The three parts of a lookup answer. Nothing in it has been checked but its form."""

    record_id: int
    record: bytes
    """Go.sum lines; ends with a newline."""
    note: bytes
    """A signed tree head."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What a lookup has proven."""

    head: TreeHead
    """The larger of the lookup's own tree and the known one."""
    note: bytes
    """The signed note of the lookup's own tree."""
    advanced: bool
    """True when ``note`` signs ``head`` and the known tree was smaller: time to keep the note."""
    sums: Mapping[str, str]
    """``{"M V": "h1:…", "M V/go.mod": "h1:…"}``."""
    tiles: Mapping[Tile, bytes]
    """The authenticated bytes of each tile, cut to its width. They may be cached for ever."""

    def find_sum(self, module: str, version: str, *, go_mod: bool) -> str:
        """Return the ``h1:`` of a module's zip or go.mod. Raises BadRecord when the record has none."""
        return pick_sum(self.sums, module, version, go_mod=go_mod)


@dataclass(frozen=True, slots=True)
class LookupCheck:
    """A lookup whose signature is right and whose record waits for its proof."""

    lookup: Lookup
    own: TreeHead
    """The tree head signed by the lookup's note."""
    inclusion: InclusionPlan
    consistency: ConsistencyPlan | None
    """None when no tree is known yet."""

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """All tiles that ``admit`` needs."""
        more = self.consistency.tiles if self.consistency else ()
        return tuple(dict.fromkeys(self.inclusion.tiles + more))

    def admit(self, blobs: Mapping[Tile, bytes]) -> Proven:
        """Prove the record with the tiles' bytes.

        Raises:
            BadTile: tiles are missing, have the wrong length or do not lead to the signed tree.
            ForkDetected: the lookup's tree and the known tree contradict each other.
            BadRecord: the record is not the one in the tree.
        """
        if self.consistency:
            self.consistency.admit(blobs)
        if self.inclusion.admit(blobs) != leaf_hash(self.lookup.record):
            raise BadRecord(
                f"the record is not the one that the tree has as number {self.lookup.record_id}"
            )
        return Proven(
            head=self.inclusion.head,
            note=self.lookup.note,
            advanced=self.consistency is None or self.consistency.older.size < self.own.size,
            sums=parse_sums(self.lookup.record),
            tiles={tile: cut(tile, blobs[tile]) for tile in self.tiles},
        )


def parse_lookup(body: bytes) -> Lookup:
    """Split a lookup answer: number, record, blank line, signed note. Raises BadRecord."""
    match = _ID_LINE.match(body)
    record_id = int(match[1]) if match else -1
    if not match or record_id > MAX_TREE_SIZE:
        raise BadRecord("the answer to a lookup does not begin with a record number")
    text, blank, note = body[match.end() :].partition(b"\n\n")
    if not blank or not text or text.startswith(b"\n"):
        raise BadRecord("the answer to a lookup has no record, or no blank line after it")
    problem = text_problem(text)
    if problem:
        raise BadRecord(f"the record {problem}")
    return Lookup(record_id, text + b"\n", note)


def begin_lookup(body: bytes, keys: Sequence[VerifierKey], known: TreeHead | None) -> LookupCheck:
    """Check all of a lookup answer that can be checked without tiles.

    ``known`` is the largest tree proven so far. The answer may be older: what a mirror cached long ago is
    still true, if its tree is a beginning of the known one.

    Raises:
        BadRecord: malformed, or numbered beyond its own tree.
        BadNote: not a tree head signed by one of ``keys``.
        ForkDetected: another tree of the same size is known.
    """
    lookup = parse_lookup(body)
    own = open_tree_head(lookup.note, keys)
    if lookup.record_id >= own.size:
        raise BadRecord(f"record {lookup.record_id} is not in its own tree of {own.size} records")
    if known is None:
        return LookupCheck(lookup, own, plan_inclusion(own, lookup.record_id), None)
    older, newer = (known, own) if known.size <= own.size else (own, known)
    consistency = plan_consistency(older, newer)
    if not consistency.tiles:
        consistency.admit({})
    return LookupCheck(lookup, own, plan_inclusion(newer, lookup.record_id), consistency)
