from __future__ import annotations

from modmirror.cli.reference.config import page
from modmirror.config import SECTIONS


def test_every_key_is_described_with_its_variable() -> None:
    text = page()
    for section in SECTIONS.values():
        for key in section.keys:
            assert f"\n### `{section.name}.{key}`\n" in text
    assert "- Variable: `MODMIRROR_SERVER__PORT`." in text
    assert "- Variable: `MODMIRROR_ROUTE__0__FROM`." in text


def test_type_range_and_default_are_told() -> None:
    text = page()
    assert "- Expects a whole number from 0 to 65535.\n- Default: `8080`." in text
    assert "- Default: none, it must be given." in text
    assert '; without any `[[route]]`: `["https://proxy.golang.org",' in text
