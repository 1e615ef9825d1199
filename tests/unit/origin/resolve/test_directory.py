from __future__ import annotations

from functools import partial

import pytest

from modmirror.errors import NotExist
from modmirror.mod.path import check_path
from modmirror.origin.resolve.questions import revision
from modmirror.origin.resolve.site import ModuleSite
from tests.fakes.model_repository import ModelRepository
from tests.fakes.resolving import answer, site_of

NONE: str | None = None


async def directory_of(site: ModuleSite, files: dict[str, str]) -> str | None:
    """Return where the module is; None when it has no go.mod there."""
    repository = ModelRepository()
    repository.add({path: f"module {declared}\n" for path, declared in files.items()} | {"f": ""})
    resolved = await answer(repository, partial(revision, site, "main"))
    assert (resolved.stored_go_mod is None) == (resolved.directory == "" and "go.mod" not in files)
    return None if resolved.stored_go_mod is None else resolved.directory


@pytest.mark.parametrize(
    ("module", "files", "directory"),
    [
        ("m", {}, NONE),
        ("m", {"go.mod": "github.com/u/m"}, ""),
        ("m", {"go.mod": "other.com/x"}, ""),
        ("m", {"go.mod": "gopkg.in/m.v1"}, ""),
        ("m", {"go.mod": "gopkg.in/m.v3"}, ""),
        ("m/v2", {"go.mod": "github.com/u/m/v2"}, ""),
        ("m/v2", {"go.mod": "gopkg.in/m.v2"}, ""),
        ("m/v2", {"v2/go.mod": "github.com/u/m/v2"}, "v2"),
        ("m/v2", {"go.mod": "github.com/u/m", "v2/go.mod": "other.com/y/v2"}, "v2"),
        ("m/a", {"a/go.mod": "github.com/u/m/a"}, "a"),
        ("m/a/v2", {"a/go.mod": "github.com/u/m/a/v2"}, "a"),
        ("m/a/v2", {"a/v2/go.mod": "github.com/u/m/a/v2"}, "a/v2"),
    ],
)
async def test_a_module_is_where_its_major_version_is_declared(
    module: str, files: dict[str, str], directory: str | None
) -> None:
    assert await directory_of(site_of(module), files) == directory


@pytest.mark.parametrize(
    ("module", "files", "reason", "hint"),
    [
        (
            "m",
            {"go.mod": "github.com/u/m/v2"},
            "another major version",
            "the path would be github.com/u/m/v2",
        ),
        ("m", {"go.mod": "github.com/u/m/v1"}, 'malformed module path "github.com/u/m/v1"', ""),
        ("m", {"go.mod": ""}, "go.mod is missing its module path", "with the line: module github.com/u/m"),
        (
            "m/v2",
            {"go.mod": "github.com/u/m/v2", "v2/go.mod": "github.com/u/m/v2"},
            "go.mod and v2/go.mod both declare a /v2 path",
            "only one of the two may",
        ),
        # A go.mod below that is wrong is not passed over for a right one above.
        (
            "m/v2",
            {"go.mod": "github.com/u/m/v2", "v2/go.mod": "github.com/u/m"},
            'v2/go.mod declares module "github.com/u/m", which is of another major version',
            "the path would be github.com/u/m",
        ),
        ("m/v2", {"v2/go.mod": ""}, "v2/go.mod is missing its module path", "module github.com/u/m/v2"),
        ("m/v2", {}, "there is no go.mod nor v2/go.mod", "without a go.mod that says /v2"),
        ("m/a", {}, "there is no a/go.mod", "a package of github.com/u/m?"),
        ("m/a", {"go.mod": "github.com/u/m"}, "there is no a/go.mod", "a package of github.com/u/m?"),
        ("m/a/v2", {}, "there is no a/go.mod nor a/v2/go.mod", "without a go.mod that says /v2"),
    ],
)
async def test_a_module_that_is_not_declared_is_refused_with_the_right_path(
    module: str, files: dict[str, str], reason: str, hint: str
) -> None:
    with pytest.raises(NotExist) as refusal:
        await directory_of(site_of(module), files)
    assert reason in refusal.value.reason
    assert hint in refusal.value.hint


@pytest.mark.parametrize(
    ("declared", "shown"), [(b"x" * 10**6 + b"/v2", "x" * 200 + "..."), (b"x.y/\xff/v2", "x.y/\ufffd/v2")]
)
async def test_a_strange_path_is_shown_short_and_as_text(declared: bytes, shown: str) -> None:
    repository = ModelRepository()
    repository.add({"go.mod": b"module " + declared})
    with pytest.raises(NotExist) as refusal:
        await answer(repository, partial(revision, site_of("m"), "main"))
    assert f'declares module "{shown}", which' in refusal.value.reason


async def test_a_root_that_has_the_major_version_in_its_path_has_no_directory_for_it() -> None:
    site = ModuleSite(check_path("x.y/m/v2"), "x.y/m/v2")
    assert await directory_of(site, {"go.mod": "x.y/m/v2", "v2/go.mod": "x.y/m/v2"}) == ""


@pytest.mark.parametrize(
    ("declared", "directory"), [("gopkg.in/m.v2", ""), ("github.com/go/m/v2", ""), (NONE, NONE)]
)
async def test_gopkg_in_needs_no_go_mod_but_a_right_one(
    declared: str | None, directory: str | None
) -> None:
    site = ModuleSite(check_path("gopkg.in/m.v2"), "gopkg.in/m.v2")
    assert await directory_of(site, {"go.mod": declared} if declared else {}) == directory


@pytest.mark.parametrize(
    ("declared", "hint"),
    [
        ("github.com/go/m", "it should declare gopkg.in/m.v2"),
        ("gopkg.in/m.v3", "at this revision the path would be gopkg.in/m.v3"),
    ],
)
async def test_gopkg_in_is_told_which_path_would_be_right(declared: str, hint: str) -> None:
    site = ModuleSite(check_path("gopkg.in/m.v2"), "gopkg.in/m.v2")
    with pytest.raises(NotExist) as refusal:
        await directory_of(site, {"go.mod": declared})
    assert refusal.value.hint == hint
