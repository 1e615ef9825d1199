from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.lab.protocol import documents
from tests.fakes.examining import examining
from tests.fakes.lab import ScriptedEngine, answered

if TYPE_CHECKING:
    from modmirror.lab.engine.port import Fetched, Request
    from tests.fakes.lab import JumpingClock


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (b"v1.0.0\nv1.1.0\n", "yes"),
        (b"v1.0.0", "yes"),
        (b"v1.1.0\n", "partly"),
        (b"v1.0.0\nv1.5\n", "partly"),
        (b"v1.0.0\nv0.0.0-20200101000000-abcdefabcdef\n", "partly"),
        (b"v1.0.0 2020-01-01T00:00:00Z\n", "partly"),
        (b"<html>v1.0.0</html>", "no"),
        (b"\xff\xfe", "no"),
    ],
)
async def test_a_list_is_usable_or_costs_something_or_is_none(body: bytes, verdict: str) -> None:
    assert (await documents.version_list(examining({"list": body}))).verdict == verdict


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (b'{"Version":"v1.0.0"}', "yes"),
        (b'{"Version":"v1.0.1"}', "no"),
        (b'{"Version":"v1.0.0","Time":"yesterday"}', "no"),
        (b"<html>", "no"),
        (b"\xff", "no"),
    ],
)
async def test_an_info_is_what_the_go_command_would_take(body: bytes, verdict: str) -> None:
    assert (await documents.info(examining({"info": body}))).verdict == verdict


@pytest.mark.parametrize(
    ("body", "verdict"), [(b"module example.com/a\n", "yes"), (b"<html>", "no"), (b"", "no"), (b"\0", "no")]
)
async def test_a_go_mod_is_no_web_page(body: bytes, verdict: str) -> None:
    assert (await documents.go_mod(examining({".mod": body}))).verdict == verdict


async def test_a_branch_and_latest_resolve_to_a_version() -> None:
    asking = examining({"master.info": b'{"Version":"v1.2.0"}', "@latest": b'{"Version":"main"}'})
    assert (await documents.branch(asking)).note == "v1.2.0"
    assert (await documents.latest(asking)).verdict == "no"
    assert (await documents.branch(examining())).verdict == "no"


async def test_the_escape_that_the_go_command_sends_is_asked_for_first() -> None:
    info = b'{"Version":"v1.3.2"}'
    asking = examining({"/%21burnt%21sushi/toml/@v/v1.3.2.info": info})
    assert (await documents.escapes(asking)).verdict == "partly"
    both = examining({"toml/@v/v1.3.2.info": info})
    assert (await documents.escapes(both)).verdict == "yes"
    assert isinstance(both.lab.engine, ScriptedEngine)
    assert "%21burnt" in both.lab.engine.asked[0].path
    assert (await documents.escapes(examining())).verdict == "no"


@pytest.mark.parametrize(
    ("status", "verdict"), [(404, "yes"), (410, "yes"), (403, "no"), (500, "no"), (200, "no")]
)
async def test_what_does_not_exist_is_404_or_410(status: int, verdict: str) -> None:
    asking = examining(answer=lambda request, clock: answered(request, clock, status=status))
    for check in (documents.absent_module, documents.absent_version, documents.capitals):
        assert (await check(asking)).verdict == verdict


@pytest.mark.parametrize(
    ("body", "kind", "verdict"),
    [
        (b"not found: no such version\n", "text/plain; charset=utf-8", "yes"),
        (b"one\n" * 9, "text/plain", "partly"),
        (b"<h1>404</h1>", "text/html", "no"),
        (b"\xff", "text/plain", "no"),
        (b"\x1b[31mred", "text/plain", "no"),
        (b"", "text/plain", "no"),
    ],
)
async def test_an_error_is_read_by_a_developer_or_not(body: bytes, kind: str, verdict: str) -> None:
    def answer(request: Request, clock: JumpingClock) -> Fetched:
        return answered(request, clock, status=404, body=body, headers={"content-type": kind})

    assert (await documents.error_text(examining(answer=answer))).verdict == verdict


@pytest.mark.parametrize("status", [401, 403, 407, 418])
async def test_a_mirror_that_wants_to_know_who_asks_is_not_open(status: int) -> None:
    asking = examining({"info": b""}, status=status)
    assert (await documents.no_authentication(asking)).verdict == "no"
    assert (await documents.no_authentication(examining())).verdict == "yes"


async def test_a_toolchain_is_asked_for_by_one_byte_where_head_is_refused() -> None:
    def answer(request: Request, clock: JumpingClock) -> Fetched:
        return answered(request, clock, status=405 if request.method == "HEAD" else 206)

    found = await documents.toolchain(examining(answer=answer))
    assert (found.verdict, "bytes=0-0" in found.evidence) == ("yes", True)
    assert (await documents.toolchain(examining())).verdict == "no"


async def test_a_zip_that_does_not_come_and_a_path_that_is_none_are_told() -> None:
    assert (await documents.module_zip(examining())).verdict == "no"
    assert (await documents.bad_path(examining())).verdict == "yes"
    assert (await documents.bad_path(examining({".exe": b""}))).verdict == "no"
    assert (await documents.query_string(examining({"?go-get=1": b""}))).verdict == "yes"
