"""What can go wrong with a request, as one of the classes that samples keep."""

from __future__ import annotations

import errno
import socket
import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modmirror.measure.sample import Outcome

SHOWN = 200
"""Characters of a server's own words that a reason repeats."""

_NO_WAY = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.ENETDOWN, errno.EHOSTDOWN}

FAILURES = (OSError, UnicodeError)
"""Every exception that a server or the network can cause here; AnswerBroken is one of them."""


class AnswerBroken(OSError):
    """The answer is not what HTTP allows, or not whole."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


# The first that fits counts: all but UnicodeError are kinds of OSError.
_CLASSES: tuple[tuple[type[Exception], Outcome, str], ...] = (
    (socket.gaierror, "dns", "the name does not resolve"),
    # A name that IDNA cannot encode is a name that nobody has.
    (UnicodeError, "dns", "this is no name"),
    (ssl.SSLCertVerificationError, "tls", "the certificate is not trusted"),
    (ssl.SSLError, "tls", "the handshake failed"),
    (TimeoutError, "timeout", "no whole answer within the limit"),
    (ConnectionRefusedError, "refused", "nothing listens there"),
)


def classified(error: Exception) -> tuple[Outcome, str]:
    """Return the class of a failure and what to tell a reader. ``error`` is one of :data:`FAILURES`."""
    if isinstance(error, AnswerBroken):
        return error.outcome, error.reason
    if isinstance(error, OSError) and error.errno in _NO_WAY:
        return "refused", f"there is no way to it: {words_of(error)}"
    for kind, outcome, text in _CLASSES:
        if isinstance(error, kind):
            return outcome, f"{text}: {words_of(error)}"
    return "reset", f"the connection broke: {words_of(error)}"


def status_outcome(status: int, expected: tuple[int, ...]) -> Outcome:
    """Return the class of a whole answer."""
    if status in expected:
        return "ok"
    if 400 <= status < 500:  # noqa: PLR2004 - the classes of HTTP
        return "4xx"
    return "5xx" if status >= 500 else "protocol"  # noqa: PLR2004 - the classes of HTTP


def printable(text: str) -> str:
    """Return a server's words as one short line without control characters."""
    one_line = " ".join(text.split())
    return "".join(letter for letter in one_line if letter.isprintable())[:SHOWN]


def words_of(error: Exception) -> str:
    """Return what a failure says of itself, without a system's number and never nothing."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return printable(error.verify_message)
    text = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    return printable(str(text)) or type(error).__name__
