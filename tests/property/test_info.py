from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modmirror.mod.path import ModulePath, check_path
from modmirror.mod.version import version_problem
from modmirror.protocol.info import Info, format_info, parse_info
from tests.property.strategies import canonical_versions, module_paths, near_names, times

if TYPE_CHECKING:
    from datetime import datetime

XY = check_path("x.y")

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | near_names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(st.sampled_from(["Version", "version", "TIME", "Origin", "x"]), values)


@given(
    (documents | documents.map(lambda fields: {**fields, "Version": "v1.0.0"}))
    .map(json.dumps)
    .map(str.encode)
    | st.binary(max_size=40),
    near_names | st.none(),
)
def test_any_answer_is_read_as_usable_or_refused(data: bytes, requested: str | None) -> None:
    try:
        info = parse_info(data, module=XY, requested=requested)
    except ValueError:
        return
    assert info.raw == data
    assert version_problem(XY, info.version) == ""
    assert requested is None or info.version == requested or version_problem(XY, requested) != ""


@given(module_paths.flatmap(lambda path: st.tuples(st.just(path), canonical_versions(path))), times)
def test_a_written_info_is_read_back(pair: tuple[ModulePath, str], time: datetime) -> None:
    module, version = pair
    text = time.isoformat().replace("+00:00", "Z")
    raw = format_info(version, text)
    assert parse_info(raw, module=module, requested=version) == Info(version, raw, text)
    with pytest.raises(ValueError, match="asked was"):
        parse_info(raw, module=module, requested=version + "-x" if "-" not in version else version + ".x")
