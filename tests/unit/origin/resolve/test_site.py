from __future__ import annotations

import pytest

from modmirror.errors import NotExist
from modmirror.mod.path import check_path
from modmirror.origin.resolve.site import ModuleSite


def place(module: str, root: str, subdir: str = "") -> ModuleSite:
    return ModuleSite(check_path(module), root, subdir)


@pytest.mark.parametrize(
    ("module", "root", "subdir", "code_dir", "major_dir", "major"),
    [
        ("github.com/u/r", "github.com/u/r", "", "", "", ""),
        ("github.com/u/r/v2", "github.com/u/r", "", "", "v2", "v2"),
        ("github.com/u/r/a/b", "github.com/u/r", "", "a/b", "", ""),
        ("github.com/u/r/a/b/v3", "github.com/u/r", "", "a/b", "a/b/v3", "v3"),
        ("x.y/go/mangos/v2", "x.y/go/mangos/v2", "", "", "", "v2"),
        ("gopkg.in/yaml.v2", "gopkg.in/yaml.v2", "", "", "", "v2"),
        ("gopkg.in/yaml.v2-unstable", "gopkg.in/yaml.v2-unstable", "", "", "", "v2"),
        ("x.y/m", "x.y/m", "sub/deep", "sub/deep", "", ""),
        ("x.y/m/v2", "x.y/m", "sub", "sub", "sub/v2", "v2"),
        ("x.y/m/a/v2", "x.y/m", "sub", "a/sub", "a/sub/v2", "v2"),
    ],
)
def test_the_directory_of_a_module_follows_from_its_path_and_the_root(
    module: str, root: str, subdir: str, code_dir: str, major_dir: str, major: str
) -> None:
    site = place(module, root, subdir)
    assert (site.code_dir, site.major_dir, site.major) == (code_dir, major_dir, major)


@pytest.mark.parametrize(
    ("module", "root", "prefix"),
    [
        ("x.y/m", "x.y/m", ""),
        ("x.y/m/v2", "x.y/m", ""),
        ("x.y/m/a", "x.y/m", "a/"),
        # protocol.md C.2: the major version never becomes part of a tag's prefix.
        ("x.y/m/a/v2", "x.y/m", "a/"),
    ],
)
def test_tags_are_named_for_the_directory_without_its_major_version(
    module: str, root: str, prefix: str
) -> None:
    assert place(module, root).tag_prefix == prefix


@pytest.mark.parametrize("root", ["x.y/other", "x.y/mod", "x.y/m/a", "x.y/m/"])
def test_a_repository_holds_modules_below_its_root_only(root: str) -> None:
    with pytest.raises(NotExist, match="cannot hold"):
        place("x.y/m", root)


@pytest.mark.parametrize(
    ("module", "root", "subdir", "may"),
    [
        *[("x.y/m", "x.y/m", "", True), ("x.y/m/v2", "x.y/m", "", False), ("x.y/m/a", "x.y/m", "", False)],
        *[("gopkg.in/a.v1", "gopkg.in/a.v1", "", False), ("x.y/m", "x.y/m", "a", False)],
    ],
)
def test_only_a_plain_path_at_the_root_may_have_incompatible_versions(
    module: str, root: str, subdir: str, *, may: bool
) -> None:
    assert place(module, root, subdir).may_be_incompatible is may


@pytest.mark.parametrize(
    ("module", "major", "path"),
    [
        *[("x.y/m", "v2", "x.y/m/v2"), ("x.y/m/v2", "v3", "x.y/m/v3"), ("x.y/m/v2", "v1", "x.y/m")],
        *[("x.y/m/v2", "", "x.y/m"), ("gopkg.in/a.v1", "v2", "gopkg.in/a.v2"), ("gopkg.in/a.v1", "", "")],
    ],
)
def test_the_path_at_another_major_version_can_be_named(module: str, major: str, path: str) -> None:
    assert place(module, module).path_for(major) == path
