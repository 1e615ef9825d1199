from __future__ import annotations

from typing import TYPE_CHECKING

from bench import material
from bench.material import COLD, MIDDLE, ColdZips, make_zip, write_module
from tests.e2e.modules import h1_of_go_mod
from tests.fakes.zips import slow_h1

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_zip_has_about_the_size_asked_for() -> None:
    archive, _ = make_zip(MIDDLE, "v1.0.0", 200_000)
    assert 180_000 < len(archive) < 220_000


def test_each_cold_version_is_what_the_database_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(material.SIZES, COLD, 50_000)
    zips = ColdZips(tmp_path)
    for number in range(2):
        cold = zips.next()
        stem = tmp_path / COLD / "@v" / cold.version
        assert cold.version == f"v1.0.{100 + number}"
        assert slow_h1(stem.with_name(f"{cold.version}.zip").read_bytes()) == cold.zip_h1
        assert h1_of_go_mod(stem.with_name(f"{cold.version}.mod").read_bytes()) == cold.mod_h1


def test_forgotten_version_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(material.SIZES, COLD, 10_000)
    zips = ColdZips(tmp_path)
    zips.forget(zips.next().version)
    assert [file.name for file in (tmp_path / COLD / "@v").iterdir()] == ["list"]


def test_list_names_what_is_there(tmp_path: Path) -> None:
    for version in ("v1.1.0", "v1.0.0"):
        write_module(tmp_path, MIDDLE, version, b"")
    assert (tmp_path / MIDDLE / "@v" / "list").read_text() == "v1.0.0\nv1.1.0\n"
