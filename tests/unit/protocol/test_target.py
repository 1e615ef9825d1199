from __future__ import annotations

import pytest

from modmirror.errors import InvalidTarget, NotExist
from modmirror.mod.path import check_path
from modmirror.protocol.target import (
    MAX_ELEMENT_BYTES,
    MAX_PATH_BYTES,
    Kind,
    ModuleTarget,
    SumdbKind,
    SumdbTarget,
    Target,
    parse_bool,
    parse_target,
    split_cached_only,
)

DATABASES = ("sum.golang.org", "localhost.localdev/sumdb")
AZURE = check_path("github.com/Azure/x")
XY = check_path("x.y")


def parse(path: str) -> Target:
    return parse_target(path.encode(), DATABASES)


def refused(path: str) -> bool:
    with pytest.raises(InvalidTarget):
        parse(path)
    return True


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/github.com/!azure/x/@v/list", ModuleTarget(Kind.LIST, AZURE)),
        ("/github.com/!azure/x/@latest", ModuleTarget(Kind.LATEST, AZURE)),
        ("/github.com/!azure/x/@v/v1.2.3.info", ModuleTarget(Kind.INFO, AZURE, "v1.2.3")),
        ("/github.com/!azure/x/@v/v1.2.3.mod", ModuleTarget(Kind.MOD, AZURE, "v1.2.3")),
        ("/github.com/!azure/x/@v/v1.2.3.zip", ModuleTarget(Kind.ZIP, AZURE, "v1.2.3")),
        ("/github.com/!azure/x/@v/main.info", ModuleTarget(Kind.QUERY, AZURE, "main")),
        ("/x.y/@v/a.b.info", ModuleTarget(Kind.QUERY, XY, "a.b")),
    ],
)
def test_each_endpoint_has_its_target_and_its_path_back(path: str, target: ModuleTarget) -> None:
    assert parse(path) == target
    assert "/" + target.path == path


@pytest.mark.parametrize("version", ["v1", "v1.2", "v1.2.3+meta", "v2.0.0", "HEAD~1", "v1^{}", "a b"])
def test_info_of_anything_but_a_canonical_version_of_the_path_is_a_query(version: str) -> None:
    escaped = version.replace("HEAD", "!h!e!a!d").replace(" ", "%20")
    assert parse(f"/x.y/@v/{escaped}.info") == ModuleTarget(Kind.QUERY, XY, version)


@pytest.mark.matrix("T1")
def test_an_encoded_bang_is_the_same_as_a_raw_one() -> None:
    want = ModuleTarget(Kind.LIST, AZURE)
    assert parse("/github.com/%21azure/x/@v/list") == want
    assert parse("/github.com/!azure/x/@v/list") == want
    assert parse("/github.com/%21azure%2fx/%40v/list") == want


@pytest.mark.matrix("T2")
def test_a_raw_capital_in_the_path_is_refused() -> None:
    assert refused("/github.com/Azure/x/@v/list")


@pytest.mark.matrix("T3")
def test_a_capital_in_the_version_comes_escaped() -> None:
    assert parse("/x.y/@v/v1.0.0-%21r%21c1.info") == ModuleTarget(Kind.INFO, XY, "v1.0.0-RC1")


@pytest.mark.matrix("T4")
def test_a_raw_capital_in_the_version_is_refused() -> None:
    assert refused("/x.y/@v/v1.0.0-RC1.info")


@pytest.mark.matrix("T5")
def test_a_raw_plus_stays_a_plus() -> None:
    want = ModuleTarget(Kind.INFO, XY, "v2.0.0+incompatible")
    assert parse("/x.y/@v/v2.0.0+incompatible.info") == want
    assert parse("/x.y/@v/v2.0.0%2Bincompatible.info") == want
    assert want.path == "x.y/@v/v2.0.0+incompatible.info"


@pytest.mark.matrix("T6")
@pytest.mark.parametrize("version", ["%21%21a", "%211", "a%21", "!1"])
def test_a_bang_before_anything_but_a_letter_is_refused(version: str) -> None:
    assert refused(f"/x.y/@v/{version}.info")


@pytest.mark.matrix("T7")
def test_percent_signs_are_decoded_once() -> None:
    assert refused("/github.com/%2521azure/x/@v/list")
    assert parse("/x.y/@v/a%2521b.info") == ModuleTarget(Kind.QUERY, XY, "a%21b")


@pytest.mark.matrix("T8")
@pytest.mark.matrix("T9")
@pytest.mark.matrix("T11")
@pytest.mark.matrix("T12")
@pytest.mark.parametrize(
    "module",
    [
        *["!git!hub.com/u/r", "localhost/x", "x.y:80/a", "x_y.z/a", ".x.y/z", "x.y./z", "-x.y/z"],
        *["x.y/v0", "x.y/v1", "x.y/v02", "x.y/v2.0", "x.y/v2."],
        *["x.y/con", "x.y/!c!o!n.txt", "x.y/foo~1", "x.y/a+b", "x.y/%C3%A9"],
        *["gopkg.in/yaml", "gopkg.in/yaml.v02", "gopkg.in/yaml/v2", "gopkg.in/yaml.v2/sub"],
    ],
)
def test_a_malformed_module_path_is_refused_at_every_endpoint(module: str) -> None:
    for rest in ("@v/list", "@latest", "@v/v1.0.0.info", "@v/v1.0.0.zip"):
        assert refused(f"/{module}/{rest}")
    assert refused(f"/sumdb/sum.golang.org/lookup/{module}@v1.0.0")


