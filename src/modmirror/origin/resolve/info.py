"""The JSON of ``.info`` and ``@latest`` for a version that was resolved here (protocol.md A.8)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modmirror.origin.resolve.convert import Resolved


def format_origin_info(resolved: Resolved, *, vcs: str, url: str) -> bytes:
    """Write the JSON. ``url`` is without credentials.

    It depends on nothing but the version: asked for by a branch, a tag or a commit id, the same version
    has the same ``.info``.
    """
    origin = {
        "VCS": vcs,
        "URL": url,
        "Subdir": resolved.subdir,
        "Hash": resolved.commit.id,
        "Ref": resolved.ref,
    }
    fields = {
        "Version": resolved.version,
        "Time": f"{resolved.commit.time.replace(tzinfo=None).isoformat(timespec='seconds')}Z",
        "Origin": {key: value for key, value in origin.items() if value},
    }
    return json.dumps(fields, separators=(",", ":")).encode()
