"""``.info`` and ``.mod`` of the recorded repositories, as clients get them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.matrix.repositories import ODD_GO_MOD
from tests.fakes.git_fixtures import FIXTURES, RECORDED, commit_of

if TYPE_CHECKING:
    from tests.e2e.matrix.conftest import Direct

pytestmark = pytest.mark.xdist_group("matrix")

MAIN = "v1.11.1-0.20200102000000-17a33449699d"
"""Of the main branch of u/tags. Its base is a tag that names no version itself."""
PULL_REQUEST = RECORDED["u/pr", "refs/pull/1/head"]


@pytest.mark.matrix("T44")
@pytest.mark.matrix("T45")
@pytest.mark.matrix("T46")
@pytest.mark.matrix("T47")
@pytest.mark.matrix("T49")
@pytest.mark.matrix("T57")
@pytest.mark.matrix("T60")
@pytest.mark.matrix("T61")
@pytest.mark.matrix("T64")
@pytest.mark.matrix("T65")
@pytest.mark.matrix("T68")
@pytest.mark.matrix("T69")
@pytest.mark.matrix("T70")
@pytest.mark.matrix("T71")
@pytest.mark.matrix("T74")
@pytest.mark.matrix("T76")
@pytest.mark.matrix("T78")
@pytest.mark.matrix("T79")
@pytest.mark.parametrize(
    ("module", "query", "version"),
    [
        ("plain", "main", "v1.0.1-0.20200102000000-5d69519d8d2a"),
        ("notag", "main", "v0.0.0-20200101000000-2c4e4241dbf5"),
        ("pre", "main", "v1.0.0-rc.1.0.20200102000000-87b3051b89ad"),
        *(
            ("tags", query, MAIN)
            for query in ("main", "feat", "HEAD", "17a3344", RECORDED["u/tags", "main"])
        ),
        *(
            ("tags", query, "v1.4.0-RC1")
            for query in ("v1.3.0+meta", "1.7.0", "V1.12.0", "release-v1.15.0", "0712cb6265b7")
        ),
        *(
            ("tags", version, version)
            for version in (
                "v0.0.0-20200101000000-0712cb6265b7",
                "v1.3.1-0.20200102000000-17a33449699d",
                "v1.9.0-beta.0.20200102000000-17a33449699d",
            )
        ),
        ("orph", "v1.0.0", "v1.0.0"),
        ("orph", "main", "v0.0.0-20200101000000-b4318ec0fc38"),
        ("nm", "both", "v1.0.1"),
        ("ret", "e28cba1f0af0", "v1.0.1-0.20200102000000-e28cba1f0af0"),
        ("ret", "v1.1.0", "v1.1.0"),
        ("inc", "v2.0.0", "v2.0.0+incompatible"),
        ("inc", "v2.0.0+incompatible", "v2.0.0+incompatible"),
        ("inc", "da291725654d", "v2.1.0+incompatible"),
        ("maj", "main", "v1.0.1-0.20200102000000-ec05a55c626c"),
        ("maj/v2", "main", "v2.0.0"),
        ("maj/v3", "v3br", "v3.0.0"),
        ("mm", "v1.0.0", "v1.0.0"),
        ("mm2/v2", "v2.0.0", "v2.0.0"),
        ("gb", "v1.0.0", "v1.0.0"),
        ("tm2", "main", "v0.0.0-21000101000000-779bbb3ae4c3"),
    ],
)
def test_a_revision_resolves_as_the_go_command_resolves_it(
    direct: Direct, module: str, query: str, version: str
) -> None:
    assert direct.info(module, query)["Version"] == version


@pytest.mark.matrix("T43")
@pytest.mark.matrix("T66")
@pytest.mark.matrix("T67")
@pytest.mark.parametrize(
    ("module", "query", "time", "commit"),
    [
        ("plain", "v1.0.0", "2020-01-01T00:00:00Z", RECORDED["u/plain", "v1.0.0"]),
        ("nm", "v1.0.1", "2020-01-01T00:00:00Z", RECORDED["u/nm", "v1.0.1"]),
        ("tm", "v1.0.0", "2020-05-05T07:00:00Z", RECORDED["u/tm", "v1.0.0"]),
    ],
)
def test_a_version_has_the_time_and_the_id_of_its_commit(
    direct: Direct, module: str, query: str, time: str, commit: str
) -> None:
    assert direct.info(module, query) == {
        "Version": query,
        "Time": time,
        "Origin": {
            "VCS": "git",
            "URL": f"https://github.com/u/{module}",
            "Hash": commit,
            "Ref": f"refs/tags/{query}",
        },
    }


@pytest.mark.parametrize(
    ("module", "version", "origin"),
    [
        ("nest/sub", "v1.0.0", {"Subdir": "sub", "Ref": "refs/tags/sub/v1.0.0"}),
        ("sd/a/b/v2", "v2.2.0", {"Subdir": "a/b", "Ref": "refs/tags/a/b/v2.2.0"}),
        ("maj/v2", "v2.0.0", {"Ref": "refs/tags/v2.0.0"}),
        ("inc", "v2.1.0+incompatible", {"Ref": "refs/tags/v2.1.0"}),
        ("plain", "v1.0.1-0.20200102000000-5d69519d8d2a", {}),
    ],
)
def test_an_origin_names_the_directory_and_the_tag(
    direct: Direct, module: str, version: str, origin: dict[str, str]
) -> None:
    found = direct.info(module, version)["Origin"]
    assert {key: value for key, value in found.items() if key not in {"VCS", "URL", "Hash"}} == origin


@pytest.mark.matrix("T48")
@pytest.mark.matrix("T50")
@pytest.mark.matrix("T51")
@pytest.mark.matrix("T52")
@pytest.mark.matrix("T53")
@pytest.mark.matrix("T54")
@pytest.mark.matrix("T55")
@pytest.mark.matrix("T56")
@pytest.mark.matrix("T58")
@pytest.mark.matrix("T59")
@pytest.mark.matrix("T62")
@pytest.mark.matrix("T63")
@pytest.mark.matrix("T69")
@pytest.mark.matrix("T71")
@pytest.mark.matrix("T72")
@pytest.mark.matrix("T73")
@pytest.mark.matrix("T75")
@pytest.mark.matrix("T77")
@pytest.mark.parametrize(
    ("module", "query", "reason"),
    [
        ("tags", "17a334", "unknown revision"),
        ("tags", RECORDED["u/tags", "main"].upper(), "unknown revision"),
        *(("tags", version, "unknown revision") for version in ("v1.3.0", "v1.9.0-beta", "v1.11.0")),
        ("tags", "v1.20.0", "v1.20.0 is not a tag"),
        *(
            ("tags", version, "must end in the major version")
            for version in ("v2.0.0", "v2.0.0+incompatible")
        ),
        ("tags", "v1.0.1-0.20200102000001-17a33449699d", "another time, 20200102000000"),
        ("tags", "v1.0.1-0.20200102000000-17a33449699", "shorter than the 12 digits"),
        ("tags", "v1.0.1-0.20200102000000-17a33449699dd", "longer than the 12 digits"),
        ("tags", "v1.0.2-0.20200102000000-17a33449699d", "no tag v1.0.1 before it"),
        ("tags", "v1.0.1-0.20200101000000-0712cb6265b7", "bears the tag v1.0.0 itself"),
        ("tags", "v1.0.0-20200102000000-17a33449699d", "must be v0, not v1"),
        ("tags", "v1.0.0-0.20200102000000-17a33449699d", "negative patch number"),
        ("orph", "v1.0.1-0.20200101000000-b4318ec0fc38", "not a descendant of the tag v1.0.0"),
        ("pr", PULL_REQUEST, "unknown revision"),
        ("pr", f"v1.0.1-0.20200102000000-{PULL_REQUEST[:12]}", "unknown revision"),
        ("pr", "refs/pull/1/head", ""),
        ("inc", "v1.0.0+incompatible", "+incompatible is not allowed"),
        ("inc", "v3.0.0+incompatible", "another major version"),
        ("maj/v3", "main", "another major version"),
        ("sd/a/b", "v1.0.0", "unknown revision a/b/v1.0.0"),
        ("sl", "rel/v1.0.0", ""),
        ("mm/v2", "v2.0.0", "another major version"),
        ("mm2", "v1.0.0", "another major version"),
        ("symgm", "v1.0.0", "missing its module path"),
        ("notag", "latest", ""),
    ],
)
def test_what_the_go_command_refuses_is_not_found(
    direct: Direct, module: str, query: str, reason: str
) -> None:
    assert reason in direct.refusal(direct.path(module, query, "info"))


@pytest.mark.matrix("T80")
def test_a_repository_of_sha256_is_like_any_other(direct: Direct) -> None:
    version = direct.info("sha256", "main")["Version"]
    found = direct.info("sha256", version)
    assert version == f"v1.0.1-0.20200102000000-{found['Origin']['Hash'][:12]}"
    assert len(found["Origin"]["Hash"]) == 64


# --- .mod ---


@pytest.mark.matrix("T74")
@pytest.mark.matrix("T78")
@pytest.mark.matrix("T94")
@pytest.mark.matrix("T95")
@pytest.mark.matrix("T96")
@pytest.mark.matrix("T118")
@pytest.mark.parametrize(
    ("module", "version", "expected"),
    [
        ("plain", "v1.0.0", b"module github.com/u/plain\n"),
        ("inc", "v2.1.0+incompatible", b"module github.com/u/inc\n"),
        ("up", "v1.0.0", b"module github.com/u/up\n"),
        ("crlf", "v1.0.0", ODD_GO_MOD),
        ("mm", "v1.0.0", b"module other.com/x\n"),
        ("gb", "v1.0.0", b"module github.com/u/gb\n\nthis is ( garbage\n"),
        ("maj/v2", "v2.0.0", b"module github.com/u/maj/v2\n"),
    ],
)
def test_a_go_mod_is_the_stored_one_or_made_up(
    direct: Direct, module: str, version: str, expected: bytes
) -> None:
    assert direct.mod(module, version) == expected


@pytest.mark.matrix("T97")
def test_a_go_mod_needs_no_info_before_it(direct: Direct) -> None:
    commit = commit_of(FIXTURES["u/ops"](), "main")[:12]
    status, body, headers = direct.mirror.get(f"github.com/u/ops/@v/v1.0.1-0.20200102000000-{commit}.mod")
    assert (status, body, headers["x-modmirror-cache"]) == (200, b"module github.com/u/ops\n", "miss")


@pytest.mark.matrix("T98")
@pytest.mark.parametrize("kind", ["mod", "zip"])
@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("v1.0.1-0.20200102000001-17a33449699d", "another time"),
        ("v1.0.2-0.20200102000000-17a33449699d", "no tag v1.0.1 before it"),
        ("v1.0.1-0.20200101000000-0712cb6265b7", "bears the tag v1.0.0 itself"),
        ("v0.0.0-20200102000000-17a334496990", "unknown revision"),
    ],
)
def test_a_false_pseudo_version_has_no_files(direct: Direct, version: str, reason: str, kind: str) -> None:
    assert reason in direct.refusal(direct.path("tags", version, kind))
