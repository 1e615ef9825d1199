"""The event log: what happened that is not simply a request, as JSON lines or text for people.

Credentials are removed on the way out, whoever put them in: the user part of a URL, and the value of
anything called authorization, password, secret, token or cookie.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any, Protocol, TextIO

import structlog

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from modmirror.telemetry.settings import LogSettings

_USERINFO = re.compile(r"(?<=://)[^/@\s?#]*@")
_CREDENTIAL = re.compile(r"\b(basic|bearer)\s+[\w.~+/=-]+", re.IGNORECASE)
_SECRET_NAME = re.compile(r"authorization|passw|secret|token|cookie|netrc", re.IGNORECASE)
REDACTED = "[redacted]"


class Events(Protocol):
    """Where events go. ``fields`` are facts; the event itself is a short constant phrase."""

    def debug(self, event: str, **fields: object) -> None:
        """Something of interest while looking for a fault."""

    def info(self, event: str, **fields: object) -> None:
        """Something that happens in a normal life."""

    def warning(self, event: str, **fields: object) -> None:
        """Something that went wrong and was coped with."""

    def error(self, event: str, *, error: BaseException | None = None, **fields: object) -> None:
        """Something that needs a person. With ``error``, its traceback is written too."""


class NullEvents:
    """Says nothing."""

    def debug(self, event: str, **fields: object) -> None:
        """See :class:`Events`."""

    def info(self, event: str, **fields: object) -> None:
        """See :class:`Events`."""

    def warning(self, event: str, **fields: object) -> None:
        """See :class:`Events`."""

    def error(self, event: str, *, error: BaseException | None = None, **fields: object) -> None:
        """See :class:`Events`."""


class StructuredEvents:
    """Writes through structlog to a stream, with nothing configured globally."""

    def __init__(self, settings: LogSettings, stream: TextIO, *, color: bool) -> None:
        """Write to ``stream``; ``color`` allows colours on a terminal (see NO_COLOR)."""
        terminal = stream.isatty()
        as_json = settings.format == "json" or (settings.format == "auto" and not terminal)
        processors: list[structlog.typing.Processor] = [
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        ]
        if as_json:
            processors += [
                structlog.processors.format_exc_info,
                _redact,
                structlog.processors.JSONRenderer(),
            ]
        else:
            # The console renderer would format the exception itself, after the redaction.
            processors += [
                structlog.processors.format_exc_info,
                _redact,
                structlog.dev.ConsoleRenderer(colors=color and terminal, timestamp_key="time"),
            ]
        self._log: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
            structlog.WriteLogger(stream),
            processors=processors,
            wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[settings.level]),
        )

    def debug(self, event: str, **fields: object) -> None:
        """See :class:`Events`."""
        self._log.debug(event, **fields)

    def info(self, event: str, **fields: object) -> None:
        """See :class:`Events`."""
        self._log.info(event, **fields)

    def warning(self, event: str, **fields: object) -> None:
        """See :class:`Events`."""
        self._log.warning(event, **fields)

    def error(self, event: str, *, error: BaseException | None = None, **fields: object) -> None:
        """See :class:`Events`."""
        if error is None:
            self._log.error(event, **fields)
        else:
            self._log.error(event, exc_info=error, **fields)


class StandardLogging(logging.Handler):
    """Sends what libraries say through :mod:`logging` to the event log."""

    def __init__(self, events: Events) -> None:
        super().__init__(logging.WARNING)
        self._events = events

    def emit(self, record: logging.LogRecord) -> None:
        """Pass a record on as a warning or an error."""
        error = record.exc_info[1] if record.exc_info else None
        if record.levelno >= logging.ERROR:
            self._events.error(record.getMessage(), error=error, logger=record.name)
        else:
            self._events.warning(record.getMessage(), logger=record.name)


def redact(value: object) -> object:
    """Return ``value`` without credentials; containers are searched, other types are left alone."""
    if isinstance(value, str):
        return _CREDENTIAL.sub(rf"\1 {REDACTED}", _USERINFO.sub(f"{REDACTED}@", value))
    if isinstance(value, dict):
        return {key: REDACTED if _is_secret(key) else redact(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [redact(item) for item in value]
    return value


def _is_secret(name: object) -> bool:
    return isinstance(name, str) and _SECRET_NAME.search(name) is not None


def _redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        event[key] = REDACTED if _is_secret(key) else redact(value)
    return event


_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
