"""Makes what a tool says on standard error fit to be shown to whoever asked. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_USERINFO = re.compile(r"(?<=://)[^/@\s]*@")
# Absolute paths of this machine: nothing that a tool says of a remote side begins with one.
_OWN_PATH = re.compile(r"(?<![\w:/.])/(?:[\w.+-]+/)+[\w.+-]*")


def cleaned(text: str, secrets: Iterable[str]) -> str:
    """Return text that is printable, without secrets, user parts of URLs and paths of this machine.

    Newlines stay. ``secrets`` must not hold an empty one.
    """
    for secret in secrets:
        text = text.replace(secret, "[redacted]")
    return _OWN_PATH.sub("(a file)", _CONTROL.sub(" ", _USERINFO.sub("", text)))
