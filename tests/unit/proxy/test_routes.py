from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import (
    BadNote,
    BadZip,
    ChecksumDatabaseDown,
    Error,
    NotExist,
    Overloaded,
    StorageFull,
    UpstreamBadAnswer,
    UpstreamRefused,
    UpstreamUnavailable,
)
from modmirror.mod.path import ModulePath
from modmirror.protocol.chain import GoOn, links_from_list
from modmirror.protocol.target import Kind, ModuleTarget
from modmirror.proxy.memory import Shunned
from modmirror.proxy.routes import TOOLCHAIN, Route, Routes
from tests.fakes.engine import FakeClock
from tests.fakes.script import ScriptedUpstream

if TYPE_CHECKING:
    from modmirror.upstream.port import Upstream

M = ModulePath("x.y/m")
MOD = ModuleTarget(Kind.MOD, M, "v1.0.0")


def make_route(count: int, go_on: GoOn) -> Route:
    upstreams = [ScriptedUpstream(f"u{n}.example") for n in range(count)]
    links = links_from_list((f"https://{u.name}" for u in upstreams), go_on)
    by_link: dict[str, Upstream] = {f"https://{u.name}": u for u in upstreams}
    return Route(("*",), links, by_link)


class Attempts:
    """Raises its errors in turn, then succeeds."""

    def __init__(self, *errors: Error) -> None:
        self.errors = list(errors)
        self.asked: list[str] = []

    async def __call__(self, upstream: Upstream) -> str:
        self.asked.append(upstream.name)
        if self.errors:
            raise self.errors.pop(0)
        return upstream.name


@pytest.fixture
def shunned() -> Shunned:
    return Shunned(600, FakeClock())


@pytest.mark.matrix("T133")
@pytest.mark.parametrize("go_on", ["not-found", "any"])
async def test_not_found_goes_on_under_both_separators(go_on: GoOn, shunned: Shunned) -> None:
    attempts = Attempts(NotExist("no"))
    assert await make_route(2, go_on).first(MOD, shunned, attempts) == "u1.example"


@pytest.mark.matrix("T132")
@pytest.mark.parametrize(
    "error",
    [
        UpstreamUnavailable("u0", "500"),
        UpstreamRefused("u0", "403", status=403),
        UpstreamBadAnswer("u0", "not JSON"),
    ],
)
async def test_a_failure_stops_after_a_comma_and_goes_on_after_a_bar(
    error: Error, shunned: Shunned
) -> None:
    assert await make_route(2, "any").first(MOD, shunned, Attempts(error)) == "u1.example"
    with pytest.raises(type(error)):
        await make_route(2, "not-found").first(MOD, shunned, Attempts(error))


async def test_a_bad_file_goes_on_whatever_the_separator_and_shuns_its_sender(
    shunned: Shunned,
) -> None:
    route = make_route(2, "not-found")
    assert await route.first(MOD, shunned, Attempts(BadZip("collision"))) == "u1.example"
    again = Attempts()
    assert await route.first(MOD, shunned, again) == "u1.example"
    assert again.asked == ["u1.example"]


@pytest.mark.parametrize(
    "error",
    [
        StorageFull("no space"),
        ChecksumDatabaseDown("no answer"),
        BadNote("forged"),
        Overloaded("", retry_after=1),
    ],
)
async def test_what_no_upstream_can_help_ends_at_once_and_shuns_nobody(
    error: Error, shunned: Shunned
) -> None:
    route = make_route(2, "any")
    attempts = Attempts(error)
    with pytest.raises(type(error)):
        await route.first(MOD, shunned, attempts)
    assert attempts.asked == ["u0.example"]
    assert await route.first(MOD, shunned, Attempts()) == "u0.example"


async def test_an_only_upstream_that_is_shunned_gives_the_reason(shunned: Shunned) -> None:
    route = make_route(1, "any")
    shunned.add(MOD, "u0.example", "case collision")
    with pytest.raises(UpstreamBadAnswer, match="case collision"):
        await route.first(MOD, shunned, Attempts())


async def test_an_only_upstream_is_asked_on_for_everything_but_its_bad_file(shunned: Shunned) -> None:
    route = make_route(1, "any")
    shunned.add(MOD, "u0.example", "case collision")
    for target in (ModuleTarget(Kind.MOD, M, "v1.1.0"), ModuleTarget(Kind.LIST, M)):
        assert await route.first(target, shunned, Attempts()) == "u0.example"


async def test_a_failure_says_more_than_not_found(shunned: Shunned) -> None:
    attempts = Attempts(UpstreamUnavailable("u0", "reset"), NotExist("no"))
    with pytest.raises(UpstreamUnavailable):
        await make_route(2, "any").first(MOD, shunned, attempts)


def test_the_first_matching_route_wins() -> None:
    private = Route(("corp.example/*",), (), {}, "off")
    public = Route(("*",), (), {})
    routes = Routes([private, public])
    assert routes.of(ModulePath("corp.example/secret/sub")) is private
    assert routes.of(ModulePath("other.example/m")) is public
    assert routes.of(ModulePath("other.example/m")) is public


def test_a_module_without_a_route_is_not_found_and_says_what_to_do() -> None:
    with pytest.raises(NotExist, match=r"x\.y/m") as caught:
        Routes([Route(("corp.example",), (), {})]).of(M)
    assert "[[route]]" in caught.value.hint


@pytest.mark.matrix("T155")
def test_toolchains_are_verified_and_fail_closed_whatever_the_route_says() -> None:
    route = Route(("*",), (), {}, sumdb="off", sumdb_down="open")
    assert route.verifies(TOOLCHAIN)
    assert route.fails_closed(TOOLCHAIN)
    assert not route.verifies(M)
    assert not route.fails_closed(M)
