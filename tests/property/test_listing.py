from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from modmirror.mod.pseudo import is_pseudo_version
from modmirror.mod.version import version_problem
from modmirror.protocol.listing import format_list, looks_like_list, parse_list
from tests.property.strategies import module_paths, near_names

if TYPE_CHECKING:
    from modmirror.mod.path import ModulePath

texts = st.lists(near_names, max_size=8).map(lambda lines: "\n".join(lines).encode("utf-8", "replace"))


@given(module_paths, texts | st.binary(max_size=40))
def test_whatever_comes_in_only_usable_versions_come_out(module: ModulePath, data: bytes) -> None:
    versions = parse_list(data, module)
    for version in versions:
        assert version_problem(module, version) == ""
        assert not is_pseudo_version(version)
    if versions and b"\0" not in data and data.lstrip()[:1] not in {b"<", b"{"}:
        assert looks_like_list(data)


@given(module_paths, texts)
def test_a_written_list_is_read_back_and_stays_the_same(module: ModulePath, data: bytes) -> None:
    versions = parse_list(data, module)
    assert parse_list(format_list(reversed(versions)), module) == versions
    assert looks_like_list(format_list(versions))
