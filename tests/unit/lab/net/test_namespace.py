from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from modmirror.lab.net import namespace
from modmirror.lab.net.namespace import Namespace, NotPermitted


@pytest.fixture
def made() -> Namespace:
    try:
        return Namespace()
    except NotPermitted as error:
        pytest.skip(f"SKIPPED ALOUD: {error.reason}")


def test_it_is_another_network_and_ours_stays_what_it_was(made: Namespace) -> None:
    own = Path("/proc/thread-self/ns/net").readlink()
    inside = made.run(lambda: Path("/proc/thread-self/ns/net").readlink())
    assert inside != own
    assert Path("/proc/thread-self/ns/net").readlink() == own
    assert made.run(socket.if_nameindex) == [(1, "lo")]
    assert Path(made.path).exists()
    path = made.path
    made.close()
    assert not Path(path).exists()


def test_a_tun_device_is_made_within_and_goes_with_its_file(made: Namespace) -> None:
    try:
        file = made.add_tun("line", "10.77.1.2", "10.77.1.1")
    except NotPermitted as error:
        made.close()
        pytest.skip(f"SKIPPED ALOUD: {error.reason}")
    assert "line" in [name for _, name in made.run(socket.if_nameindex)]
    os.close(file)
    assert "line" not in [name for _, name in made.run(socket.if_nameindex)]
    made.close()


def test_a_failure_within_comes_out(made: Namespace) -> None:
    def fail() -> None:
        raise KeyError("inside")

    with pytest.raises(KeyError, match="inside"):
        made.run(fail)
    with pytest.raises(NotPermitted, match="ip addr add nonsense"):
        made.run(lambda: namespace._ip("addr", "add", "nonsense", "dev", "lo"))
    made.close()


def test_what_the_kernel_refuses_is_told_with_a_way_out() -> None:
    with pytest.raises(NotPermitted, match="setns: ") as caught:
        namespace._call_kernel("setns", -1, 0)
    assert "root" in caught.value.hint


def test_where_there_is_no_ip_command_that_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotPermitted, match="iproute2"):
        namespace._ip("link")
