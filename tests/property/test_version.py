from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from modmirror.mod.version import canonical_version, check_version, version_problem
from tests.property.strategies import canonical_versions, module_paths, near_names, versions

if TYPE_CHECKING:
    from modmirror.mod.path import ModulePath

paths_with_versions = module_paths.flatmap(lambda path: st.tuples(st.just(path), canonical_versions(path)))


@given(paths_with_versions)
def test_a_version_made_for_a_path_is_accepted(pair: tuple[ModulePath, str]) -> None:
    path, version = pair
    assert check_version(path, version) == version


@given(versions)
def test_canonical_form_is_reached_in_one_step(version: str) -> None:
    canonical = canonical_version(version)
    assert canonical
    assert canonical_version(canonical) == canonical


@given(module_paths, near_names)
def test_only_canonical_versions_pass(path: ModulePath, text: str) -> None:
    if version_problem(path, text) == "":
        assert canonical_version(text) == text
