from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import NotExist, UpstreamUnavailable
from modmirror.mod.path import check_path
from modmirror.mod.zipplan import Dropped, DropReason
from modmirror.origin.explain import Elsewhere, Explainer, Explanation, Found
from tests.fakes.goimport_server import tag
from tests.fakes.model_origin import ModelOrigin
from tests.fakes.model_repository import Link

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.fakes.model_repository import Content

M = "a.test/m"


@pytest.fixture
async def origin(tmp_path: Path) -> AsyncIterator[ModelOrigin]:
    async with ModelOrigin.at(tmp_path) as origin:
        yield origin


async def explain(origin: ModelOrigin, module: str, query: str = "") -> Explanation:
    return await Explainer(*origin.parts()).explain(check_path(module), query)


def told(explanation: Explanation, topic: str) -> list[str]:
    return [step.text for step in explanation.steps if step.topic == topic]


async def test_each_step_of_a_version_is_told(origin: ModelOrigin) -> None:
    repository = origin.repository(M)
    files: dict[str, Content] = {"go.mod": f"module {M}\n", "m.go": "package m\n", "link": Link("m.go")}
    repository.tag(repository.add(files), "v1.0.0")
    explanation = await explain(origin, M)
    outcome = explanation.outcome
    assert isinstance(outcome, Found)
    assert outcome.answered.resolved.version == "v1.0.0"
    assert outcome.dropped == (Dropped("link", DropReason.SYMLINK),)
    assert told(explanation, "discovery") == [
        f"https://{M} (200) says {M} git https://git.test/0",
    ]
    assert told(explanation, "repository") == [f"git https://git.test/0, root {M}"]
    assert told(explanation, "tags") == [
        "versions of the module are tagged vX.Y.Z; the repository has v1.0.0"
    ]
    assert told(explanation, "go.mod") == ["go.mod at the root of the repository"]
    assert told(explanation, "zip") == [
        f"files: 2, bytes: {outcome.zip_size}, files left out: 1",
    ]


async def test_the_sums_are_those_of_what_is_served(origin: ModelOrigin) -> None:
    repository = origin.repository(M)
    repository.tag(repository.add({"go.mod": f"module {M}\n"}), "v1.0.0")
    outcome = (await explain(origin, M, "v1.0.0")).outcome
    assert isinstance(outcome, Found)
    async with origin.modules().zip(check_path(M), "v1.0.0") as made:
        assert (outcome.zip_h1, outcome.zip_size) == (made.h1, made.size)
    assert outcome.go_mod_h1.startswith("h1:")
    assert outcome.go_mod_h1 != outcome.zip_h1


async def test_a_subdirectory_has_its_own_tags_and_the_licence_of_the_root(origin: ModelOrigin) -> None:
    repository = origin.repository(M)
    origin.share(M, f"{M}/sub")
    commit = repository.add({"sub/go.mod": f"module {M}/sub\n", "LICENSE": "free\n"})
    repository.tag(commit, *(f"sub/v1.{minor}.0" for minor in range(11)), "v1.0.0")
    explanation = await explain(origin, f"{M}/sub", "v1.10.0")
    (tags,) = told(explanation, "tags")
    assert "the repository has 11, the highest of them: sub/v1.1.0, sub/v1.2.0" in tags
    assert tags.endswith("sub/v1.10.0")
    assert told(explanation, "go.mod") == ["sub/go.mod"]
    assert told(explanation, "zip")[0].endswith("LICENSE taken from the root of the repository")
    assert isinstance(explanation.outcome, Found)
    assert explanation.outcome.files == 2


async def test_a_made_up_go_mod_is_called_that(origin: ModelOrigin) -> None:
    repository = origin.repository(M)
    repository.add({"m.go": "package m\n"})
    explanation = await explain(origin, M, "main")
    assert told(explanation, "go.mod") == ["there is none; one is made up that holds the module path alone"]
    assert "none of the repository's 0 tags is such" in told(explanation, "tags")[0]
    assert isinstance(explanation.outcome, Found)
    assert explanation.outcome.declared == M


async def test_the_path_that_go_mod_declares_is_found_out(origin: ModelOrigin) -> None:
    origin.repository(M).add({"go.mod": "module a.test/other\n"})
    outcome = (await explain(origin, M, "main")).outcome
    assert isinstance(outcome, Found)
    assert outcome.declared == "a.test/other"


async def test_a_refusal_keeps_the_steps_before_it(origin: ModelOrigin) -> None:
    repository = origin.repository(M)
    repository.tag(repository.add({"go.mod": "module a.test/m/v3\n"}), "v1.0.0")
    explanation = await explain(origin, M, "v1.0.0")
    assert isinstance(explanation.outcome, NotExist)
    assert "another major version" in explanation.outcome.reason
    assert told(explanation, "version")[0].startswith("v1.0.0 is the tag v1.0.0: commit ")
    assert told(explanation, "zip") == []


async def test_files_that_no_zip_may_hold_are_a_refusal_after_the_version(origin: ModelOrigin) -> None:
    repository = origin.repository(M)
    repository.add({"go.mod": f"module {M}\n", "a.go": "1\n", "A.go": "2\n"})
    explanation = await explain(origin, M)
    assert isinstance(explanation.outcome, NotExist)
    assert told(explanation, "go.mod") == ["go.mod at the root of the repository"]


async def test_a_page_that_says_nothing_is_a_refusal(origin: ModelOrigin) -> None:
    origin.server.page(M, "<html></html>")
    explanation = await explain(origin, M)
    assert isinstance(explanation.outcome, NotExist)
    assert told(explanation, "repository") == []


async def test_a_host_that_is_down_is_no_absence(origin: ModelOrigin) -> None:
    origin.server.page(M, "", status=503)
    assert isinstance((await explain(origin, M)).outcome, UpstreamUnavailable)


async def test_a_tool_that_is_not_there_is_said_after_the_discovery(origin: ModelOrigin) -> None:
    origin.server.page(M, tag(f"{M} hg https://git.test/x"))
    explanation = await explain(origin, M)
    assert isinstance(explanation.outcome, NotExist)
    assert "not installed" in explanation.outcome.reason
    assert len(told(explanation, "discovery")) == 1


async def test_another_goproxy_is_the_end_of_the_story(origin: ModelOrigin) -> None:
    origin.server.page(M, tag(f"{M} mod https://proxy.test"))
    explanation = await explain(origin, M)
    assert explanation.outcome == Elsewhere("https://proxy.test")
    assert told(explanation, "repository") == [
        f"none: the GOPROXY https://proxy.test has the modules of {M}"
    ]
