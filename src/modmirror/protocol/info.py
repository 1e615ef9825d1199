"""The JSON of ``.info`` and ``@latest`` (protocol.md A.8)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from modmirror.mod.version import version_problem

if TYPE_CHECKING:
    from modmirror.mod.path import ModulePath

_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


@dataclass(frozen=True, slots=True)
class Info:
    """What an upstream says of a version."""

    version: str
    """Canonical, and right for the module path."""
    raw: bytes
    """The answer as it came, with what else it says (``Origin``)."""
    time: str = ""
    """Commit time as it came, RFC 3339; empty when it did not say."""


def parse_info(data: bytes, *, module: ModulePath, requested: str | None) -> Info:
    """Read and check an answer. ``requested`` is the version or name asked for, None for ``@latest``.

    Raises:
        ValueError: the go command would refuse it; the text says why.
    """
    fields = _fields(data)
    version = fields.get("version")
    if not isinstance(version, str) or not version:
        raise ValueError("it has no Version")
    problem = version_problem(module, version)
    if problem:
        raise ValueError(f'its Version "{version}" is invalid: {problem}')
    # protocol.md A.8: for a canonical version the answer must be identical; any other name may resolve
    # to any version.
    if requested is not None and version != requested and not version_problem(module, requested):
        raise ValueError(f'its Version is "{version}", asked was "{requested}"')
    return Info(version=version, raw=data, time=_check_time(fields.get("time")))


def format_info(version: str, time: str = "") -> bytes:
    """Write the JSON for a version; ``time`` is RFC 3339 or empty."""
    fields = {"Version": version, "Time": time} if time else {"Version": version}
    return json.dumps(fields, separators=(",", ":")).encode()


def _fields(data: bytes) -> dict[str, object]:
    """Return the top-level members under folded names; the last of equal names wins, as in Go."""
    try:
        document: object = json.loads(
            data.decode("utf-8"), object_pairs_hook=_fold, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        raise ValueError("it is not JSON") from error
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - the caller's data, not its types
    return document


def _fold(pairs: list[tuple[str, object]]) -> dict[str, object]:
    return {key.casefold(): value for key, value in pairs}


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _check_time(time: object) -> str:
    if time is None:
        return ""
    if not isinstance(time, str) or not _RFC3339.fullmatch(time):
        raise ValueError("its Time is not in RFC 3339 form")
    try:
        datetime.fromisoformat(time)
    except ValueError as error:
        raise ValueError("its Time is no real time") from error
    return time
