"""Tests that share something expensive, or compare times, run in one worker."""

from __future__ import annotations

import pytest


@pytest.mark.xdist_group("grouped")
def test_the_group_of_a_test_reaches_the_scheduler(request: pytest.FixtureRequest) -> None:
    # pytest-xdist says it in the name; with some releases of pytest it is lost, and nobody is told.
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("tests are not grouped in this run: make test does it")
    assert request.node.nodeid.endswith("@grouped")
