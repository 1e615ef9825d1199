"""For every verb of the lab: this machine is quiet, however busy it is."""

from __future__ import annotations

import math

import pytest

from modmirror.lab import health


@pytest.fixture(autouse=True)
def _quiet_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lift the limits of a fit client, so that its neighbours decide no exit code.

    What makes a run doubtful has its own tests in ``tests/unit/lab/test_health.py``.
    """
    for limit in ("_MAX_CPU", "_MAX_LAG", "_MAX_JUMP", "_MAX_STOLEN", "_SLOWER"):
        assert hasattr(health, limit)
        monkeypatch.setattr(health, limit, math.inf)
