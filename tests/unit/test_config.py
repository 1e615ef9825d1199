from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.config import (
    DEFAULT_DATABASES,
    DEFAULT_UPSTREAMS,
    SECTIONS,
    Config,
    Flag,
    Loaded,
    load_config,
)
from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def load(
    text: str = "", *, flags: tuple[Flag, ...] = (), tmp: Path | None = None, **environ: str
) -> Loaded:
    search = []
    if tmp is not None:
        file = tmp / "modmirror.toml"
        file.write_text(text)
        search = [file]
    return load_config(environ=environ, flags=flags, search=search)


def refusal(text: str, tmp: Path, **environ: str) -> ConfigError:
    file = tmp / "modmirror.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(environ=environ, search=[file])
    return caught.value


def test_zero_configuration_is_a_working_mirror_of_public_modules() -> None:
    loaded = load()
    assert loaded.config == Config()
    assert loaded.file is None
    assert loaded.config.server.port == 8080
    assert loaded.config.route[0].match == ("*",)
    assert loaded.config.route[0].from_ == DEFAULT_UPSTREAMS
    assert loaded.config.route[0].fall_through == "any"
    assert loaded.config.sumdb[0].from_ == DEFAULT_DATABASES
    assert set(loaded.sources.values()) == {"default"}


def test_every_key_of_every_section_has_a_source() -> None:
    sources = load().sources
    for name, section in SECTIONS.items():
        if name in ("credential", "access", "rule"):
            continue
        for key in section.keys:
            assert f"{section.label(0)}.{key}" in sources


def test_later_layers_win_key_by_key(tmp_path: Path) -> None:
    text = '[server]\nport = 1001\nhost = "0.0.0.0"\ndrain = 3\n'
    loaded = load(
        text,
        tmp=tmp_path,
        flags=(Flag("--port", "server", "port", 1003),),
        MODMIRROR_SERVER__PORT="1002",
        MODMIRROR_SERVER__HOST="::",
    )
    assert (loaded.config.server.port, loaded.config.server.host) == (1003, "::")
    assert loaded.config.server.drain == 3.0
    assert loaded.sources["server.port"] == "--port"
    assert loaded.sources["server.host"] == "MODMIRROR_SERVER__HOST"
    assert loaded.sources["server.drain"] == f"{tmp_path}/modmirror.toml:4"
    assert loaded.sources["server.header_timeout"] == "default"


