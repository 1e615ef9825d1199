"""``.zip`` of the recorded repositories: each has the ``h1:`` that the go command gave it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.e2e.matrix.conftest import content, h1

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.matrix.conftest import Direct

pytestmark = pytest.mark.xdist_group("matrix")

ZIPS = {
    ("plain", "v1.0.0"): "h1:U26XqC4nqnaZs5B1o1q20TmGu6SFh8rE+FhzwkENZ+E=",
    ("attr", "v1.0.0"): "h1:Q5Kao0J26c9yBMjgctq5hVz7m6E6oadjZVMj2JX2/vo=",
    ("vend1.23", "v1.0.0"): "h1:V17/X2unc+WJ9LU+87UopMbPpriT/WQjXKYFfUfqTO0=",
    ("vend1.23.9", "v1.0.0"): "h1:uXhK6u95XtlpLVCVV3ytbmdOxrbQtppBrgfeBJ1UiD8=",
    ("vendnone", "v1.0.0"): "h1:+OF/8g932IHu3p1/ITPdDQYsy3Uc9cRaLytq8ek3Xts=",
    ("vend1.24", "v1.0.0"): "h1:JqU0Lr2Y/t7l1iTwJmjA8ZtxooFUdBQFcOXg3yMe3YY=",
    ("vend1.24rc1", "v1.0.0"): "h1:fo4PaKkYcOTrrH5JRF3xZGYUq9UXb711nnlzZKDWTy4=",
    ("vbad", "v1.0.0"): "h1:HMFXr44LzoHeOuJ0VO8E/BO+yg/N4O00x87xYXtSp2I=",
    ("vlax", "v1.0.0"): "h1:diwQYdgTrvnOK29z+9UgdEZsnoGnE5HepS3v21LgI/U=",
    ("vcol", "v1.0.0"): "h1:rx+gfRMFcghIKqK9BnlJG18hybiSNSQg5YkpGq9rhQ4=",
    ("nest", "v1.0.0"): "h1:qZ8YOxCrgQToDfd9HQ2wMbEVBpwGodDYBYGO0uisV/I=",
    ("nest/sub", "v1.0.0"): "h1:2/9J1G5MMam7W8hPfIEfwWYo7BBUyR/kHNt9LAb1aAE=",
    ("lic", "v1.0.0"): "h1:GvJ/pq1/ol1JGWHL6SisKyYNQOrbMhdnTBXmDAGCF8g=",
    ("lic/sub", "v1.0.0"): "h1:/Dyf8Ucn0u2u0zxmyRqchDxjxvwYtsZal1tvxTaRbys=",
    ("lic/sub2", "v1.0.0"): "h1:dZvnHW+ZVIZ2wts9Gaiog/E3zlzF+MU3BboUfguVge8=",
    ("lic/sub3", "v1.0.0"): "h1:Q+uoYncAXFwJ1DgFxnOcgjhtwswyl3vtreBZClIgujc=",
    ("svend/sub", "v1.0.0"): "h1:ynrL8bySUw07YEdY5UJ+zK2uNCDxP8nDyovBYZSdOmY=",
    ("empty", "v1.0.0"): "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    ("fn", "v1.0.0"): "h1:FKFpmkd3XDI7wpymdVR3+uKXSPntd0M2arzDGKSJUmU=",
    ("fn", "v1.0.7"): "h1:d8qIk8qnMerrKF9zABo2UC6y8nZNkI5HEPpTuGDeKeU=",
    ("inc", "v2.1.0+incompatible"): "h1:PuZZvx0THGGUf1Sw71qEyPLFmqIlcwCPgcw1X1uA/jY=",
    ("maj/v2", "v2.0.0"): "h1:7t3yErHRJGUFONMKGDIkBZWr6U02GS8cb/8CkwZRSQo=",
    ("maj/v3", "v3.0.0"): "h1:ayKMWA0CBin0eftAjgzuVEIYZiERGO3gP3Szj8pj148=",
    ("sd/a/b/v2", "v2.2.0"): "h1:eANgBZcFy9Y4SPdr5FIm3aKX4Kkuz99wJJEAmdkzE3s=",
    ("sd/c/v2", "v2.0.0"): "h1:WcmvARZNfDfvnkNUSXaVoblx/FbS/c1vgJMeuPnbI38=",
    ("mm", "v1.0.0"): "h1:a54XTgG0VU++AuDrKQyKXgC8jhT3Fr7ylpw878tlbUQ=",
    ("gb", "v1.0.0"): "h1:E+Uo6RwnZOiSeNY/mYKfabZkhrTymtCmi5ir0WJcWWY=",
}
NAMES = {
    ("plain", "v1.0.0"): "p.go run.sh sub/s.go vendor/modules.txt",
    ("nest", "v1.0.0"): ".gitmodules LICENSE dirgomod/g.go dirgomod/go.mod/f go.mod symmod/q.go",
    ("nest/sub", "v1.0.0"): "LICENSE deep/d.go go.mod s.go",
    ("maj/v2", "v2.0.0"): "go.mod m.go",
    ("lic/sub3", "v1.0.0"): "go.mod",
    ("lc/sub", "v1.0.0"): "go.mod license",
    ("empty", "v1.0.0"): "",
}


@pytest.mark.matrix("T100")
@pytest.mark.matrix("T101")
@pytest.mark.matrix("T103")
@pytest.mark.matrix("T104")
@pytest.mark.matrix("T105")
@pytest.mark.matrix("T106")
@pytest.mark.matrix("T107")
@pytest.mark.matrix("T108")
@pytest.mark.matrix("T109")
@pytest.mark.matrix("T110")
@pytest.mark.matrix("T111")
@pytest.mark.matrix("T113")
@pytest.mark.matrix("T114")
@pytest.mark.matrix("T115")
@pytest.mark.matrix("T117")
@pytest.mark.matrix("T119")
@pytest.mark.matrix("T120")
@pytest.mark.matrix("T121")
@pytest.mark.parametrize(("module", "version"), ZIPS)
def test_a_zip_has_the_hash_that_the_go_command_gives_it(direct: Direct, module: str, version: str) -> None:
    assert h1(direct.zip(module, version)) == ZIPS[module, version]


@pytest.mark.matrix("T100")
@pytest.mark.matrix("T108")
@pytest.mark.matrix("T109")
@pytest.mark.matrix("T111")
@pytest.mark.matrix("T112")
@pytest.mark.matrix("T114")
@pytest.mark.matrix("T119")
@pytest.mark.matrix("T122")
@pytest.mark.parametrize(("module", "version"), NAMES)
def test_a_zip_has_the_files_that_belong_to_the_module(direct: Direct, module: str, version: str) -> None:
    assert " ".join(sorted(content(direct.zip(module, version), module, version))) == NAMES[module, version]


@pytest.mark.matrix("T103")
@pytest.mark.matrix("T104")
@pytest.mark.parametrize(
    ("module", "kept", "dropped"),
    [
        (
            "vend1.23",
            {"vendor/LICENSE", "vendor/modules.txt"},
            {"pkg/vendor/vendor.go", "a/vendor/modules.txt"},
        ),
        (
            "vend1.24",
            {"pkg/vendor/vendor.go", "a/vendor/modules.txt", "vendor/LICENSE"},
            {"vendor/modules.txt"},
        ),
    ],
)
def test_what_is_vendored_depends_on_the_go_line(
    direct: Direct, module: str, kept: set[str], dropped: set[str]
) -> None:
    names = content(direct.zip(module, "v1.0.0"), module, "v1.0.0").keys()
    assert kept <= names
    assert dropped.isdisjoint(names)


@pytest.mark.matrix("T110")
def test_a_link_as_licence_is_inherited_as_the_text_of_the_link(direct: Direct) -> None:
    assert content(direct.zip("lic/sub", "v1.0.0"), "lic/sub", "v1.0.0")["LICENSE"] == b"COPYING"


@pytest.mark.matrix("T112")
@pytest.mark.matrix("T116")
@pytest.mark.matrix("T118")
@pytest.mark.parametrize(
    ("module", "version", "reason"),
    [
        ("lc2/sub", "v1.0.0", "LICENSE"),
        ("fn", "v1.0.1", 'quo"'),
        ("fn", "v1.0.2", "aux.go"),
        ("fn", "v1.0.3", "readme"),
        ("fn", "v1.0.4", "trail."),
        ("fn", "v1.0.5", "bad*dir"),
        ("fn", "v1.0.6", "GO.mod"),
        ("fn", "v1.0.8", "link*bad"),
        ("up", "v1.0.0", "GO.MOD"),
    ],
)
def test_files_that_no_zip_may_hold_are_named_and_the_rest_of_the_version_is_there(
    direct: Direct, module: str, version: str, reason: str
) -> None:
    assert reason in direct.refusal(direct.path(module, version, "zip"))
    assert direct.info(module, version)["Version"] == version
    assert direct.mod(module, version).startswith(b"module github.com/u/")


@pytest.mark.matrix("T124")
def test_more_than_500_mib_is_no_module_and_other_versions_are_not_harmed(direct: Direct) -> None:
    assert "at most 524288000" in direct.refusal(direct.path("large", "v1.0.0", "zip"))
    assert content(direct.zip("large", "v1.0.1"), "large", "v1.0.1").keys() == {"go.mod"}
    assert disk_use(direct.mirror.directory) < 50_000_000


def disk_use(directory: Path) -> int:
    """Return the bytes of all files of a mirror that is at work."""
    total = 0
    for file in directory.rglob("*"):
        with suppress(FileNotFoundError):  # a temporary one
            total += file.stat().st_size
    return total
