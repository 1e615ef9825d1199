from __future__ import annotations

import io
import zipfile
from base64 import b64encode
from random import Random

import pytest

from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.emulate.content import Answer, World, answer
from modmirror.lab.emulate.modules import EPOCH, ModuleSet
from modmirror.lab.emulate.sumdb import EmulatedSumdb
from modmirror.mod.path import ModulePath

NOW = EPOCH * 2
LIST = "/example.com/lab/text/@v/list"
ZIP = "/example.com/lab/text/@v/v1.0.0.zip"


@pytest.fixture(scope="module")
def world() -> World:
    modules = ModuleSet.generate(1)
    sumdb = EmulatedSumdb(modules)
    # A database without any record has no tile yet.
    sumdb.lookup(ModulePath("example.com/lab/text"), "v1.0.0")
    return World(modules, sumdb)


def ask(
    world: World, path: str, behaviour: Behaviour | None = None, *, auth: str = "", now: float = NOW
) -> Answer:
    headers = {"authorization": auth} if auth else {}
    return answer(world, behaviour or Behaviour(), path, headers, now, Random(1))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (LIST, "text/plain; charset=utf-8"),
        ("/example.com/lab/text/@latest", "application/json"),
        ("/example.com/lab/text/@v/v1.0.0.info", "application/json"),
        ("/example.com/lab/text/@v/main.info", "application/json"),
        ("/example.com/lab/text/@v/v1.0.0.mod", "text/plain; charset=utf-8"),
        (ZIP, "application/zip"),
        ("/github.com/!lab/!camel!case/@v/v1.0.1-!r!c1.zip", "application/zip"),
        ("/example.com/lab/old/@v/v2.0.0+incompatible.zip", "application/zip"),
        ("/sumdb/sum.lab.test/supported", "text/plain; charset=utf-8"),
        ("/sumdb/sum.lab.test/lookup/example.com/lab/text@v1.0.0", "text/plain; charset=utf-8"),
        ("/sumdb/sum.lab.test/latest", "text/plain; charset=utf-8"),
        ("/sumdb/sum.lab.test/tile/8/0/000.p/1", "application/octet-stream"),
    ],
)
def test_a_good_mirror_answers_every_kind_of_path(world: World, path: str, kind: str) -> None:
    found = ask(world, path)
    assert (found.status, found.content_type, found.flaw, found.delay) == (200, kind, "", 0.0)


@pytest.mark.parametrize(
    "path",
    [
        "/example.com/none/@v/list",
        "/example.com/lab/text/@v/v7.0.0.info",
        "/example.com/lab/text/@v/other.info",
        "/example.com/lab/text",
        "/sumdb/sum.else.test/supported",
    ],
)
def test_what_does_not_exist_is_404_with_a_reason(world: World, path: str) -> None:
    found = ask(world, path)
    assert found.status == 404
    assert found.body.startswith(b"not found: ")


def test_a_stale_mirror_hides_the_newest_from_lists_but_not_from_who_asks_by_name(world: World) -> None:
    world.modules.publish(ModulePath("example.com/lab/text"), "v1.9.0", NOW - 10)
    stale = Behaviour(stale=60.0)
    assert b"v1.9.0" not in ask(world, LIST, stale).body
    assert b"v1.9.0" not in ask(world, "/example.com/lab/text/@latest", stale).body
    assert ask(world, "/example.com/lab/text/@v/v1.9.0.info", stale).status == 200
    assert b"v1.9.0" in ask(world, LIST, stale, now=NOW + 51).body
    late = Behaviour(late=60.0)
    assert ask(world, "/example.com/lab/text/@v/v1.9.0.info", late).status == 404


def test_an_incomplete_mirror_lacks_the_same_versions_each_time(world: World) -> None:
    paths = [f"/example.com/lab/well/@v/v1.{number}.0.info" for number in range(200)]
    lacks = Behaviour(missing=0.3)
    absent = [path for path in paths if ask(world, path, lacks).status == 404]
    assert 30 < len(absent) < 90
    assert absent == [path for path in paths if ask(world, path, lacks).status == 404]
    assert [ask(world, path.replace(".info", ".zip"), lacks).status for path in absent[:3]] == [404] * 3


def test_a_corrupting_mirror_sends_a_well_made_zip_of_something_else(world: World) -> None:
    right, wrong = ask(world, ZIP).body, ask(world, ZIP, Behaviour(corrupt=1.0)).body
    assert right != wrong
    with zipfile.ZipFile(io.BytesIO(wrong)) as archive:
        assert archive.testzip() is None
        assert all(name.startswith("example.com/lab/text@v1.0.0/") for name in archive.namelist())


def test_a_garbled_body_differs_in_one_byte(world: World) -> None:
    right, wrong = ask(world, ZIP).body, ask(world, ZIP, Behaviour(garbled=1.0)).body
    assert len(right) == len(wrong)
    assert sum(one != other for one, other in zip(right, wrong, strict=True)) == 1


@pytest.mark.parametrize(
    ("behaviour", "status", "header"),
    [
        (Behaviour(errors=1.0), 500, ()),
        (Behaviour(errors=1.0, error_status=503, retry_after=7.0), 503, (("Retry-After", "7"),)),
        (Behaviour(busy=1.0, retry_after=3.0), 429, (("Retry-After", "3"),)),
        (Behaviour(auth="a:b"), 401, (("WWW-Authenticate", 'Basic realm="lab"'),)),
    ],
)
def test_a_refusal_has_its_status_and_header(
    world: World, behaviour: Behaviour, status: int, header: tuple[tuple[str, str], ...]
) -> None:
    found = ask(world, LIST, behaviour)
    assert (found.status, found.headers) == (status, header)


def test_the_right_password_opens(world: World) -> None:
    auth = "Basic " + b64encode(b"a:b").decode()
    assert ask(world, LIST, Behaviour(auth="a:b"), auth=auth).status == 200


@pytest.mark.parametrize("flaw", ["truncate", "endless", "silent"])
def test_a_flaw_is_named_for_who_sends(world: World, flaw: str) -> None:
    behaviour = {
        "truncate": Behaviour(truncate=1.0),
        "endless": Behaviour(endless=1.0),
        "silent": Behaviour(silent=1.0),
    }[flaw]
    assert ask(world, ZIP, behaviour).flaw == flaw


def test_delays_add_up_for_zips_and_never_fall_below_nothing(world: World) -> None:
    slow = Behaviour(delay=0.5, zip_delay=2.0)
    assert ask(world, LIST, slow).delay == pytest.approx(0.5)
    assert ask(world, ZIP, slow).delay == pytest.approx(2.5)
    jittery = Behaviour(delay=0.1, jitter=5.0)
    delays = [answer(world, jittery, LIST, {}, NOW, Random(seed)).delay for seed in range(20)]
    assert min(delays) == 0.0
    assert max(delays) > 0.1


def test_without_a_checksum_database_nothing_below_sumdb_exists(world: World) -> None:
    assert ask(world, "/sumdb/sum.lab.test/supported", Behaviour(sumdb=False)).status == 404
