from __future__ import annotations

from modmirror.telemetry.access_log import NullAccessLog
from modmirror.telemetry.events import NullEvents
from modmirror.telemetry.instruments import Instruments
from modmirror.telemetry.metrics import NullMetrics


def test_instruments_are_silent_unless_given() -> None:
    silent = Instruments()
    assert isinstance(silent.metrics, NullMetrics)
    assert isinstance(silent.access_log, NullAccessLog)
    assert isinstance(silent.events, NullEvents)


def test_each_set_of_instruments_makes_ids_of_its_own() -> None:
    assert Instruments().new_id() != Instruments().new_id()


def test_clocks_go_forward() -> None:
    clocks = Instruments()
    assert clocks.ticks() <= clocks.ticks()
    assert clocks.now() > 1_700_000_000
