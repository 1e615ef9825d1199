"""Speed without a look at the content says nothing: every answer of a bench is checked (lab.md 0)."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from modmirror.errors import BadZip
from modmirror.mod.modzip import verify_zip
from modmirror.mod.path import check_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from modmirror.lab.bench.cases import BenchModule
    from modmirror.lab.engine.port import Fetched


class _Info(msgspec.Struct):
    version: str = msgspec.field(name="Version")


def checked_small(fetched: Fetched, module: BenchModule, extension: str) -> Fetched:
    """Return the answer, judged: ``.info`` names its version, a list has it in a line."""
    if not fetched.ok:
        return fetched
    if extension == "list":
        good = module.version in fetched.body.decode("utf-8", "replace").split()
        return fetched if good else fetched.judged("mismatch", f"the list lacks {module.version}")
    try:
        named = msgspec.json.decode(fetched.body, type=_Info).version
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return fetched.judged("protocol", f"not an .info file: {error}")
    if named != module.version:
        return fetched.judged("mismatch", f"the .info is of {named[:80]}")
    return fetched


def h1_of_file(file: Path, module: BenchModule) -> str:
    """Return the ``h1:`` of a zip. Takes processor time: call it in a thread. Raises BadZip."""
    with file.open("rb") as opened:
        descriptor = opened.fileno()
        size = os.fstat(descriptor).st_size
        return verify_zip(
            check_path(module.path),
            module.version,
            size,
            lambda offset, length: os.pread(descriptor, length, offset),
        )


def checked_zip(fetched: Fetched, module: BenchModule, agreed: str | None) -> tuple[Fetched, str]:
    """Return the download, judged, and its ``h1:``; the file is removed. Call it in a thread.

    ``agreed`` is what most targets delivered; None: they do not agree, so nobody is blamed here.
    """
    if fetched.file is None:
        return fetched, ""
    try:
        found = h1_of_file(fetched.file, module)
    except BadZip as error:
        return fetched.judged("mismatch", error.reason), ""
    finally:
        fetched.file.unlink(missing_ok=True)
    if agreed is not None and found != agreed:
        return fetched.judged("mismatch", f"its h1 is not that of most mirrors: {found}"), found
    return fetched, found


def majority(found: Mapping[str, str]) -> str | None:
    """Return the ``h1:`` that more than half of the targets delivered, given by target name."""
    counts = Counter(found.values()).most_common(1)
    if not counts or counts[0][1] * 2 <= len(found):
        return None
    return counts[0][0]