def test_the_named_file_wins_over_the_usual_places(tmp_path: Path) -> None:
    first, second = tmp_path / "a.toml", tmp_path / "b.toml"
    first.write_text("[server]\nport = 1\n")
    second.write_text("[server]\nport = 2\n")
    usual = load_config(environ={}, search=[tmp_path / "absent.toml", first])
    variable = load_config(environ={"MODMIRROR_CONFIG": str(second)}, search=[first])
    flag = load_config(environ={"MODMIRROR_CONFIG": str(first)}, file=second)
    assert [each.config.server.port for each in (usual, variable, flag)] == [1, 2, 2]
    assert usual.file == first


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot read .*nowhere.toml: No such file"),
        (b"[server]\nport = ?\n", r"is not TOML: .* \(at line 2, column 8\)"),
        (b'[server]\nhost = "\xff"', "is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None, reason: str) -> None:
    file = tmp_path / "nowhere.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=reason):
        load_config(environ={}, file=file)


def test_an_unknown_key_names_the_nearest_one_and_its_line(tmp_path: Path) -> None:
    error = refusal("[server]\n\nprot = 9000\n", tmp_path)
    assert error.key == "server.prot"
    assert error.reason == f"there is no such key ({tmp_path}/modmirror.toml:3)"
    assert error.hint == 'did you mean "port"?'


def test_an_unknown_section_names_the_nearest_one(tmp_path: Path) -> None:
    error = refusal("[sever]\nport = 9000\n", tmp_path)
    assert (error.key, error.hint) == ("sever", 'did you mean "server"?')


def test_an_unknown_variable_names_the_nearest_one(tmp_path: Path) -> None:
    error = refusal("", tmp_path, MODMIRROR_SERVER_PORT="1")
    assert (error.key, error.hint) == ("MODMIRROR_SERVER_PORT", 'did you mean "MODMIRROR_SERVER__PORT"?')


def test_a_wrong_type_says_what_was_expected_and_given(tmp_path: Path) -> None:
    error = refusal('[server]\nport = "http"\n', tmp_path)
    assert error.key == "server.port"
    assert error.reason == f'expected a whole number, got "http" ({tmp_path}/modmirror.toml:2)'


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = '[server]\nprot = 1\ntls_cert = 7\n[fill]\nparallel = "many"\n[[route]]\nfrom = 3\n'
    error = refusal(text, tmp_path, MODMIRROR_LOG__LEVEL="loud")
    assert error.reason.startswith("5 problems:\n")
    for key in ("server.prot", "server.tls_cert", "fill.parallel", "route[0].from", "log.level"):
        assert f"  {key}: " in error.reason
    assert "(MODMIRROR_LOG__LEVEL)" in error.reason


def test_ranges_are_told_with_their_source(tmp_path: Path) -> None:
    error = refusal("[server]\nport = 70000\n", tmp_path)
    assert error.reason == f"must be from 0 to 65535, got 70000 ({tmp_path}/modmirror.toml:2)"


def test_a_file_with_routes_replaces_the_default_ones(tmp_path: Path) -> None:
    text = '[[route]]\nmatch = ["git.example.com/*"]\nfrom = ["https://one.example"]\nsumdb = "off"\n'
    config = load(text, tmp=tmp_path).config
    assert [(route.match, route.sumdb) for route in config.route] == [(("git.example.com/*",), "off")]


def test_a_route_may_hold_a_goproxy_string(tmp_path: Path) -> None:
    config = load('[[route]]\nfrom = "https://a.example,https://b.example"\n', tmp=tmp_path).config
    assert config.route[0].from_ == "https://a.example,https://b.example"


def test_variables_reach_tables_by_number(tmp_path: Path) -> None:
    text = '[[route]]\nmatch = ["one.example"]\nfrom = ["https://one.example"]\n'
    loaded = load(
        text,
        tmp=tmp_path,
        MODMIRROR_ROUTE__0__SUMDB="proxy",
        MODMIRROR_ROUTE__1__FROM="https://two.example|https://three.example",
    )
    one, two = loaded.config.route
    assert (one.from_, one.sumdb) == (("https://one.example",), "proxy")
    assert two.from_ == "https://two.example|https://three.example"
    assert loaded.sources["route[1].from"] == "MODMIRROR_ROUTE__1__FROM"


def test_the_upstream_flag_sets_the_route_for_everything(tmp_path: Path) -> None:
    text = '[[route]]\nmatch = ["git.example.com/*"]\nfrom = ["https://one.example"]\n[[route]]\n'
    flag = Flag("--upstream", "route", "from", ["https://flag.example"])
    config = load(text, tmp=tmp_path, flags=(flag,)).config
    assert [route.from_ for route in config.route] == [("https://one.example",), ("https://flag.example",)]
    alone = load(flags=(flag,)).config
    assert [(route.match, route.from_) for route in alone.route] == [(("*",), ("https://flag.example",))]


def test_the_upstream_flag_adds_a_route_where_none_is_for_everything(tmp_path: Path) -> None:
    text = '[[route]]\nmatch = ["git.example.com/*"]\nfrom = ["https://one.example"]\n'
    flag = Flag("--upstream", "route", "from", ["https://flag.example"])
    config = load(text, tmp=tmp_path, flags=(flag,)).config
    assert [route.match for route in config.route] == [("git.example.com/*",), ("*",)]


def test_an_empty_array_turns_a_section_off(tmp_path: Path) -> None:
    text = 'sumdb = []\n[[route]]\nfrom = ["https://one.example"]\nsumdb = "off"\n'
    assert load(text, tmp=tmp_path).config.sumdb == ()


def test_a_required_key_must_be_given(tmp_path: Path) -> None:
    error = refusal('[[credential]]\nusername = "me"\n', tmp_path)
    assert (error.key, error.reason) == ("credential[0].url", "must be given")


def test_secrets_in_urls_never_reach_a_message(tmp_path: Path) -> None:
    error = refusal('[server]\nport = "https://me:s3cret@host/?token=s3cret"\n', tmp_path)
    assert "s3cret" not in str(error)
