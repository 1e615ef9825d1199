"""For every test: the environment of this machine changes nothing."""

from __future__ import annotations

import os
import signal

import pytest

STRAY = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir")


if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # A shell starts background jobs so, and what tests start would inherit it: Ctrl-C could not be tested.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers() -> int:
    """Return what ``-n auto`` means: more than cores, because many tests wait for a limit to pass."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + (cores + 1) // 2


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what would send loopback requests elsewhere, or configure a mirror."""
    for name in list(os.environ):
        if name.lower() in STRAY or name.startswith("MODMIRROR_"):
            monkeypatch.delenv(name)
