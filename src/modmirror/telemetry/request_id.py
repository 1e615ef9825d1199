"""Names for requests: what ties an answer, a log line and an error report together."""

from __future__ import annotations

import re
from itertools import count

_ACCEPTABLE = re.compile(r"[A-Za-z0-9._:+/=@-]{1,128}", re.ASCII)


class RequestIds:
    """Makes ids that are unique across restarts and instances.

    An id is a random part, drawn once a process, and a counter: a fresh random number for each request
    would cost more than the rest of a hit's bookkeeping.
    """

    __slots__ = ("_numbers", "_start")

    def __init__(self, randomness: bytes) -> None:
        """Start from ``randomness``: eight bytes or more that no other process has."""
        self._start = randomness.hex()
        self._numbers = count(1)

    def __call__(self) -> str:
        """Return the next id: printable ASCII without spaces."""
        return f"{self._start}-{next(self._numbers):x}"


def is_acceptable(request_id: str) -> bool:
    """Tell whether an id that somebody else made may be logged and sent on as it is."""
    return _ACCEPTABLE.fullmatch(request_id) is not None
