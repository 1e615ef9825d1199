from __future__ import annotations

import json

import pytest

from modmirror.origin.resolve.info import format_origin_info
from modmirror.protocol.info import parse_info
from tests.fakes.recorded_repositories import recorded
from tests.fakes.resolving import resolve, site_of

URL = "https://github.com/u/"


@pytest.mark.matrix("T43")
async def test_a_version_says_where_it_comes_from() -> None:
    data = format_origin_info(await resolve("plain", "v1.0.0"), vcs="git", url=URL + "plain")
    assert data == (
        b'{"Version":"v1.0.0","Time":"2020-01-01T00:00:00Z","Origin":{"VCS":"git",'
        b'"URL":"https://github.com/u/plain","Hash":"bb62001c1efd313054fefd825e24ee8f83fce195",'
        b'"Ref":"refs/tags/v1.0.0"}}'
    )


async def test_a_module_below_the_root_says_its_directory_without_the_major_version() -> None:
    data = format_origin_info(await resolve("sd/a/b/v2", "v2.2.0"), vcs="git", url=URL + "sd")
    origin = json.loads(data)["Origin"]
    assert (origin["Subdir"], origin["Ref"]) == ("a/b", "refs/tags/a/b/v2.2.0")


async def test_a_pseudo_version_has_no_ref() -> None:
    data = format_origin_info(await resolve("plain", "main"), vcs="git", url=URL + "plain")
    assert sorted(json.loads(data)["Origin"]) == ["Hash", "URL", "VCS"]


@pytest.mark.matrix("T67")
async def test_times_are_those_of_the_commit_in_utc() -> None:
    for query in ("main", "v1.0.0"):
        data = format_origin_info(await resolve("tm", query), vcs="git", url=URL + "tm")
        assert json.loads(data)["Time"] == "2020-05-05T07:00:00Z"


@pytest.mark.parametrize(("module", "query"), [("plain", "v1.0.0"), ("inc", "main"), ("tm2", "main")])
async def test_our_answers_pass_our_own_checks(module: str, query: str) -> None:
    resolved = await resolve(module, query)
    data = format_origin_info(resolved, vcs="git", url=recorded(module).url)
    info = parse_info(data, module=site_of(module).module, requested=resolved.version)
    assert info.version == resolved.version