@pytest.mark.matrix("T10")
@pytest.mark.matrix("T13")
@pytest.mark.parametrize("module", ["x.y/a..b", "127.0.0.1/a", "x.y/v2/v3", "gopkg.in/yaml.v2-unstable"])
def test_odd_but_valid_module_paths_pass(module: str) -> None:
    assert parse(f"/{module}/@v/list") == ModuleTarget(Kind.LIST, check_path(module))


@pytest.mark.matrix("T14")
@pytest.mark.matrix("T15")
@pytest.mark.matrix("T17")
@pytest.mark.parametrize(
    "file",
    [
        *["x.y/@v/v2.0.0", "x.y/v2/@v/v1.0.0"],
        *["x.y/@v/v1.2", "x.y/@v/v1.2.3+meta", "x.y/@v/main"],
    ],
)
def test_mod_and_zip_want_a_canonical_version_of_the_path(file: str) -> None:
    assert refused(f"/{file}.mod")
    assert refused(f"/{file}.zip")


@pytest.mark.matrix("T16")
def test_the_historic_gopkg_in_pseudo_version_passes() -> None:
    version = "v0.0.0-20200101000000-abcdefabcdef"
    want = ModuleTarget(Kind.MOD, check_path("gopkg.in/y.v1"), version)
    assert parse(f"/gopkg.in/y.v1/@v/{version}.mod") == want


@pytest.mark.matrix("T18")
@pytest.mark.parametrize("query", ["latest", "upgrade", "patch"])
def test_queries_that_clients_resolve_themselves_are_refused(query: str) -> None:
    assert refused(f"/x.y/@v/{query}.info")


@pytest.mark.matrix("T19")
@pytest.mark.parametrize(
    "rest",
    [
        *["@v/v1.0.0.ziphash", "@v/v1.0.0.lock", "@v/v1.0.0.partial", "@v/", "@v/v1.0.0", "", "@v", "@"],
        *["@v/.info", "@v/.zip", "@v/list/", "@v/list.info/", "@latest/", "@v//v1.0.0.zip", "@w/list"],
        *["@v/LIST", "@v/v1.0.0.ZIP", "@v/v1.0.0.Info", "@v/v1.0.0.zip.", "@v/v1.0.0.zip/"],
    ],
)
def test_files_that_the_protocol_does_not_have_are_refused(rest: str) -> None:
    assert refused(f"/x.y/z/{rest}")


@pytest.mark.matrix("T20")
@pytest.mark.parametrize(
    "path",
    [
        *["//x.y/@v/list", "/x.y/../x.y/@v/list", "/x.y//@v/list", "/x.y/./@v/list", "/%2Fx.y/@v/list"],
        *["/x.y/%2e%2e/@v/list", "/../x.y/@v/list", "/x.y/@v/../@v/list"],
        *["x.y/@v/list", "", "/", "/@v/list", "/@latest"],
    ],
)
def test_a_path_that_wants_cleaning_is_refused(path: str) -> None:
    assert refused(path)


@pytest.mark.matrix("T24")
@pytest.mark.parametrize("version", ["-x", "%2Fx", "a:b", "rel%2Fv1.0.0", "..", "%5Cx", "a%00b"])
def test_versions_that_could_become_options_or_paths_are_refused(version: str) -> None:
    assert refused(f"/x.y/@v/{version}.info")


@pytest.mark.matrix("T25")
@pytest.mark.parametrize("digits", [MAX_ELEMENT_BYTES, 5000])
def test_a_version_too_long_for_a_file_name_is_refused(digits: int) -> None:
    assert refused(f"/x.y/@v/v1.0.{'9' * digits}.zip")
    assert refused(f"/x.y/@v/{'a' * (digits + 1)}.info")


def test_the_longest_version_that_fits_a_file_name_passes() -> None:
    version = "v1.0." + "9" * (MAX_ELEMENT_BYTES - 5)
    assert parse(f"/x.y/@v/{version}.zip") == ModuleTarget(Kind.ZIP, XY, version)


