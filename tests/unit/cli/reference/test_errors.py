from __future__ import annotations

from modmirror.cli.reference.errors import page, sample
from modmirror.errors import ConfigError, Overloaded, UpstreamBusy


def test_a_row_has_status_and_cache_control_of_the_answer_table() -> None:
    text = page()
    assert "| `NotExist` | 404 | `public, max-age=60` | not found |" in text
    assert "| `ConfigError` | none | none | none |" in text
    assert "├─ InvalidTarget" in text


def test_one_of_each_class_can_be_made() -> None:
    assert isinstance(sample(UpstreamBusy), UpstreamBusy)
    assert isinstance(sample(Overloaded), Overloaded)
    assert isinstance(sample(ConfigError), ConfigError)
