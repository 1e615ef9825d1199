"""Where compiled Go is kept: one GOCACHE for all tests, so that the standard library is compiled once."""

from __future__ import annotations

from pathlib import Path

BUILD_CACHE = Path(__file__).resolve().parents[2] / ".work" / "gocache"
"""Kept between runs; git ignores it. The go command lets many processes share one."""
SHARED = "-trimpath '-gcflags=all=-N -l'"
"""For GOFLAGS of all who share it. What is compiled is not bound to the directory of the Go installation,
and not optimized: no program of the tests runs for long, and a third of compiling would be for that."""
