from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.coverage.records import (
    PUBLIC_KEY,
    Database,
    NotProven,
    Records,
    parse_database,
    passed_on,
)
from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.emulate.modules import ModuleSet
from modmirror.lab.emulate.sumdb import EmulatedSumdb
from modmirror.sumdb.note import VerifierKey
from tests.fakes.lab import targets_named
from tests.fakes.loopback_lab import emulated, loopback_lab

if TYPE_CHECKING:
    from modmirror.sumdb.lookup import Proven

TEXT = BenchModule("example.com/lab/text", "v1.0.0")
CAMEL = BenchModule("github.com/Lab/CamelCase", "v1.0.1-RC1")


async def proven(*modules: BenchModule, key: str = "", **behaviours: Behaviour) -> list[Proven]:
    async with emulated(behaviours or {"good": Behaviour()}) as (sumdb, targets):
        database = Database(VerifierKey.parse(key or sumdb.key))
        async with loopback_lab(*targets) as lab:
            records = Records(lab.engine, passed_on(targets[0], database), database.key)
            return [await records.prove(module) for module in modules]


async def test_records_are_proven_one_after_another_while_the_tree_grows() -> None:
    modules = ModuleSet.generate(1)
    found = await proven(TEXT, CAMEL, TEXT)
    for module, each in zip((TEXT, CAMEL, TEXT), found, strict=True):
        release = next(
            modules.release(path, version)
            for path, version in modules.releases()
            if (path, version) == (module.path, module.version)
        )
        assert release is not None
        assert each.find_sum(module.path, module.version, go_mod=False) == release.h1
        assert each.find_sum(module.path, module.version, go_mod=True) == release.mod_h1


async def test_what_another_key_signed_is_not_believed() -> None:
    other = EmulatedSumdb(ModuleSet.generate(2)).key
    with pytest.raises(NotProven, match="good: "):
        await proven(TEXT, key=other)


async def test_a_mirror_without_the_database_has_no_records() -> None:
    with pytest.raises(NotProven, match="404"):
        await proven(TEXT, bare=Behaviour(sumdb=False))


async def test_a_garbled_answer_is_not_believed() -> None:
    with pytest.raises(NotProven):
        await proven(TEXT, bad=Behaviour(garbled=1.0))


def test_the_public_database_is_known_by_its_name_and_has_an_alias() -> None:
    database = parse_database("sum.golang.org")
    assert database == parse_database(PUBLIC_KEY)
    assert database is not None
    assert database.urls == ("https://sum.golang.org", "https://sum.golang.google.cn")
    sources = database.sources(targets_named("a"))
    assert [(each.target.host, each.prefix) for each in sources] == [
        ("sum.golang.org", ""),
        ("sum.golang.google.cn", ""),
        ("127.0.0.1", "sumdb/sum.golang.org/"),
    ]


def test_a_database_may_have_a_url_of_its_own_or_be_off() -> None:
    database = parse_database(f"{PUBLIC_KEY} http://127.0.0.1:1/db")
    assert database is not None
    assert database.urls == ("http://127.0.0.1:1/db",)
    assert parse_database("off") is None


@pytest.mark.parametrize("text", ["", "a b c", "sum.example.com", f"{PUBLIC_KEY} ftp://x"])
def test_what_is_no_database_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_database(text)
