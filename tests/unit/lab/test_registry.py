from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.registry import choose, known, parse_targets, read_targets

if TYPE_CHECKING:
    from pathlib import Path

OWN = """
[[target]]
name = "ours"
url = "https://goproxy.corp.example/go"
owned = true
region = "cn-east"
connect_delay_ms = 40
authorization_env = "OURS"
"""


def test_the_well_known_mirrors_are_built_in_and_none_is_owned() -> None:
    public = known()
    assert [target.name for target in public] == [
        "proxy.golang.org", "goproxy.cn", "goproxy.io", "aliyun", "tencent", "huawei",
    ]  # fmt: skip
    assert not any(target.owned or target.free for target in public)
    assert all(target.operator for target in public)


def test_a_file_gives_what_it_says_and_secrets_come_from_the_environment() -> None:
    (target,) = parse_targets(OWN, "x.toml", {"OURS": "Bearer t"})
    assert (target.name, target.owned, target.region, target.connect_delay) == (
        "ours", True, "cn-east", 0.04,
    )  # fmt: skip
    assert target.headers == {"authorization": "Bearer t"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[target", "x.toml: "),
        ("", "--targets: the key target is missing"),
        ("target = []", "names no target"),
        ('[[target]]\nname = "a"', "target[0]: the key url is missing"),
        ('[[target]]\nname = "a"\nurl = "https://x"\nspeed = 1', "target[0].speed: there is no such key"),
        ('[[target]]\nname = "a"\nurl = "x"', "names no host"),
        ('[[target]]\nname = ""\nurl = "https://x"', "no name that can be printed"),
        ('[[target]]\nname = "a\\u001b"\nurl = "https://x"', "no name that can be printed"),
        ('[[target]]\nname = "a"\nurl = "https://x"\nconnect_delay_ms = -1', "below 0"),
        (
            '[[target]]\nname = "a"\nurl = "https://x"\nfamily = "ipv5"',
            "target[0].family: invalid",
        ),
        (OWN, "the environment has no OURS"),
        (2 * '[[target]]\nname = "a"\nurl = "https://x"\n', 'two targets are called "a"'),
    ],
)
def test_what_is_wrong_in_a_file_is_said(text: str, reason: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_targets(text, "x.toml", {})
    assert reason in f"{caught.value.key}: {caught.value.reason}"
    assert "x.toml" in f"{caught.value.key}{caught.value.reason}"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothere.toml: No such file"):
        read_targets(tmp_path / "nothere.toml", {})
    (tmp_path / "latin").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_targets(tmp_path / "latin", {})


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN)
    assert read_targets(tmp_path / "own.toml", {"OURS": "x"})[0].name == "ours"


def test_without_a_word_the_own_mirrors_are_meant_or_else_the_public() -> None:
    own = parse_targets(OWN, "x", {"OURS": "x"})
    assert choose((), own, known()) == own
    assert choose((), (), known()) == known()


def test_words_are_names_or_urls_in_their_order() -> None:
    own = parse_targets(OWN, "x", {"OURS": "x"})
    chosen = choose(("http://127.0.0.1:8080", "goproxy.cn", "ours"), own, known())
    assert [target.name for target in chosen] == ["127.0.0.1:8080", "goproxy.cn", "ours"]


def test_a_known_mirror_by_its_url_is_that_mirror() -> None:
    (target,) = choose(("https://goproxy.cn/",), (), known())
    assert (target.name, target.operator) == ("goproxy.cn", "Qiniu")


@pytest.mark.parametrize(
    ("words", "reason"),
    [(("nosuch",), 'no target is called "nosuch"'), (("goproxy.cn", "https://goproxy.cn"), "named twice")],
)
def test_a_wrong_word_is_said(words: tuple[str, ...], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        choose(words, (), known())
