"""The ``h1:`` hash of a module (protocol.md B.5).

It covers names and contents only: how a zip packs them, in which order and with which times, does not
matter. Whether the names are allowed is not known here (:mod:`modmirror.mod.modzip`).
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def h1_of(entries: Iterable[tuple[str, bytes]]) -> str:
    """Return the ``h1:`` of files given as name and SHA-256 digest of the content.

    The order does not matter. A name that comes twice counts twice.

    Raises:
        ValueError: a name holds a newline, or cannot be written as UTF-8.
    """
    lines = hashlib.sha256()
    for name, digest in sorted((name.encode(), digest) for name, digest in entries):
        if b"\n" in name:
            raise ValueError(f"the file name {name!r} holds a newline, which h1: cannot express")
        lines.update(b"%s  %s\n" % (digest.hex().encode(), name))
    return "h1:" + b64encode(lines.digest()).decode()


def h1_of_go_mod(data: bytes) -> str:
    """Return the ``h1:`` of a ``.mod`` file, as in the ``/go.mod`` lines of ``go.sum``."""
    return h1_of([("go.mod", hashlib.sha256(data).digest())])
