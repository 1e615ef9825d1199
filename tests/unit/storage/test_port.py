from __future__ import annotations

from tests.contract.storage_suite import key_of


def test_a_key_names_its_path_below_a_goproxy_root() -> None:
    assert (
        key_of("github.com/Azure/x", "v1.0.0-RC.1", "zip").path
        == "github.com/!azure/x/@v/v1.0.0-!r!c.1.zip"
    )
