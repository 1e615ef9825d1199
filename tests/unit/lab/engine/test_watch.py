from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from modmirror.lab.engine.port import TlsFacts
from modmirror.lab.engine.watch import Watch
from modmirror.lab.target import parse_target

if TYPE_CHECKING:
    from modmirror.lab.run.manifest import Flag

TARGET = parse_target("https://x.test", name="x")


def facts(issuer: str) -> TlsFacts:
    return TlsFacts("TLSv1.3", "c", issuer, "s", "never")


def test_an_issuer_that_stays_is_no_news() -> None:
    flags: list[Flag] = []
    watch = Watch(flags.append)
    for _ in range(3):
        watch.handshake(replace(TARGET, issuer="google trust"), facts("Google Trust Services, WR2"))
    assert flags == []


def test_an_issuer_that_changes_or_is_not_the_known_one_is_told() -> None:
    flags: list[Flag] = []
    watch = Watch(flags.append)
    watch.handshake(TARGET, facts("A"))
    watch.handshake(TARGET, facts("Box"))
    watch.handshake(replace(TARGET, name="y", issuer="Google"), facts("Box"))
    assert [(flag.name, flag.text) for flag in flags] == [
        ("tls_intercepted", "x: issued by A, then by Box"),
        ("tls_intercepted", "y: issued by Box, not by Google"),
    ]


def test_a_name_that_moved_is_told_with_both_addresses() -> None:
    flags: list[Flag] = []
    Watch(flags.append).names_changed("x.test", "10.0.0.1", "10.0.0.2")
    assert flags[0].name == "dns_changed"
    assert "10.0.0.1" in flags[0].text
    assert "10.0.0.2" in flags[0].text
