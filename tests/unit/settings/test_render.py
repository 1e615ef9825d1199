from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

from modmirror.config import SECTIONS, Config, load_config
from modmirror.policy.decide import RuleSettings
from modmirror.proxy.settings import RouteSettings
from modmirror.settings.render import render_effective, render_example

if TYPE_CHECKING:
    from pathlib import Path


def reloaded(text: str, tmp_path: Path) -> Config:
    file = tmp_path / "written.toml"
    file.write_text(text)
    return load_config(environ={}, file=file).config


def test_what_is_shown_can_be_read_back(tmp_path: Path) -> None:
    config = replace(
        Config(),
        route=(RouteSettings(match=("a.example/*",), from_="https://x,https://y"), *Config().route),
        rule=(RuleSettings(match=("b.example",), reason='say "no"'),),
    )
    assert reloaded(render_effective(config, SECTIONS, None), tmp_path) == config


def test_sources_are_comments(tmp_path: Path) -> None:
    loaded = load_config(environ={"MODMIRROR_SERVER__PORT": "9000"}, search=[])
    text = render_effective(loaded.config, SECTIONS, loaded.sources)
    assert re.search(r"^port = 9000 +# MODMIRROR_SERVER__PORT$", text, re.MULTILINE)
    assert reloaded(text, tmp_path) == loaded.config


def test_credentials_in_urls_are_not_shown() -> None:
    config = replace(Config(), route=(RouteSettings(from_=("https://me:s3cret@host",)),))
    text = render_effective(config, SECTIONS, None)
    assert "s3cret" not in text
    assert "https://***@host" in text


def test_the_example_changes_nothing(tmp_path: Path) -> None:
    assert reloaded(render_example(SECTIONS, Config()), tmp_path) == Config()


def test_the_example_holds_every_key_with_its_default() -> None:
    text = re.sub(r"^#(?! )", "", render_example(SECTIONS, Config()), flags=re.MULTILINE)
    parsed = tomllib.loads(text)
    for name, section in SECTIONS.items():
        table = parsed[name][0] if section.repeated else parsed[name]
        assert set(table) == set(section.keys)
    assert parsed["route"][0]["from"] == list(Config().route[0].from_)
    assert parsed["server"]["port"] == 8080
    assert parsed["access"][0]["kind"] == "password"
