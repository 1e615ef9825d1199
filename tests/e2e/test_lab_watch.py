"""A watch as a process: what Prometheus reads while it runs, and how it ends when it is told to."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from modmirror.lab.run.folder import RunFolder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_watch_serves_metrics_and_ends_well_when_told_to(tmp_path: Path, number: signal.Signals) -> None:
    # Nobody listens on port 1: a mirror that is down is what one watches for.
    command = [
        sys.executable, "-m", "modmirror", "lab", "watch", "http://127.0.0.1:1", "--port", "0",
        "--every", "0.2", "--save", str(tmp_path / "run"),
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            assert process.stdout is not None
            found = re.search(r"http://\S+/metrics", process.stderr.readline())
            assert found
            assert "nothing listens there" in process.stdout.readline()
            # The second line says that the first round has been counted.
            process.stdout.readline()
            with urlopen(found[0], timeout=10) as answer:  # noqa: S310 - loopback
                page = answer.read().decode()
            process.send_signal(number)
            _, errors = process.communicate(timeout=30)
        finally:
            process.kill()
    assert 'modproxy_upstream_up{upstream="127.0.0.1:1"} 0.0' in page
    assert 'modproxy_upstream_probe_total{result="refused",upstream="127.0.0.1:1"}' in page
    assert (process.returncode, errors) == (0, "")
    assert RunFolder.open(tmp_path / "run").manifest.state == "complete"
