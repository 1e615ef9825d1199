"""What ``lab protocol`` found: the conformance matrix, with evidence for every cell."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

Verdict: TypeAlias = Literal["yes", "no", "partly", "not-applicable", "unknown"]


class Cell(Struct, frozen=True):
    """One mirror, one feature of the protocol."""

    verdict: Verdict
    evidence: str
    """Request and answer in one line: ``GET …/@v/list → 200, 1,234 bytes``."""
    note: str = ""


class Feature(Struct, frozen=True):
    """One row of the conformance matrix."""

    key: str
    title: str
    needed: bool = False
    """Whether the go command needs it."""
    clause: str = ""
    """Where the rule stands, as in ``A.14``."""


class ProtocolResult(Struct, frozen=True):
    """The conformance matrix."""

    targets: tuple[str, ...]
    features: tuple[Feature, ...]
    cells: dict[str, dict[str, Cell]]
    """By target, then by feature key."""
