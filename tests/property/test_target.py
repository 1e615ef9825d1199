from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from modmirror.errors import InvalidTarget, NotExist
from modmirror.protocol.target import Kind, ModuleTarget, SumdbTarget, parse_target
from tests.property.strategies import canonical_versions, module_paths, near_names

if TYPE_CHECKING:
    from modmirror.mod.path import ModulePath

DATABASES = ("sum.golang.org", "a.b/c")

files = module_paths.flatmap(
    lambda path: st.builds(
        ModuleTarget,
        st.sampled_from([Kind.INFO, Kind.MOD, Kind.ZIP]),
        st.just(path),
        canonical_versions(path),
    )
)
targets = files | st.builds(ModuleTarget, st.sampled_from([Kind.LIST, Kind.LATEST]), module_paths)


@given(targets)
def test_a_target_is_read_back_from_its_own_path(target: ModuleTarget) -> None:
    assert parse_target(b"/" + target.path.encode(), DATABASES) == target


@given(targets, st.data())
def test_any_percent_encoding_of_a_path_means_the_same(target: ModuleTarget, data: st.DataObject) -> None:
    encoded = b"".join(
        b"%%%02X" % byte if data.draw(st.booleans()) else bytes([byte]) for byte in target.path.encode()
    )
    assert parse_target(b"/" + encoded, DATABASES) == target


@given(st.binary(max_size=60) | st.text(max_size=30).map(str.encode))
def test_arbitrary_bytes_are_read_or_refused(raw: bytes) -> None:
    for path in (
        raw,
        b"/" + raw,
        b"/x.y/" + raw,
        b"/x.y/@v/" + raw,
        b"/sumdb/" + raw,
        b"/sumdb/a.b/c/" + raw,
    ):
        try:
            target = parse_target(path, DATABASES)
        except (InvalidTarget, NotExist):
            continue
        check_closed(target)


@given(near_names, near_names, st.sampled_from(["@v/{}.info", "@v/{}.mod", "@v/{}.zip", "@v/list", "{}"]))
def test_nearly_right_paths_are_read_or_refused(module: str, version: str, rest: str) -> None:
    text = f"/{module}/{rest.format(version)}"
    for raw in (text.encode("utf-8", "surrogateescape"), quote(text, errors="surrogatepass").encode()):
        try:
            target = parse_target(raw, DATABASES)
        except (InvalidTarget, NotExist):
            continue
        check_closed(target)


@given(near_names, near_names)
def test_nearly_right_lookups_are_read_or_refused(module: str, version: str) -> None:
    try:
        target = parse_target(quote(f"/sumdb/a.b/c/lookup/{module}@{version}").encode(), DATABASES)
    except InvalidTarget:
        return
    check_closed(target)


def check_closed(target: ModuleTarget | SumdbTarget) -> None:
    """What has been read can be asked of an upstream, and would be read the same there."""
    path = target.path if isinstance(target, ModuleTarget) else f"sumdb/{target.database}/{target.path}"
    assert path.isascii()
    assert not {"..", ".", ""} & set(path.split("/"))
    assert not path.startswith("-")
    assert parse_target(b"/" + quote(path, safe="/!@").encode(), DATABASES) == target


@given(module_paths)
def test_the_path_of_a_module_is_never_a_dash_or_dot_file(path: ModulePath) -> None:
    target = ModuleTarget(Kind.LIST, path)
    assert not any(element.startswith(".") for element in target.path.split("/"))
