from __future__ import annotations

import pytest

from modmirror.errors import ConfigError
from modmirror.origin.access.rewrite import parse_rewrites, rewritten


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://github.com/corp/x", "ssh://git@git.test/corp/x"),
        ("https://github.com/corp/x/y.git", "ssh://git@git.test/corp/x/y.git"),
        ("https://github.com/corp", "ssh://git@git.test/corp"),
        ("https://github.com/corp-two/x", "file:///mirror/corp-two/x"),
        ("https://github.com/u/x", "file:///mirror/u/x"),
        ("https://github.com", "file:///mirror"),
        ("https://github.com.evil.test/corp/x", None),
        ("https://github.community/x", None),
        ("http://github.com/corp/x", None),
        ("https://gitlab.com/corp/x", None),
    ],
)
def test_the_longest_prefix_of_whole_elements_is_replaced(url: str, target: str | None) -> None:
    rewrites = parse_rewrites(
        ["https://github.com/ -> file:///mirror/", "https://GitHub.com/corp/->ssh://git@git.test/corp"]
    )
    assert rewritten(rewrites, url) == target


def test_without_rewrites_nothing_is_rewritten() -> None:
    assert rewritten((), "https://github.com/u/x") is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("https://github.com/", "has no ->"),
        ("-> https://git.test/", "no scheme"),
        ("https://github.com/ ->", "no scheme"),
        ("https://github.com/ -> git@git.test:x", "no scheme"),
        ("https://github.com/ -> file:relative", "no scheme"),
        ("https://github.com/ -> https://user:hunter2@git.test/", "holds a password"),
        ("file:///x -> https://git.test/", "not a URL"),
    ],
)
def test_a_malformed_rewrite_is_a_config_error_without_its_secret(text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as caught:
        parse_rewrites([text])
    assert caught.value.hint
    assert "hunter2" not in caught.value.reason
