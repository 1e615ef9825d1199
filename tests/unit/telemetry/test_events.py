from __future__ import annotations

import io
import json
import logging
from typing import Literal

import pytest

from modmirror.telemetry.events import (
    REDACTED,
    Events,
    NullEvents,
    StandardLogging,
    StructuredEvents,
    redact,
)
from modmirror.telemetry.settings import LogSettings
from tests.fakes.sinks import ListedEvents


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def written(
    level: Literal["debug", "info", "warning", "error"] = "debug", **fields: object
) -> dict[str, object]:
    stream = io.StringIO()
    StructuredEvents(LogSettings(level=level, format="json"), stream, color=False).info("began", **fields)
    return dict(json.loads(stream.getvalue()))


def test_an_event_is_a_line_of_json_with_its_level_and_time() -> None:
    event = written(port=8080)
    assert (event["event"], event["level"], event["port"]) == ("began", "info", 8080)
    assert str(event["time"]).endswith("Z")


def test_what_is_below_the_level_is_not_written() -> None:
    stream = io.StringIO()
    events = StructuredEvents(LogSettings(level="warning", format="json"), stream, color=False)
    events.debug("a")
    events.info("b")
    events.warning("c")
    events.error("d")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["c", "d"]


def test_an_error_brings_its_traceback() -> None:
    stream = io.StringIO()
    events = StructuredEvents(LogSettings(format="json"), stream, color=False)
    try:
        int("no number")
    except ValueError as error:
        events.error("failed", error=error)
    event = json.loads(stream.getvalue())
    assert "ValueError: invalid literal" in event["exception"]
    assert "test_events.py" in event["exception"]


@pytest.mark.parametrize(
    ("form", "stream", "is_json"),
    [
        ("auto", io.StringIO(), True),
        ("auto", Terminal(), False),
        ("json", Terminal(), True),
        ("console", io.StringIO(), False),
    ],
)
def test_auto_is_text_on_a_terminal_and_json_elsewhere(
    form: Literal["auto", "json", "console"], stream: io.StringIO, *, is_json: bool
) -> None:
    StructuredEvents(LogSettings(format=form), stream, color=True).info("hello")
    assert stream.getvalue().startswith("{") is is_json


@pytest.mark.parametrize(
    ("color", "terminal", "colored"), [(True, True, True), (False, True, False), (True, False, False)]
)
def test_colours_need_a_terminal_and_permission(*, color: bool, terminal: bool, colored: bool) -> None:
    stream = Terminal() if terminal else io.StringIO()
    StructuredEvents(LogSettings(format="console"), stream, color=color).info("hello")
    assert ("\x1b[" in stream.getvalue()) is colored


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("https://user:pw@host/x", f"https://{REDACTED}@host/x"),
        ("two: http://a@b/ and https://c:d@e/f", f"two: http://{REDACTED}@b/ and https://{REDACTED}@e/f"),
        ("https://host/path@v1", "https://host/path@v1"),
        ("Authorization: Bearer abc.def-ghi", f"Authorization: Bearer {REDACTED}"),
        ("basic dXNlcjpwdw==", f"basic {REDACTED}"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_credentials_in_text_are_removed(text: str, clean: str) -> None:
    assert redact(text) == clean


def test_credentials_are_found_in_containers_and_by_the_name_of_a_field() -> None:
    assert redact({"urls": ["https://u:p@h/"], "api_token": "t", "n": 3}) == {
        "urls": [f"https://{REDACTED}@h/"],
        "api_token": REDACTED,
        "n": 3,
    }
    event = written(authorization="Basic abc", url="https://u:p@h/", nested={"password": "x"})
    assert event["authorization"] == REDACTED
    assert event["url"] == f"https://{REDACTED}@h/"
    assert event["nested"] == {"password": REDACTED}


def test_credentials_in_a_traceback_are_removed() -> None:
    stream = io.StringIO()
    events = StructuredEvents(LogSettings(format="json"), stream, color=False)
    events.error("failed", error=ValueError("GET https://user:pw@host/ failed"))
    assert "pw" not in stream.getvalue()


def test_what_libraries_log_becomes_events() -> None:
    events = ListedEvents()
    logger = logging.getLogger("modmirror.tests.events")
    logger.propagate = False
    logger.addHandler(StandardLogging(events))
    logger.info("chatter")
    logger.warning("odd: %s", 1)
    failure = OSError("gone")
    logger.error("worse", exc_info=failure)
    assert events.seen == [
        ("warning", "odd: 1", {"logger": logger.name}),
        ("error", "worse", {"logger": logger.name, "error": failure}),
    ]


def test_the_silent_twin_takes_everything() -> None:
    silent: Events = NullEvents()
    silent.debug("a", b=1)
    silent.info("a", b=1)
    silent.warning("a", b=1)
    silent.error("a", error=ValueError(), b=1)
