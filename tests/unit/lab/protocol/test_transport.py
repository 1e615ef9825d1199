from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.protocol import transport
from modmirror.lab.protocol.asking import Asking, Subject
from tests.fakes.examining import examining, no_shake
from tests.fakes.lab import answered, scripted_lab

if TYPE_CHECKING:
    from modmirror.lab.engine.port import Fetched, Request
    from modmirror.lab.target import Target
    from tests.fakes.lab import JumpingClock

PART = b"x" * 100


async def test_a_part_has_the_right_length_and_says_which_it_is() -> None:
    headers = {"content-range": "bytes 0-99/1000"}
    assert (await transport.part(examining({"zip": PART}, status=206, headers=headers))).verdict == "yes"
    assert (await transport.part(examining({"zip": PART}, status=206))).verdict == "no"
    assert (await transport.part(examining({"zip": PART}, headers=headers))).verdict == "no"
    assert (await transport.part(examining({"zip": b"x"}, status=206, headers=headers))).verdict == "no"


async def test_an_etag_is_sent_back() -> None:
    def answer(request: Request, clock: JumpingClock) -> Fetched:
        status = 304 if request.headers.get("if-none-match") == '"1"' else 200
        return answered(request, clock, status=status, headers={"etag": '"1"'})

    assert (await transport.conditional(examining(answer=answer))).verdict == "yes"
    assert (await transport.conditional(examining({"info": b""}, headers={"etag": "x"}))).verdict == "no"
    assert "neither" in (await transport.conditional(examining({"info": b""}))).note


async def test_the_length_must_be_told_and_right() -> None:
    for told, verdict in (("2", "yes"), ("3", "no")):
        asking = examining({"info": b"{}"}, headers={"content-length": told})
        assert (await transport.length(asking)).verdict == verdict
    assert (await transport.length(examining())).verdict == "unknown"


async def test_gzip_redirects_and_head_are_seen() -> None:
    zipped = examining({"list": b""}, headers={"content-encoding": "gzip"})
    assert (await transport.compressed(zipped)).verdict == "yes"
    assert (await transport.compressed(examining({"list": b"v1.0.0\n" * 300}))).verdict == "no"
    assert (await transport.compressed(examining({"list": b"v1.0.0\n"}))).verdict == "not-applicable"
    moved = examining({"zip": b""}, status=302, headers={"location": "https://elsewhere/x"})
    found = await transport.no_redirect(moved)
    assert (found.verdict, "elsewhere" in found.evidence) == ("no", True)
    assert (await transport.no_redirect(examining({"zip": b""}))).verdict == "yes"
    assert (await transport.no_redirect(examining())).verdict == "unknown"
    assert (await transport.head(examining({"info": b""}))).verdict == "yes"


async def test_what_caches_may_keep_is_shown() -> None:
    found = await transport.cache_control(
        examining({"info": b"", "list": b""}, headers={"cache-control": "max-age=60"})
    )
    assert found.verdict == "yes"
    assert found.note == "info: max-age=60; list: max-age=60"
    silent = await transport.cache_control(examining({"info": b""}))
    assert (silent.verdict, silent.note) == ("no", "info: nothing; list: nothing")


@pytest.mark.parametrize(("with_header", "without", "verdict"), [
    (404, 200, "yes"), (200, 200, "unknown"), (404, 404, "unknown"), (500, 200, "unknown"),
])  # fmt: skip
async def test_disabled_fetching_is_shown_only_by_a_version_that_was_not_there(
    with_header: int, without: int, verdict: str
) -> None:
    def answer(request: Request, clock: JumpingClock) -> Fetched:
        if request.path.endswith("list"):
            return answered(request, clock, body=b"v1.0.0\nv0.9.0\n")
        return answered(request, clock, status=with_header if request.headers else without)

    asking = examining(answer=answer)
    assert (await transport.fetch_disabled(asking)).verdict == verdict
    assert {each.path for each in asking.lab.run.samples()} >= {"example.com/a/@v/v0.9.0.info"}
    assert (await transport.fetch_disabled(examining({"list": b"v1.0.0\n"}))).verdict == "unknown"


async def test_connections_and_versions_of_http_are_those_that_were_used() -> None:
    def closing(request: Request, clock: JumpingClock) -> Fetched:
        return replace(answered(request, clock), reused=False, http="1.0")

    assert (await transport.keep_alive(examining({"info": b""}))).verdict == "yes"
    assert (await transport.keep_alive(examining(answer=closing))).verdict == "no"
    assert (await transport.http1(examining({"info": b""}))).verdict == "yes"
    assert (await transport.http1(examining(answer=closing))).verdict == "no"
    assert (await transport.cached_only(examining({"info": b""}))).verdict == "yes"


async def test_what_plain_http_and_addresses_cannot_show_is_not_applicable() -> None:
    asking = examining({"info": b""})
    for check in (transport.http2, transport.tls12, transport.tls13, transport.ipv6):
        assert (await check(asking)).verdict == "not-applicable"


def over_https(asking: Asking, host: str = "127.0.0.1") -> Asking:
    target: Target = replace(asking.target, scheme="https", host=host)
    return Asking(asking.lab, target, Subject(database=None), no_shake)


async def test_a_handshake_that_fails_is_evidence() -> None:
    found = await transport.tls13(over_https(examining()))
    assert found.verdict == "no"
    assert "TLSv1_3" in found.evidence


async def test_a_host_that_one_does_not_own_is_given_time_between_handshakes() -> None:
    asking = over_https(examining(), "mirror.example")
    before = asking.lab.clock.now()
    await transport.tls12(asking)
    assert asking.lab.clock.now() - before == 0.5


async def test_ipv6_is_asked_for_by_name_and_the_next_request_goes_the_usual_way() -> None:
    families: list[str] = []

    def answer(request: Request, clock: JumpingClock) -> Fetched:
        families.append(request.target.family)
        made = answered(request, clock)
        return made.judged("dns", "no address") if request.target.family and len(families) > 2 else made

    target = replace(examining().target, host="mirror.example")
    asking = Asking(scripted_lab((target,), answer), target, Subject(database=None), no_shake)
    assert (await transport.ipv6(asking)).verdict == "yes"
    assert families == ["ipv6", ""]
    assert (await transport.ipv6(asking)).verdict == "no"
