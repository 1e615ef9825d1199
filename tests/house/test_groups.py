"""Tests that share something expensive, or compare times, run in one worker."""

from __future__ import annotations

import os

import pytest


@pytest.mark.xdist_group("grouped")
def test_the_group_of_a_test_reaches_the_scheduler(request: pytest.FixtureRequest) -> None:
    # pytest-xdist says it in the name; with some releases of pytest it is lost, and nobody is told.
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("all tests run in this one process")
    assert request.node.nodeid.endswith("@grouped")
