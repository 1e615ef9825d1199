from __future__ import annotations

import pytest

from tests.corpus.versions import module_version


@pytest.mark.parametrize(
    ("debian", "module", "version"),
    [
        ("1.4.2-1", "example.com/m", "v1.4.2"),
        ("1:0.4-2+deb12u1", "example.com/m", "v0.4.0"),
        ("2.8.2+ds1-1", "example.com/m/v2", "v2.8.2"),
        ("1.0.0~rc3-1", "example.com/m", "v1.0.0-rc.3"),
        ("2.4.0-4", "gopkg.in/yaml.v2", "v2.4.0"),
        ("13.0.0-1", "example.com/m/v12", "v12.0.0"),
        ("0.5~foo-1", "example.com/m", "v0.5.0"),
        ("unreleased-1", "example.com/m", "v0.0.0"),
    ],
)
def test_release_keeps_its_numbers(debian: str, module: str, version: str) -> None:
    assert module_version(debian, module, has_go_mod=True) == version


def test_snapshot_becomes_a_pseudo_version() -> None:
    version = module_version("0.0~git20200804.5ec99f8-1", "example.com/m", has_go_mod=True)
    assert version.startswith("v0.0.0-20200804000000-5ec99f8")
    assert len(version) == len("v0.0.0-20200804000000-5ec99f812345")


def test_snapshot_after_a_release_comes_after_it() -> None:
    version = module_version("1.2.3+git20200804.5ec99f8-1", "example.com/m", has_go_mod=True)
    assert version.startswith("v1.2.4-0.20200804000000-5ec99f8")


def test_high_major_without_go_mod_is_incompatible() -> None:
    assert module_version("3.1.0-1", "example.com/m", has_go_mod=False) == "v3.1.0+incompatible"


def test_high_major_with_go_mod_but_without_suffix_cannot_keep_its_numbers() -> None:
    assert module_version("3.1.0-1", "example.com/m", has_go_mod=True) == "v0.0.0"
