from __future__ import annotations

import pytest

from modmirror.settings.problem import Problem, config_error, redact


def test_one_problem_keeps_its_key_and_hint() -> None:
    error = config_error([Problem("a.b", "is wrong", "do this", "x.toml:3")])
    assert (error.key, error.reason, error.hint) == ("a.b", "is wrong (x.toml:3)", "do this")


def test_several_problems_are_a_list_with_places_and_hints() -> None:
    error = config_error([Problem("a.b", "is wrong", "do this", "x.toml:3"), Problem("", "bad file")])
    assert error.key == ""
    assert error.reason == "2 problems:\n  a.b: is wrong (x.toml:3); do this\n  bad file"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://user:pass@host/p", "https://***@host/p"),
        ("https://token@host", "https://***@host"),
        ("https://host/p?token=abc", "https://host/p?***"),
        ('["https://a:b@c", "https://d?e"]', '["https://***@c", "https://d?***"]'),
        ("https://a:b@c,https://d:e@f|https://g", "https://***@c,https://***@f|https://g"),
        ("https://host/m@v1.0.0", "https://host/m@v1.0.0"),
        ("mail@example.com", "mail@example.com"),
    ],
)
def test_user_password_and_query_of_urls_are_hidden(text: str, shown: str) -> None:
    assert redact(text) == shown