@pytest.mark.parametrize("length", [MAX_ELEMENT_BYTES, MAX_ELEMENT_BYTES + 1])
def test_the_length_of_an_element_counts_escaped(length: int) -> None:
    capitals = "!a" * (length // 2)
    path = f"/x.y/{capitals}{'b' * (length % 2)}/@v/list"
    if length > MAX_ELEMENT_BYTES:
        assert refused(path)
    else:
        assert parse(path).path == path.removeprefix("/")


@pytest.mark.matrix("T26")
@pytest.mark.parametrize(
    "raw",
    [
        b"/x.y/" + b"a/" * 5000 + b"@v/list",
        b"/" + b"a" * MAX_PATH_BYTES,
        b"/x.y/\x00/@v/list",
        b"/x.y/%00/@v/list",
        b"/x.y/@v/%00.info",
        b"/x.y/\xff/@v/list",
        b"/x.y/%ff%fe/@v/list",
        b"/x.y/@v/%c0%af.info",
        b"/x.y/%ed%a0%80/@v/list",
        b"/x.y/%/@v/list",
        b"/x.y/%2/@v/list",
        b"/x.y/%zz/@v/list",
        b"/x.y/@v/a%.info",
        b"/x.y/z%0a/@v/list",
    ],
)
def test_hostile_bytes_are_refused_and_nothing_worse(raw: bytes) -> None:
    with pytest.raises(InvalidTarget):
        parse_target(raw, DATABASES)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("sum.golang.org/supported", SumdbTarget(SumdbKind.SUPPORTED, "sum.golang.org", "supported")),
        ("sum.golang.org/latest", SumdbTarget(SumdbKind.LATEST, "sum.golang.org", "latest")),
        (
            "sum.golang.org/lookup/github.com/%21azure/x@v1.0.0",
            SumdbTarget(
                SumdbKind.LOOKUP, "sum.golang.org", "lookup/github.com/!azure/x@v1.0.0", AZURE, "v1.0.0"
            ),
        ),
        (
            "sum.golang.org/tile/8/0/x001/234.p/12",
            SumdbTarget(SumdbKind.TILE, "sum.golang.org", "tile/8/0/x001/234.p/12"),
        ),
        (
            "sum.golang.org/tile/8/data/000",
            SumdbTarget(SumdbKind.TILE, "sum.golang.org", "tile/8/data/000"),
        ),
    ],
)
def test_a_database_has_four_kinds_of_resources(path: str, target: SumdbTarget) -> None:
    assert parse(f"/sumdb/{path}") == target


@pytest.mark.matrix("T149")
def test_the_name_of_a_database_may_hold_slashes() -> None:
    target = parse("/sumdb/localhost.localdev/sumdb/lookup/x.y@v2.0.0+incompatible")
    assert target == SumdbTarget(
        SumdbKind.LOOKUP,
        "localhost.localdev/sumdb",
        "lookup/x.y@v2.0.0+incompatible",
        XY,
        "v2.0.0+incompatible",
    )


def test_the_longest_matching_name_of_a_database_wins() -> None:
    target = parse_target(b"/sumdb/a.b/c/supported", ["a.b", "a.b/c", "a"])
    assert target == SumdbTarget(SumdbKind.SUPPORTED, "a.b/c", "supported")


@pytest.mark.matrix("T150")
def test_a_lookup_is_forwarded_with_raw_bangs() -> None:
    assert parse("/sumdb/sum.golang.org/lookup/x.y/%21a@v1.0.0-%21b").path == "lookup/x.y/!a@v1.0.0-!b"


@pytest.mark.matrix("T148")
@pytest.mark.parametrize("path", ["other.example/supported", "sum.golang.orgx/supported", "", "supported"])
def test_a_database_that_is_not_proxied_does_not_exist(path: str) -> None:
    with pytest.raises(NotExist, match="not proxied"):
        parse(f"/sumdb/{path}")


@pytest.mark.matrix("T152")
@pytest.mark.parametrize(
    "rest",
    [
        *["tile/8/0/1", "tile/8/0/x001", "tile/8/0/000.p/0", "tile/0/0/000", "tile/8/0/000/", "tile/"],
        *[
            "lookup/",
            "lookup/x.y",
            "lookup/x.y@",
            "lookup/x.y@main",
            "lookup/x.y@v1.2",
            "lookup/X.y@v1.0.0",
        ],
        *["lookup/x.y@v1.0.0/go.mod", "lookup/x.y@v2.0.0", "", "supported/", "Latest", "other"],
    ],
)
def test_a_malformed_resource_of_a_database_is_refused(rest: str) -> None:
    assert refused(f"/sumdb/sum.golang.org/{rest}")


@pytest.mark.matrix("T145")
def test_the_cached_only_prefix_is_taken_off() -> None:
    assert split_cached_only(b"/cached-only/x.y/@v/list") == (b"/x.y/@v/list", True)
    assert split_cached_only(b"/x.y/@v/list") == (b"/x.y/@v/list", False)
    assert split_cached_only(b"/cached-only") == (b"/cached-only", False)


@pytest.mark.matrix("T144")
def test_booleans_are_spelled_as_in_go() -> None:
    assert all(parse_bool(value) for value in ("1", "t", "T", "true", "TRUE", "True"))
    assert not any(parse_bool(value) for value in ("0", "f", "false", "False", "", "yes", "tRUE", " true"))


def test_a_target_knows_its_escaped_names() -> None:
    target = ModuleTarget(Kind.ZIP, AZURE, "v1.0.0-RC1")
    assert (target.escaped, target.escaped_version) == ("github.com/!azure/x", "v1.0.0-!r!c1")
