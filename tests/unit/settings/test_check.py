from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest

from modmirror.config import SECTIONS, Config
from modmirror.policy.decide import RuleSettings
from modmirror.proxy.settings import DatabaseSettings, RouteSettings
from modmirror.settings.check import RANGES, check_sections
from modmirror.upstream.settings import CredentialSettings

if TYPE_CHECKING:
    from pathlib import Path


def problems(config: Config, **environ: str) -> list[str]:
    values = {field.name: getattr(config, field.name) for field in fields(config)}
    return [str(problem) for problem in check_sections(values, environ)]


def with_(section: str, **changes: Any) -> Config:
    value = getattr(Config(), section)
    changed: Any = replace(value[0], **changes) if isinstance(value, tuple) else replace(value, **changes)
    arguments: dict[str, Any] = {section: (changed,) if isinstance(value, tuple) else changed}
    return replace(Config(), **arguments)


def test_the_defaults_are_right() -> None:
    assert problems(Config()) == []


def test_every_number_has_a_range_and_every_range_a_number() -> None:
    numbers = {
        f"{section.name}.{key.name}"
        for section in SECTIONS.values()
        for key in section.keys.values()
        if key.type in (int, float)
    }
    assert set(RANGES) == numbers


@pytest.mark.parametrize("dotted", RANGES)
def test_numbers_out_of_range_are_refused(dotted: str) -> None:
    section, _, key = dotted.partition(".")
    low, high = RANGES[dotted]
    for value in (low - 1, high + 1, float("nan"), float("inf")):
        (problem,) = problems(with_(section, **{key: value}))
        assert problem.startswith(f"{dotted}: must be from ")
    for value in (low, high):
        assert problems(with_(section, **{key: value})) == []


@pytest.mark.parametrize("prefix", ["goproxy", "/goproxy/", "/", "//a", "/a/../b", "/a?b", "/a%20b", "/é"])
def test_a_path_prefix_is_a_plain_path(prefix: str) -> None:
    (problem,) = problems(with_("server", path_prefix=prefix))
    assert problem.startswith("server.path_prefix: expected a path such as /goproxy, got ")


@pytest.mark.parametrize("prefix", ["", "/goproxy", "/a/b-c", "/v1.2", "/~u"])
def test_plain_paths_are_prefixes(prefix: str) -> None:
    assert problems(with_("server", path_prefix=prefix)) == []


@pytest.mark.parametrize("host", ["", "http://0.0.0.0", "a/b", "a b"])
def test_a_host_is_an_address_or_a_name(host: str) -> None:
    (problem,) = problems(with_("server", host=host))
    assert problem.startswith("server.host: expected an address or a host name")


def test_certificate_and_key_go_together_and_must_be_readable(tmp_path: Path) -> None:
    cert = tmp_path / "cert.pem"
    cert.write_text("x")
    assert problems(with_("server", tls_cert=str(cert))) == [
        "server.tls_key: tls_cert and tls_key go together; this one is missing"
    ]
    absent = str(tmp_path / "key.pem")
    assert problems(with_("server", tls_cert=str(cert), tls_key=absent)) == [
        f"server.tls_key: {absent} does not exist"
    ]
    assert problems(with_("server", tls_cert=str(cert), tls_key=str(tmp_path))) == [
        f"server.tls_key: {tmp_path} cannot be read"
    ]


def test_trusted_proxies_are_addresses_or_networks() -> None:
    assert problems(with_("server", trusted_proxies=("10.0.0.0/8", "10.1.2.3/8", "::1"))) == []
    (problem,) = problems(with_("server", trusted_proxies=("localhost",)))
    assert 'got "localhost"' in problem


def test_directories_of_sockets_and_logs_must_exist(tmp_path: Path) -> None:
    absent = str(tmp_path / "absent" / "x")
    assert problems(with_("server", unix_socket=str(tmp_path / "s"))) == []
    assert problems(with_("server", unix_socket=absent))[0].startswith("server.unix_socket: its directory")
    assert problems(with_("log", access=str(tmp_path / "access.log"))) == []
    assert problems(with_("log", access=absent))[0].startswith("log.access: cannot write")
    assert problems(with_("log", access="")) == []


