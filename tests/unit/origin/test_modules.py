from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist, UpstreamUnavailable
from modmirror.mod.path import check_path
from tests.fakes.model_origin import ModelOrigin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

M = check_path("a.test/m")
GO_MOD = "module a.test/m\n"


@pytest.fixture
async def origin(tmp_path: Path) -> AsyncIterator[ModelOrigin]:
    async with ModelOrigin.at(tmp_path) as origin:
        yield origin


async def test_a_path_leads_to_its_site(origin: ModelOrigin) -> None:
    origin.repository(M)
    site = await origin.modules().site(M)
    assert (site.root, site.vcs, site.url) == (M, "git", "https://git.test/0")


async def test_the_list_has_the_tagged_versions(origin: ModelOrigin) -> None:
    repository = origin.repository(M)
    repository.tag(repository.add({"go.mod": GO_MOD}), "v1.0.0", "v1.1.0", "v2.0.0", "nothing")
    assert (await origin.modules().versions(M)).text == b"v1.0.0\nv1.1.0\n"


async def test_the_latest_is_told_with_its_repository_and_its_story(origin: ModelOrigin) -> None:
    repository = origin.repository(M)
    commit = repository.add({"go.mod": GO_MOD})
    repository.tag(commit, "v1.0.0")
    answered = await origin.modules().latest(M)
    assert answered.repository is repository
    assert "v1.0.0 is the newest version" in " ".join(answered.trail)
    assert json.loads(answered.info) == {
        "Version": "v1.0.0",
        "Time": "2020-01-01T00:00:00Z",
        "Origin": {"VCS": "git", "URL": repository.url, "Hash": commit, "Ref": "refs/tags/v1.0.0"},
    }


async def test_a_revision_is_a_branch_as_well_as_a_version(origin: ModelOrigin) -> None:
    repository = origin.repository(M)
    repository.tag(repository.add({"go.mod": GO_MOD}), "v1.0.0")
    commit = repository.add({"more.go": "package m\n"}, branch="work", parents=(repository.tags["v1.0.0"],))
    answered = await origin.modules().revision(M, "work")
    assert answered.resolved.version == f"v1.0.1-0.20200101000000-{commit[:12]}"


async def test_a_zip_is_that_of_the_version(origin: ModelOrigin) -> None:
    repository = origin.repository(M)
    repository.tag(repository.add({"go.mod": GO_MOD}), "v1.0.0")
    async with origin.modules().zip(M, "v1.0.0") as made:
        assert made.plan.module_version == "a.test/m@v1.0.0"
        assert made.read(0, 4) == b"PK\x03\x04"


async def test_a_refusal_is_raised_with_its_advice(origin: ModelOrigin) -> None:
    repository = origin.repository(M)
    repository.tag(repository.add({"go.mod": GO_MOD}), "1.0.0")
    with pytest.raises(NotExist, match="unknown revision v1.0.0") as caught:
        await origin.modules().revision(M, "v1.0.0")
    assert "tags of Go versions begin with v" in caught.value.hint


async def test_a_failure_is_never_a_refusal(origin: ModelOrigin) -> None:
    origin.server.page(M, "", status=503)
    with pytest.raises(UpstreamUnavailable):
        await origin.modules().versions(M)


# --- sites that were only assumed ---


async def below(origin: ModelOrigin) -> tuple[str, str]:
    """Return the pages asked for after ``a.test/m/one`` was found below the root ``a.test/m``."""
    repository = origin.repository(M)
    files = {f"{name}/go.mod": f"module a.test/m/{name}\n" for name in ("one", "two")}
    repository.tag(repository.add(files), "one/v1.0.0", "two/v1.0.0")
    origin.share(M, f"{M}/one")
    return "https://a.test/m/one?go-get=1", "https://a.test/m?go-get=1"


async def test_a_path_below_a_known_prefix_is_not_asked_for(origin: ModelOrigin) -> None:
    pages = await below(origin)
    modules = origin.modules()
    await modules.versions(check_path(f"{M}/one"))
    assert (await modules.versions(check_path(f"{M}/two"))).text == b"v1.0.0\n"
    assert sorted(origin.server.asked) == sorted(pages)


async def test_what_is_not_where_it_was_assumed_is_asked_for_by_itself(origin: ModelOrigin) -> None:
    await below(origin)
    modules = origin.modules()
    await modules.versions(check_path(f"{M}/one"))
    elsewhere = origin.repository(f"{M}/three")
    elsewhere.tag(elsewhere.add({"go.mod": f"module {M}/three\n"}), "v3.0.0", "v1.2.3")
    assert (await modules.versions(check_path(f"{M}/three"))).text == b"v1.2.3\n"


async def test_what_is_nowhere_is_refused_after_both(origin: ModelOrigin) -> None:
    await below(origin)
    modules = origin.modules()
    await modules.versions(check_path(f"{M}/one"))
    with pytest.raises(NotExist, match="no go-import tag"):
        await modules.versions(check_path(f"{M}/none"))
    assert origin.server.asked[-1] == "https://a.test/m/none?go-get=1"


async def test_what_was_not_assumed_is_asked_for_once(origin: ModelOrigin) -> None:
    origin.repository(M)
    with pytest.raises(NotExist, match="no commits"):
        await origin.modules().versions(M)
    assert len(origin.server.asked) == 1
