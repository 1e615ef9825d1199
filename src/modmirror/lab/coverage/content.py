"""What is looked at in each answer of a coverage: its kind, its ``h1:``, its bytes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from modmirror.errors import BadZip
from modmirror.lab.bench.content import checked_small, h1_of_file
from modmirror.mod.dirhash import h1_of_go_mod

if TYPE_CHECKING:
    from pathlib import Path

    from modmirror.lab.bench.cases import BenchModule
    from modmirror.lab.corpus.entries import Entry
    from modmirror.lab.engine.port import Fetched

QUICK = 10.0
"""Seconds within which a mirror should know that something does not exist: the go command waits."""
_GONE = "there is no such module version, and yet"


def judged_info(fetched: Fetched, entry: Entry) -> Fetched:
    """Return the answer for an ``.info``, judged; where nothing exists, the refusal is the good answer."""
    if entry.exists:
        return checked_small(fetched, entry.module, "info")
    if fetched.ok and fetched.timing.total > QUICK:
        return fetched.judged("timeout", f"took {fetched.timing.total:.1f} s to say that it does not exist")
    if fetched.status is not None and not fetched.ok:
        return fetched.judged(fetched.outcome, f"{_GONE} status {fetched.status}")
    return fetched


def hashed_mod(fetched: Fetched) -> tuple[Fetched, str]:
    """Return a go.mod with the SHA-256 of its bytes, and its ``h1:``."""
    if not fetched.ok:
        return fetched, ""
    content = hashlib.sha256(fetched.body).hexdigest()
    return replace(fetched, content=content), h1_of_go_mod(fetched.body)


def hashed_zip(fetched: Fetched, module: BenchModule) -> tuple[Fetched, str]:
    """Return a zip with the SHA-256 of its bytes, and its ``h1:``; the file is removed. In a thread.

    Of a zip that breaks the rules, the digest says so and which bytes it had: such a thing is never equal
    to a recorded ``h1:``, and only to itself.
    """
    if fetched.file is None:
        return fetched, ""
    try:
        content = _sha256(fetched.file)
        known = replace(fetched, content=content)
        return known, h1_of_file(fetched.file, module)
    except BadZip as error:
        return known.judged("mismatch", error.reason), f"no module zip, sha256:{content}"
    finally:
        fetched.file.unlink(missing_ok=True)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
