"""``list`` and ``@latest`` of the recorded repositories, as clients get them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.mod.pseudo import is_pseudo_version
from tests.e2e.matrix.repositories import ORDERED
from tests.fakes.git_fixtures import FIXTURES, RECORDED

if TYPE_CHECKING:
    from tests.e2e.matrix.conftest import Direct

pytestmark = pytest.mark.xdist_group("matrix")

LISTS = {
    "tags": "v0.9.0 v0.9.1 v1.0.0 v1.4.0-RC1",
    "notag": "",
    "ret": "v1.0.0 v1.1.0 v1.2.0",
    "inc": "v1.0.0 v2.0.0+incompatible v2.1.0+incompatible v4.0.0+incompatible",
    "inc2": "v1.0.0",
    "inc/v3": "v3.0.0",
    "maj": "v1.0.0",
    "maj/v2": "v2.0.0",
    "maj/v3": "v3.0.0",
    "sd/a/b": "v1.1.0",
    "sd/a/b/v2": "v2.2.0",
    "sd/c/v2": "v2.0.0",
    "order": " ".join(ORDERED),
    "nm": "v1.0.0 v1.0.1",
}
LATEST = {
    "tags": "v1.0.0",
    "pre": "v1.0.0-rc.1",
    "notag": "v0.0.0-20200101000000-2c4e4241dbf5",
    "ret": "v1.0.0",
    "reta": "v0.0.0-20200103000000-12a3007feeb6",
    "inc": "v4.0.0+incompatible",
    "inc2": "v1.0.0",
    "orph": "v1.0.0",
}


@pytest.mark.matrix("T27")
@pytest.mark.matrix("T28")
@pytest.mark.matrix("T31")
@pytest.mark.matrix("T32")
@pytest.mark.matrix("T33")
@pytest.mark.matrix("T34")
@pytest.mark.matrix("T35")
@pytest.mark.matrix("T36")
@pytest.mark.matrix("T37")
@pytest.mark.matrix("T41")
@pytest.mark.parametrize("module", LISTS)
def test_a_list_is_the_one_the_go_command_makes(direct: Direct, module: str) -> None:
    assert direct.versions(module) == LISTS[module]


@pytest.mark.matrix("T29")
@pytest.mark.matrix("T30")
@pytest.mark.matrix("T36")
@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("notag/nosuchdir", "there is no nosuchdir/go.mod"),
        ("nosuch", "https://github.com/u/nosuch does not exist"),
        ("sd/c", "another major version"),
        ("nocommit", "no commits"),
    ],
)
def test_what_is_no_module_has_no_list(direct: Direct, module: str, reason: str) -> None:
    assert reason in direct.refusal(f"{module}/@v/list")


@pytest.mark.matrix("T40")
def test_no_list_has_a_time_or_a_pseudo_version(direct: Direct) -> None:
    for name in FIXTURES:
        module = name.removeprefix("u/")
        status, body, _ = direct.mirror.get(f"github.com/u/{module}/@v/list")
        lines = body.decode().splitlines() if status == 200 else []
        assert [line for line in lines if " " in line or is_pseudo_version(line)] == []


@pytest.mark.matrix("T82")
@pytest.mark.matrix("T83")
@pytest.mark.matrix("T84")
@pytest.mark.matrix("T85")
@pytest.mark.matrix("T86")
@pytest.mark.matrix("T87")
@pytest.mark.parametrize("module", LATEST)
def test_the_latest_version_is_the_one_the_go_command_takes(direct: Direct, module: str) -> None:
    assert direct.latest(module)["Version"] == LATEST[module]


@pytest.mark.matrix("T82")
def test_the_latest_version_says_where_it_is_from(direct: Direct) -> None:
    assert direct.latest("tags") == {
        "Version": "v1.0.0",
        "Time": "2020-01-01T00:00:00Z",
        "Origin": {
            "VCS": "git",
            "URL": "https://github.com/u/tags",
            "Hash": RECORDED["u/tags", "v1.0.0"],
            "Ref": "refs/tags/v1.0.0",
        },
    }


@pytest.mark.matrix("T88")
@pytest.mark.matrix("T89")
@pytest.mark.parametrize(
    ("module", "reason"), [("nocommit", "no commits"), ("maj/v4", "another major version")]
)
def test_where_nothing_resolves_there_is_no_latest_version(
    direct: Direct, module: str, reason: str
) -> None:
    assert reason in direct.refusal(f"{module}/@latest")
