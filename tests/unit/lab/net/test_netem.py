from __future__ import annotations

import socket

import pytest

from modmirror.lab.net.namespace import Namespace, NotPermitted
from modmirror.lab.net.netem import NetemBackend, join_by_veth, netem_words
from modmirror.lab.net.profile import PRESETS, Link, NetProfile, Topology
from modmirror.lab.net.selftest import check_link


@pytest.mark.parametrize(
    ("profile", "rate", "words"),
    [
        (NetProfile(rtt_ms=40), 0.0, "delay 20ms limit 1000"),
        (
            NetProfile(rtt_ms=40, jitter_ms=8, loss=0.01, burst=4),
            50.0,
            "delay 20ms 4ms distribution normal loss gemodel 0.252525% 25% 100% 0% rate 50mbit limit 1000",
        ),
        (
            NetProfile(
                rtt_ms=180, jitter_ms=20, dist="pareto", corrupt=0.0001, reorder=0.01, duplicate=0.001
            ),
            100.0,
            (
                "delay 90ms 10ms distribution paretonormal corrupt 0.01% duplicate 0.1% reorder 1%"
                " rate 100mbit limit 2250"
            ),
        ),
        (
            NetProfile(rtt_ms=10, jitter_ms=2, dist="uniform", loss=1),
            0.0,
            "delay 5ms 1ms loss 100% limit 1000",
        ),
        (NetProfile(reorder=0.5), 0.0, "delay 0ms limit 1000"),
    ],
)
def test_a_profile_becomes_the_words_of_tc(profile: NetProfile, rate: float, words: str) -> None:
    assert " ".join(netem_words(profile, rate)) == words


def test_every_preset_has_words() -> None:
    assert all(netem_words(preset, preset.rate_down) for preset in PRESETS.values())


def test_a_veth_pair_joins_two_namespaces() -> None:
    try:
        hub, region = Namespace(), Namespace()
    except NotPermitted as error:
        pytest.skip(f"SKIPPED ALOUD: {error.reason}")
    join_by_veth(hub, region, "region3", 3)
    server = hub.run(lambda: socket.create_server(("10.77.3.1", 0)))
    port = server.getsockname()[1]
    with server, region.run(lambda: socket.create_connection(("10.77.3.1", port), 20)) as client:
        assert client.getsockname()[0] == "10.77.3.2"
    hub.close()
    region.close()


def test_where_the_kernel_lacks_it_or_it_is_not_permitted_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> None:
        raise NotPermitted("Error: Specified qdisc kind is unknown.")

    monkeypatch.setattr("modmirror.lab.net.netem.Namespace", refuse)
    facts = NetemBackend().capabilities
    assert not facts.available
    assert facts.reason.startswith("kernel has no sch_netem")


async def test_a_line_shaped_by_the_kernel_is_as_asked_for() -> None:
    backend = NetemBackend()
    if not backend.capabilities.available:
        pytest.skip(f"SKIPPED ALOUD: {backend.capabilities.reason}")
    profile = NetProfile(rtt_ms=60)
    await backend.apply(Topology((Link(region="eu", host="127.0.0.1", port=9, profile=profile),)))
    try:
        check = await check_link(backend, "eu", profile)
    finally:
        await backend.close()
    assert check.measured["connect_ms"] >= 58
    assert check.measured["rtt_ms"] >= 58
