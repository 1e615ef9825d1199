"""The composition root: what a configuration becomes. Starting it whole is proven in tests/e2e."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import pytest

from modmirror import compose
from modmirror.compose_routing import Routing
from modmirror.config import Config
from modmirror.errors import ConfigError
from modmirror.mod.path import ModulePath
from modmirror.policy.decide import RuleSettings
from modmirror.proxy.settings import DatabaseSettings, FillSettings, RouteSettings
from modmirror.proxy.slots import SlottedUpstream
from modmirror.routing.settings import RoutingSettings
from modmirror.server.settings import Listening
from modmirror.storage.filesystem import FilesystemStorage
from modmirror.storage.memory import MemoryStorage
from modmirror.storage.settings import StorageSettings
from modmirror.telemetry.instruments import Instruments
from modmirror.upstream.settings import CredentialSettings
from tests.fakes.sinks import ListedEvents

if TYPE_CHECKING:
    from pathlib import Path

MEMORY = StorageSettings(kind="memory")
PRIVATE = RouteSettings(match=("corp.example",), from_=("https://go.corp.example",), sumdb="off")
PUBLIC = RouteSettings(from_="https://a.example,https://b.example|off")


def routing() -> Routing:
    return Routing(RoutingSettings(), Instruments())


async def test_routes_keep_their_order_and_their_separators() -> None:
    config = Config(storage=MEMORY, route=(PRIVATE, PUBLIC))
    async with AsyncExitStack() as closing:
        mirror = await compose._mirror(config, Instruments(), closing, routing())
        private = mirror.tools.routes.of(ModulePath("corp.example/secret"))
        public = mirror.tools.routes.of(ModulePath("other.example/m"))
    assert (private.sumdb, [link.upstream for link in private.links]) == (
        "off",
        ["https://go.corp.example"],
    )
    assert [(link.upstream, link.go_on) for link in public.links[:2]] == [
        ("https://a.example", "not-found"),
        ("https://b.example", "any"),
    ]
    assert [upstream.name for upstream in public.upstreams.values()] == [
        "https://a.example",
        "https://b.example",
    ]


async def test_one_url_in_two_routes_is_one_upstream() -> None:
    routes = (
        RouteSettings(match=("x.y",), from_=("https://a.example",)),
        RouteSettings(from_=("https://a.example",)),
    )
    async with AsyncExitStack() as closing:
        mirror = await compose._mirror(
            Config(storage=MEMORY, route=routes), Instruments(), closing, routing()
        )
        one, two = mirror.tools.routes
        assert one.upstreams["https://a.example"] is two.upstreams["https://a.example"]


async def test_the_first_database_vouches_and_all_are_proxied() -> None:
    default = DatabaseSettings()
    alias = DatabaseSettings(name="sum.alias.example")
    async with AsyncExitStack() as closing:
        mirror = await compose._mirror(
            Config(storage=MEMORY, sumdb=(default, alias)), Instruments(), closing, routing()
        )
        assert list(mirror.sumdb.databases) == ["sum.golang.org", "sum.alias.example"]
        assert mirror.tools.verifier._sums is mirror.sumdb.databases["sum.golang.org"]


async def test_an_offline_route_opens_nothing_and_leaves_the_others_alone() -> None:
    config = Config(storage=MEMORY, route=(replace(PRIVATE, offline=True), PUBLIC))
    async with AsyncExitStack() as closing:
        mirror = await compose._mirror(config, Instruments(), closing, routing())
        private, public = mirror.tools.routes
    assert (private.offline, private.links, dict(private.upstreams)) == (True, (), {})
    assert not public.offline
    assert public.upstreams


async def test_an_offline_mirror_opens_nothing_at_all() -> None:
    direct = RouteSettings(from_="https://a.example|direct")
    config = Config(storage=MEMORY, route=(PRIVATE, direct), fill=FillSettings(offline=True))
    async with AsyncExitStack() as closing:
        mirror = await compose._mirror(config, Instruments(), closing, routing())
    assert [(route.offline, dict(route.upstreams)) for route in mirror.tools.routes] == [(True, {})] * 2
    assert [dict(database.chain.upstreams) for database in mirror.sumdb.databases.values()] == [{}]


async def test_repositories_and_upstreams_have_places_of_their_own() -> None:
    fill = FillSettings(parallel=3, origin_parallel=2)
    direct = RouteSettings(from_="https://a.example|direct")
    async with AsyncExitStack() as closing:
        mirror = await compose._mirror(
            Config(storage=MEMORY, route=(direct,), fill=fill), Instruments(), closing, routing()
        )
        tools = mirror.tools
        (route,) = tools.routes
        assert (tools.slots._count, tools.origin_slots._count) == (3, 2)
        upstream = route.upstreams["direct"]
        assert isinstance(upstream, SlottedUpstream)
        assert upstream._slots is tools.origin_slots


async def test_rules_reach_the_mirror() -> None:
    rules = (RuleSettings(match=("evil.example",), reason="it is evil"),)
    async with AsyncExitStack() as closing:
        mirror = await compose._mirror(
            Config(storage=MEMORY, rule=rules), Instruments(), closing, routing()
        )
        assert mirror.decide("evil.example/m", "v1.0.0").reason
        assert mirror.decide("good.example/m", "v1.0.0").allowed


async def test_the_store_is_where_the_settings_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    async with AsyncExitStack() as closing:
        storage, _ = await compose._storage(Config(), Instruments(), closing)
        assert isinstance(storage, FilesystemStorage)
        assert (tmp_path / "modmirror" / ".modmirror").is_dir()
        memory, _ = await compose._storage(Config(storage=MEMORY), Instruments(), closing)
        assert isinstance(memory, MemoryStorage)
    assert compose._store_name(Config()) == str(tmp_path / "modmirror")
    assert compose._store_name(Config(storage=MEMORY)) == "memory"


@pytest.mark.parametrize(
    ("least", "said"),
    [(0, []), (1 << 20, []), (6 << 30, ["the store is nearly full"]), (11 << 30, ["the store is full"])],
)
async def test_a_store_with_little_room_is_warned_of_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: int, said: list[str]
) -> None:
    monkeypatch.setattr(FilesystemStorage, "free_bytes", lambda _: 10 << 30)
    settings = StorageSettings(path=str(tmp_path), min_free_bytes=least)
    events = ListedEvents()
    async with AsyncExitStack() as closing:
        await compose._storage(Config(storage=settings), Instruments(events=events), closing)
    assert [(level, event) for level, event, _ in events.seen] == [("warning", each) for each in said]
    for _, _, fields in events.seen:
        assert fields["free_mib"] == 10240
        assert "make room on the device of storage.path" in str(fields["hint"])


@pytest.mark.parametrize(
    ("modes", "said"),
    [
        (("verify", "verify"), "proven by the checksum database before they are kept · "),
        (("verify", "off"), "proven by the checksum database before they are kept, those of some routes"),
        (("off", "proxy"), "not proven by the checksum database"),
    ],
)
async def test_the_home_page_says_what_is_true_of_the_routes(
    modes: tuple[Literal["off", "proxy", "verify"], ...], said: str
) -> None:
    routes = tuple(replace(PUBLIC, match=(f"{mode}.example",), sumdb=mode) for mode in modes)
    async with AsyncExitStack() as closing:
        mirror = await compose._mirror(
            Config(storage=MEMORY, route=routes), Instruments(), closing, routing()
        )
        facts = dict(compose._facts(Listening("http://h:1", "/srv/go", ("a", "b")), mirror.tools.routes))
    assert facts["modules"].startswith(said)
    assert facts["upstreams"] == "a, b"
    assert "/srv/go" not in str(facts)


async def test_a_missing_secret_is_said_at_the_start() -> None:
    credential = CredentialSettings(url="https://go.corp.example", bearer_env="NO_SUCH_TOKEN_SET")
    with pytest.raises(ConfigError, match="NO_SUCH_TOKEN_SET"):
        async with AsyncExitStack() as closing:
            await compose._mirror(
                Config(storage=MEMORY, credential=(credential,)), Instruments(), closing, routing()
            )
