"""Names as they occur, and names that are nearly right."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from modmirror.mod.path import ModulePath, path_problem, split_path_version
from modmirror.mod.pseudo import pseudo_version

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_hosts = st.sampled_from(["github.com", "x.y", "127.0.0.1", "a-b.example", "xn--bcher-kva.example"])
_elements = st.from_regex(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,8}", fullmatch=True)
_majors = st.sampled_from(["", "", "", "/v2", "/v3", "/v10"])
_gopkg_in = st.builds(
    "gopkg.in/{}.v{}{}".format, _elements, st.integers(1, 20), st.sampled_from(["", "-unstable"])
)

_numbers = st.integers(0, 30).map(str) | st.integers(10**20, 10**21).map(str)
_identifiers = st.from_regex(r"0|[1-9][0-9]{0,3}|[0-9]{0,2}[A-Za-z-][0-9A-Za-z-]{0,4}", fullmatch=True)
_prereleases = st.just("") | st.lists(_identifiers, min_size=1, max_size=3).map(
    lambda ids: "-" + ".".join(ids)
)
_builds = st.just("") | st.from_regex(r"\+[0-9A-Za-z-]{1,4}(\.[0-9A-Za-z-]{1,3})?", fullmatch=True)

versions: SearchStrategy[str] = st.one_of(
    st.builds("v{}".format, _numbers),
    st.builds("v{}.{}".format, _numbers, _numbers),
    st.builds("v{}.{}.{}{}{}".format, _numbers, _numbers, _numbers, _prereleases, _builds),
)
"""Semantic versions, short ones and odd build metadata included."""

times = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001 - hypothesis wants naive bounds and adds the zone
    lambda time: time.replace(microsecond=0)
)
revisions = st.from_regex(r"[0-9a-f]{12}", fullmatch=True)

pseudo_versions: SearchStrategy[str] = st.builds(
    pseudo_version, st.sampled_from(["", "v0", "v1", "v2"]), st.just("") | versions, times, revisions
)


def _valid(path: str) -> bool:
    return path_problem(path) == ""


module_paths: SearchStrategy[ModulePath] = (
    st.one_of(
        st.builds(
            lambda host, elements, major: "/".join([host, *elements]) + major,
            _hosts,
            st.lists(_elements, max_size=4),
            _majors,
        ),
        _gopkg_in,
    )
    .filter(_valid)
    .map(ModulePath)
)


@st.composite
def canonical_versions(draw: st.DrawFn, path: ModulePath) -> str:
    """Versions that may be asked for as ``.mod`` and ``.zip`` of ``path``."""
    split = split_path_version(path)
    assert split is not None
    path_major = split[1].removesuffix("-unstable")
    major = path_major[2:] or draw(st.sampled_from(["0", "1"]))
    return f"v{major}.{draw(_numbers)}.{draw(_numbers)}{draw(_prereleases)}"


near_names: SearchStrategy[str] = st.one_of(
    module_paths,
    versions,
    pseudo_versions,
    st.text("aZ09.-~/!@+v_ é\\:*%\n", max_size=12),
    st.text(max_size=12),
    st.builds("{}{}{}".format, module_paths, st.text("/.~v0129!A-", max_size=4), st.just("")),
    st.builds("{}{}{}".format, st.just(""), versions, st.text("+-.v01a\n", max_size=4)),
)
"""Text near the border between right and wrong."""
