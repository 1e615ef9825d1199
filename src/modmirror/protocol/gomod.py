"""What of a foreign go.mod can be told from its bytes alone.

A syntactically broken go.mod is served as it is (protocol.md A.12): only what cannot be a text file of
any kind of go.mod is refused.
"""

from __future__ import annotations


def go_mod_problem(data: bytes) -> str:
    """Return why ``data`` cannot be a go.mod, or "" when it may be one."""
    if b"\0" in data:
        return "it holds NUL bytes"
    if data.lstrip()[:1] == b"<":
        return "it looks like a web page"
    return ""
