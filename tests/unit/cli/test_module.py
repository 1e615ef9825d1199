from __future__ import annotations

import pytest

from modmirror.cli.module import parse_module
from modmirror.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("a.test/M", ""),
        ("a.test/M@latest", ""),
        ("a.test/M@v1.0.0", "v1.0.0"),
        ("a.test/M@Feature", "Feature"),
        ("a.test/M@100%", "100%"),
    ],
)
def test_a_module_is_read_as_a_request_names_it(text: str, version: str) -> None:
    target = parse_module(text)
    assert (target.module, target.version) == ("a.test/M", version)


def test_an_empty_path_is_refused() -> None:
    with pytest.raises(ConfigError):
        parse_module("@v1.0.0")
