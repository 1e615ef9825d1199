"""What a fake upstream can do wrong: one value, combinable, matched to requests by path pattern."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """How one answer departs from the right one. Fields combine; the defaults change nothing.

    Examples::

        Fault(status=503, headers={"Retry-After": "5"})     Fault(truncate_after=1000)
        Fault(status=200, body=HTML, content_type="text/html")
        Fault(redirect="http://elsewhere/x")                 Fault(hops=3)
        Fault(stall_after=4096)                              Fault(stall_header=True)
    """

    status: int | None = None
    """Answer with this status. Other than 200 and 206 the body is ``body``, or "fault" by default."""
    body: bytes | None = None
    """Send this instead of the right body (another zip, HTML, garbage)."""
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Added to the answer, replacing headers of the same (title case) name."""
    delay: float = 0.0
    """Seconds before the header."""
    stall_header: bool = False
    """Accept the request and never answer."""
    redirect: str = ""
    """Answer 302 to this Location; ``{path}`` stands for the request path. To itself = a loop."""
    hops: int = 0
    """Redirect the request to itself that many times (``?hop=N``) before answering."""
    truncate_after: int | None = None
    """End the connection cleanly after that many body bytes, whatever was declared."""
    reset_after: int | None = None
    """Reset the connection (RST) after that many body bytes; 0 resets after the header."""
    stall_after: int | None = None
    """Send nothing more after that many body bytes, and keep the connection open."""
    flip: int | None = None
    """Invert the byte at this offset of the file (stays right with Range)."""
    declare: int = 0
    """Add this to the declared Content-Length: below 0 lies short, above 0 lies long."""
    chunked: bool = False
    """Chunked encoding, no Content-Length."""
    until_close: bool = False
    """Neither Content-Length nor chunks: the end of the connection is the end of the body."""
    gzip: bool = False
    """Gzip the body and say so in Content-Encoding, though nobody asked."""
    drip: tuple[int, float] | None = None
    """(bytes, seconds): send so many bytes, then pause that long, and so on."""
    content_range: str | None = None
    """Send this Content-Range with a 206 instead of the right one; empty omits it."""
    close_header: bool = False
    """Close the connection instead of answering."""

    @property
    def cut(self) -> int | None:
        """Body bytes after which the answer ends or stalls, None when it is sent whole."""
        cuts = [n for n in (self.truncate_after, self.reset_after, self.stall_after) if n is not None]
        return min(cuts, default=None)


HTML = b"<!doctype html><html><title>Sign in</title><body>captive portal</body></html>\n"
RIGHT = Fault()


@dataclass(slots=True)
class FaultPlan:
    """Faults by path pattern, newest first; each for a number of requests or for good."""

    _rules: list[tuple[str, Fault, int | None]] = field(default_factory=list)

    def add(self, pattern: str, fault: Fault, times: int | None) -> None:
        """Use ``fault`` for the next ``times`` requests that match, or for all of them."""
        self._rules.insert(0, (pattern, fault, times))

    def clear(self) -> None:
        """Answer everything rightly again."""
        self._rules.clear()

    def take(self, path: str) -> Fault:
        """Return the fault for one request of an escaped path, and count it."""
        for index, (pattern, fault, times) in enumerate(self._rules):
            if fnmatch.fnmatchcase(path, pattern):
                if times is not None:
                    self._rules[index : index + 1] = [(pattern, fault, times - 1)] if times > 1 else []
                return fault
        return RIGHT
