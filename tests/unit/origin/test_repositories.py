from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist, UpstreamUnavailable
from modmirror.origin.discovery.inquiry import Site
from modmirror.origin.repositories import RouteRepositories
from tests.fakes.model_repository import ModelRepository

if TYPE_CHECKING:
    from modmirror.origin.port import Refs

SITE = Site("a.test/m", "git", "https://git.test/m")


class Down(ModelRepository):
    """Its remote side is gone."""

    async def refs(self) -> Refs:
        raise UpstreamUnavailable(self.url, "it is down")


def opened(site: Site) -> ModelRepository:
    return ModelRepository(site.url, vcs=site.vcs)


async def test_a_repository_is_opened_once_for_all_its_modules() -> None:
    repositories = RouteRepositories({"git": opened})
    first = await repositories.open(SITE)
    assert await repositories.open(replace(SITE, root="b.test/other", subdir="sub")) is first


@pytest.mark.parametrize(
    "other",
    [replace(SITE, url="https://git.test/n"), replace(SITE, insecure=True), replace(SITE, vcs="hg")],
    ids=["url", "insecure", "vcs"],
)
async def test_what_is_reached_in_another_way_is_another_repository(other: Site) -> None:
    repositories = RouteRepositories({"git": opened, "hg": opened})
    assert await repositories.open(other) is not await repositories.open(SITE)


async def test_a_tool_that_is_not_there_is_named_with_those_that_are() -> None:
    repositories = RouteRepositories({"git": opened, "hg": opened})
    with pytest.raises(NotExist, match="a.test/m is kept with fossil") as caught:
        await repositories.open(replace(SITE, vcs="fossil"))
    assert caught.value.hint == "this mirror reads git, hg"


async def test_a_ping_asks_for_the_names() -> None:
    repository = ModelRepository()
    await RouteRepositories({"git": lambda _: repository}).ping(SITE)
    assert repository.asked == [("refs",)]


async def test_a_ping_raises_what_the_repository_raises() -> None:
    with pytest.raises(UpstreamUnavailable, match="it is down"):
        await RouteRepositories({"git": lambda site: Down(site.url)}).ping(SITE)
