"""For every test: the environment of this machine changes nothing."""

from __future__ import annotations

import os

import pytest

STRAY = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what would send loopback requests elsewhere, or configure a mirror."""
    for name in list(os.environ):
        if name.lower() in STRAY or name.startswith("MODMIRROR_"):
            monkeypatch.delenv(name)