def test_a_store_is_a_directory_or_not_there_yet(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert problems(with_("storage", path=str(tmp_path / "new"))) == []
    assert problems(with_("storage", path=str(file))) == [
        f"storage.path: {file} is a file, not a directory"
    ]


def test_a_missing_ca_file_is_refused() -> None:
    assert problems(with_("http", ca_file="/nowhere/ca.pem")) == [
        "http.ca_file: /nowhere/ca.pem does not exist"
    ]


@pytest.mark.parametrize("upstreams", [("ftp://x",), ("https://a,https://b",), ("http://u:p@h",)])
def test_upstreams_are_urls_that_can_be_asked(upstreams: tuple[str, ...] | str) -> None:
    (problem,) = problems(with_("route", from_=upstreams))
    assert problem.startswith("route[0].from: ")
    assert "u:p" not in problem


def test_a_route_without_upstreams_serves_what_is_stored() -> None:
    assert problems(with_("route", from_=())) == []


@pytest.mark.parametrize("pattern", ["https://example.com", "", "a b", "[a"])
def test_patterns_that_match_nothing_are_refused(pattern: str) -> None:
    (problem,) = problems(with_("route", match=(pattern,)))
    assert problem.startswith("route[0].match: ")


def test_a_route_must_match_something() -> None:
    assert problems(with_("route", match=()))[0].startswith("route[0].match: matches nothing")


def test_verifying_needs_a_checksum_database() -> None:
    (problem,) = problems(replace(Config(), sumdb=()))
    assert problem.startswith("route[0].sumdb: there is no checksum database to verify against; ")


def test_a_database_has_its_own_key_and_is_configured_once() -> None:
    assert problems(with_("sumdb", name="other.example"))[0].startswith('sumdb[0].name: is "other.example"')
    assert problems(with_("sumdb", key="nonsense"))[0].startswith("sumdb[0].key: ")
    assert problems(with_("sumdb", from_=("ftp://x",)))[0].startswith("sumdb[0].from: ")
    twice = replace(Config(), sumdb=(DatabaseSettings(), DatabaseSettings()))
    assert problems(twice) == ['sumdb[1].name: "sum.golang.org" is configured twice']


def test_a_rule_must_be_able_to_match() -> None:
    config = replace(Config(), rule=(RuleSettings(match=("*",)), RuleSettings(match=())))
    (problem,) = problems(config)
    assert problem.startswith("rule[1].match: ")


def test_a_credential_names_one_secret_that_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("s3cret\n")

    def check(**given: str) -> list[str]:
        settings = CredentialSettings(**{"url": "https://git.example.com/a", **given})
        return problems(replace(Config(), credential=(settings,)), TOKEN="s3cret")

    assert check(bearer_env="TOKEN") == []
    assert check(username="me", password_file=str(file)) == []
    assert check(bearer_env="ABSENT") == ["credential[0].bearer_env: the variable ABSENT is not set"]
    assert check(bearer_file="/nowhere") == ["credential[0].bearer_file: /nowhere does not exist"]
    assert check()[0].endswith("got 0")
    assert check(bearer_env="TOKEN", password_env="TOKEN")[0].endswith("got 2")
    assert check(bearer_env="TOKEN", url="git.example.com")[0].startswith("credential[0].url: ")


def test_problems_of_several_routes_name_the_right_one() -> None:
    routes = (RouteSettings(match=("b",), from_=("https://a",)), RouteSettings(from_=("ftp://a",)))
    (problem,) = problems(replace(Config(), route=routes))
    assert problem.startswith("route[1].from: ")


def test_a_route_behind_one_for_everything_is_never_reached() -> None:
    private, public = RouteSettings(match=("git.example.com/*",)), RouteSettings(from_=("https://a",))
    assert problems(replace(Config(), route=(private, public))) == []
    (problem,) = problems(replace(Config(), route=(public, private)))
    assert problem.startswith("route[1].match: is never reached: route[0] before it matches everything")
