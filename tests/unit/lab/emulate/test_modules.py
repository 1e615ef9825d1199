from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from modmirror.lab.emulate.modules import CATALOGUE, EPOCH, WELL, ModuleSet, make_release, pack
from modmirror.mod.modzip import verify_zip
from modmirror.mod.path import ModulePath
from modmirror.mod.version import check_version

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = ModulePath("example.com/lab/text")
FAR = EPOCH * 2


def reader(data: bytes) -> Callable[[int, int], bytes]:
    return lambda at, size: data[at : at + size]


def test_a_seed_decides_every_byte() -> None:
    first, second, other = ModuleSet.generate(1), ModuleSet.generate(1), ModuleSet.generate(2)
    for module, version in first.releases():
        assert first.release(module, version) == second.release(module, version)
    assert first.release(TEXT, "v1.0.0") != other.release(TEXT, "v1.0.0")


def test_every_version_may_belong_to_its_path_and_its_zip_keeps_the_rules() -> None:
    modules = ModuleSet.generate(3)
    for module, version in modules.releases():
        release = modules.release(module, version)
        assert release is not None
        size, read_at = len(release.zip), reader(release.zip)
        assert verify_zip(module, check_version(module, version), size, read_at) == release.h1


def test_the_catalogue_holds_small_and_large_and_odd_modules() -> None:
    strata = {spec.stratum for spec in CATALOGUE}
    assert strata >= {"popular", "large", "upper-case", "incompatible", "major", "pseudo", "toolchain"}
    assert max(spec.size for spec in CATALOGUE) > 1_000_000


def test_list_names_what_is_published_by_then_and_no_pseudo_version() -> None:
    modules = ModuleSet.generate()
    assert modules.versions(TEXT, EPOCH) == ["v0.1.0"]
    assert modules.versions(TEXT, FAR) == ["v0.1.0", "v0.2.0", "v1.0.0", "v1.0.1"]
    assert modules.versions(ModulePath("example.com/lab/pseudo"), FAR) == []


def test_latest_is_a_release_before_a_pre_release_before_a_pseudo_version() -> None:
    modules = ModuleSet.generate()
    modules.publish(TEXT, "v9.0.0-rc.1", EPOCH)
    assert modules.latest(TEXT, FAR) == "v1.0.1"
    assert modules.latest(ModulePath("example.com/lab/pseudo"), FAR).startswith("v0.0.0-2023")
    assert modules.latest(ModulePath("example.com/none"), FAR) == ""


def test_latest_names_nothing_that_was_not_published_yet() -> None:
    modules = ModuleSet.generate()
    modules.publish(ModulePath("example.com/new"), "v1.0.0", EPOCH + 100)
    assert modules.latest(ModulePath("example.com/new"), EPOCH + 99) == ""
    assert modules.latest(ModulePath("example.com/new"), EPOCH + 100) == "v1.0.0"


def test_a_well_has_every_release_version() -> None:
    modules = ModuleSet.generate()
    release = modules.release(ModulePath(WELL.path), "v1.77.0")
    assert release is not None
    assert b"v1.77.0" in release.info
    assert modules.release(ModulePath(WELL.path), "v1.77.0-rc1") is None
    assert modules.release(TEXT, "v1.77.0") is None


def test_an_incompatible_version_has_no_go_mod_in_its_zip() -> None:
    release = make_release(
        ModulePath("example.com/m"), "v2.0.0+incompatible", published=EPOCH, size=1, seed=0
    )
    with zipfile.ZipFile(io.BytesIO(release.zip)) as archive:
        assert not [name for name in archive.namelist() if name.endswith("go.mod")]
    assert release.mod == b"module example.com/m\n"


def test_packing_does_not_depend_on_the_order_of_files() -> None:
    assert pack("m@v1.0.0", {"a": b"1", "b": b"2"}) == pack("m@v1.0.0", {"b": b"2", "a": b"1"})
