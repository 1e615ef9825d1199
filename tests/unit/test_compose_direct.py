"""What a route with ``direct`` becomes."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from modmirror.compose_direct import Direct
from modmirror.config import Config
from modmirror.errors import ConfigError, NotExist
from modmirror.mod.path import ModulePath
from modmirror.origin.settings import AccessSettings, OriginSettings
from modmirror.proxy.settings import RouteSettings
from modmirror.telemetry.instruments import Instruments
from tests.fakes.git_fixtures import write_fixtures

if TYPE_CHECKING:
    from pathlib import Path

M = ModulePath("github.com/u/plain")


def route(root: Path, access: tuple[str, ...] = ()) -> RouteSettings:
    rewrite = (f"https://github.com/ -> file://{root}/",)
    return RouteSettings(from_=("direct",), sumdb="off", rewrite=rewrite, access=access)


async def test_a_route_answers_from_its_repositories(tmp_path: Path) -> None:
    write_fixtures(tmp_path / "remote", ["u/plain"])
    async with AsyncExitStack() as closing:
        direct = Direct(Config(), tmp_path / "kept", Instruments(), closing)
        modules = direct.modules(route(tmp_path / "remote"))
        assert (await modules.versions(M)).text == b"v1.0.0\n"
        upstream = direct.open(route(tmp_path / "remote"))
        async with upstream.get("github.com/u/plain/@v/v1.0.0.mod") as reply:
            assert b"".join([piece async for piece in reply.body]) == b"module github.com/u/plain\n"


async def test_routes_share_what_is_kept_but_not_their_rewrites(tmp_path: Path) -> None:
    write_fixtures(tmp_path / "remote", ["u/plain"])
    async with AsyncExitStack() as closing:
        direct = Direct(Config(), tmp_path / "kept", Instruments(), closing)
        await direct.modules(route(tmp_path / "remote")).versions(M)
        other = direct.modules(route(tmp_path / "nowhere"))
        with pytest.raises(NotExist):
            await other.versions(M)


async def test_nothing_is_opened_where_no_route_has_direct(tmp_path: Path) -> None:
    async with AsyncExitStack() as closing:
        Direct(Config(), tmp_path / "kept", Instruments(), closing)
    assert not (tmp_path / "kept").exists()


async def test_a_key_without_its_secret_is_said_when_a_route_is_opened(tmp_path: Path) -> None:
    access = AccessSettings(
        name="git", kind="token", url="https://git.example", secret_env="NO_SUCH_TOKEN_SET"
    )
    async with AsyncExitStack() as closing:
        direct = Direct(Config(access=(access,)), tmp_path / "kept", Instruments(), closing)
        with pytest.raises(ConfigError, match="NO_SUCH_TOKEN_SET"):
            direct.open(route(tmp_path, access=("git",)))


async def test_tools_are_looked_for_where_the_settings_say(tmp_path: Path) -> None:
    settings = Config(origin=OriginSettings(search_path=str(tmp_path)))
    async with AsyncExitStack() as closing:
        direct = Direct(settings, tmp_path / "kept", Instruments(), closing)
        with pytest.raises(ConfigError, match=f"git is not in {tmp_path}"):
            direct.open(route(tmp_path))
