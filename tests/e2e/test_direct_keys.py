"""Keys to private repositories: each kind opens what it is for, nothing else sees them, none is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.origins import (
    BILLING,
    LOOKALIKE,
    SECRET,
    USER,
    VERSION,
    Origins,
    module_files,
    named,
    places_of_secrets,
)
from tests.fakes.git_http import basic
from tests.fakes.github_app import pem
from tests.fakes.websites import Answer

if TYPE_CHECKING:
    from tests.e2e.conftest import StartMirror
    from tests.e2e.mirror import Table

INFO = f"{BILLING}/@v/{VERSION}.info"
ZIP = f"{BILLING}/@v/{VERSION}.zip"
APP = "/api/app/installations/7/access_tokens"


def password(world: Origins) -> Table:
    return {"kind": "password", "username": USER, "secret_env": "CORP_SECRET", "url": world.git}


def token(world: Origins) -> Table:
    world.private.authorization = f"Bearer {SECRET}"
    return {"kind": "token", "secret_env": "CORP_SECRET", "url": f"{world.git}/team"}


def netrc(world: Origins) -> Table:
    file = world.folder / "netrc"
    machine = world.git.removeprefix("https://")
    file.write_text(f"machine {machine} login {USER} password {SECRET}\n")
    return {"kind": "netrc", "secret_file": str(file)}


def github_app(world: Origins) -> Table:
    key = world.folder / "app.pem"
    key.write_text(pem())
    world.private.authorization = basic("x-access-token", SECRET)
    granted = json.dumps({"token": SECRET, "expires_at": "2999-01-01T00:00:00Z"}).encode()
    world.sites.pages[f"127.0.0.1{APP}"] = Answer(201, granted)
    where = {"url": world.git, "api_url": f"https://127.0.0.1:{world.sites.port}/api"}
    return {
        "kind": "github-app",
        "app_id": "42",
        "installation_id": "7",
        "secret_file": str(key),
    } | where


KINDS = {"password": password, "token": token, "netrc": netrc, "github-app": github_app}


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_of_each_kind_opens_what_it_is_for(
    kind: str, world: Origins, start_mirror: StartMirror
) -> None:
    access = KINDS[kind](world)
    hidden = basic("x-access-token", SECRET).removeprefix("Basic ").encode()
    mirror = start_mirror(world.config(access), environ=world.environ())
    status, body, _ = mirror.get(INFO)
    assert (status, json.loads(body)["Version"]) == (200, VERSION)
    assert mirror.get(ZIP)[0] == 200
    assert world.private.requests
    assert {sent for _, _, sent in world.private.requests} == {world.private.authorization}
    assert mirror.stop() == 0
    assert places_of_secrets(world, mirror) == []
    assert not [
        path for path in mirror.directory.rglob("*") if path.is_file() and hidden in path.read_bytes()
    ]


def test_an_installation_token_is_asked_for_once(world: Origins, start_mirror: StartMirror) -> None:
    mirror = start_mirror(world.config(github_app(world)), environ=world.environ())
    assert mirror.get(ZIP)[0] == 200
    assert mirror.get("corp.test/tool/@v/list")[1].split() == [VERSION.encode()]
    assert [one.target for one in world.sites.asked if one.host == "127.0.0.1"] == [APP]


# --- whom keys are not for -----------------------------------------------------------------------


def test_a_host_that_looks_alike_gets_no_key(world: Origins, start_mirror: StartMirror) -> None:
    module = "corp.test/spoofed"
    world.publish(world.lookalike, "team/spoofed", module_files(module, "spoofed"), VERSION)
    world.sites.go_import(module, f"{module} git {named(world.lookalike, LOOKALIKE)}/team/spoofed")
    mirror = start_mirror(world.config(), environ=world.environ())
    assert mirror.get(f"{module}/@v/{VERSION}.info")[0] == 200
    assert world.lookalike.requests
    assert {sent for _, _, sent in world.lookalike.requests} == {""}


def test_a_redirect_to_another_host_takes_no_key_along(world: Origins, start_mirror: StartMirror) -> None:
    world.publish(world.lookalike, "team/billing", module_files(BILLING, "false"), VERSION)
    world.private.location = named(world.lookalike, LOOKALIKE)
    mirror = start_mirror(world.config(), environ=world.environ())
    status, body, _ = mirror.get(INFO)
    assert status == 502
    assert b"redirect" in body
    assert not [sent for _, _, sent in world.lookalike.requests if sent]
    assert not [path for _, path, _ in world.lookalike.requests if "upload-pack" in path]


def test_a_key_for_pages_stays_at_their_host(world: Origins, start_mirror: StartMirror) -> None:
    world.sites.redirect(BILLING, "https://evil.test/page")
    tag = f'<meta name="go-import" content="{BILLING} git {world.git}/team/billing">'
    world.sites.pages["evil.test/page"] = Answer(200, f"<html><head>{tag}</head></html>".encode())
    config = world.config()
    access, routes = config["access"], config["route"]
    assert isinstance(access, list)
    assert isinstance(routes, list)
    access.append(password(world) | {"name": "pages", "url": "https://corp.test"})
    routes[0]["access"] = ["corp", "pages"]
    mirror = start_mirror(config, environ=world.environ())
    mirror.get(INFO)
    sent = {one.host: bool(one.authorization) for one in world.sites.asked}
    assert sent == {"corp.test": True, "evil.test": False}


def test_a_page_of_a_stranger_does_not_borrow_a_key(world: Origins, start_mirror: StartMirror) -> None:
    stolen = "evil.test/stolen"
    world.sites.go_import(stolen, f"{stolen} git {world.git}/team/billing")
    mirror = start_mirror(world.config(), environ=world.environ())
    assert mirror.get(ZIP)[0] == 200
    before = len(world.private.requests)
    for path in (f"{stolen}/@v/list", f"{stolen}/@v/main.info", f"{stolen}/@v/{VERSION}.zip"):
        status, body, _ = mirror.get(path)
        assert status == 404
        assert b"may not be read without a key" in body
    assert {sent for _, _, sent in world.private.requests[before:]} == {""}


# --- keys that do not fit ------------------------------------------------------------------------


def test_a_private_repository_without_a_key_is_absent_for_a_reason(
    world: Origins, start_mirror: StartMirror
) -> None:
    config = world.config()
    routes = config["route"]
    assert isinstance(routes, list)
    routes[0]["access"] = []
    mirror = start_mirror(config, environ=world.environ())
    status, body, _ = mirror.get(INFO)
    assert status == 404
    assert b"may not be read without a key" in body
    assert b"give its route an access for it" in body


@pytest.mark.parametrize("path", [f"{BILLING}/@v/list", INFO, ZIP, f"{BILLING}/@latest"])
def test_a_wrong_password_is_absence_for_a_reason(
    path: str, world: Origins, start_mirror: StartMirror
) -> None:
    wrong = "not-the-password-77aa"
    mirror = start_mirror(world.config(), environ=world.environ(CORP_SECRET=wrong))
    status, body, _ = mirror.get(path)
    assert status == 404
    assert b"its key may not read it" in body
    assert mirror.stop() == 0
    sent = basic(USER, wrong).removeprefix("Basic ").encode()
    for file in mirror.directory.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert wrong.encode() not in content
            assert sent not in content


def test_an_app_that_gets_no_token_is_said_to_be_the_reason(
    world: Origins, start_mirror: StartMirror
) -> None:
    access = github_app(world)
    world.sites.pages[f"127.0.0.1{APP}"] = Answer(401, b'{"message":"Bad credentials"}')
    mirror = start_mirror(world.config(access), environ=world.environ())
    status, body, _ = mirror.get(INFO)
    assert status == 502
    assert b"gives GitHub App 42 no token" in body
    assert world.private.requests == []
