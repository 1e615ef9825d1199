from __future__ import annotations

from typing import Literal

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.bench.cases import BenchModule, cases_of, digest_of, parse_modules, popular


def test_the_popular_modules_have_small_and_large_zips() -> None:
    modules = popular()
    assert {module.zip for module in modules} == {"", "small", "large"}
    assert len({module.path for module in modules}) == len(modules)


def test_paths_and_versions_are_escaped() -> None:
    module = BenchModule("github.com/Azure/x", "v1.0.0-RC1")
    assert module.file("zip") == "github.com/!azure/x/@v/v1.0.0-!r!c1.zip"
    assert module.file("list") == "github.com/!azure/x/@v/list"


def test_small_files_are_asked_for_cold_and_warm_and_some_modules_by_name() -> None:
    cases = [(case.name, case.connection, case.extension) for case in cases_of(popular())]
    assert cases[:3] == [("info", "cold", "info"), ("info", "warm", "info"), ("list", "warm", "list")]
    assert [name for name, *_ in cases if name.startswith("module:")] == [
        f"module:{module.path}" for module in popular()[:3]
    ]
    assert cases[-2:] == [("zip-small", "warm", "zip"), ("zip-large", "warm", "zip")]


def test_a_size_that_no_module_has_is_no_case() -> None:
    names = [case.name for case in cases_of([BenchModule("example.com/a", "v1.0.0")])]
    assert names == ["info", "info", "list", "module:example.com/a"]


def test_modules_take_turns() -> None:
    case = cases_of([BenchModule("example.com/a", "v1.0.0"), BenchModule("example.com/b", "v1.0.0")])[0]
    assert [case.module(turn).path[-1] for turn in range(4)] == ["a", "b", "a", "b"]


def test_a_module_is_named_with_its_version() -> None:
    (module,) = parse_modules(["golang.org/x/text@v0.14.0"])
    assert module == BenchModule("golang.org/x/text", "v0.14.0", zip="unknown")


@pytest.mark.parametrize(
    ("known", "size", "name"),
    [
        ("unknown", 999_999, "zip-small"),
        ("unknown", 1_000_000, "zip-large"),
        ("unknown", None, "zip"),
        ("large", 999_999, "zip-small"),
        ("small", 1_000_000, "zip-large"),
        ("large", None, "zip-large"),
        ("small", None, "zip-small"),
    ],
)
def test_a_zip_is_called_large_by_its_bytes_where_somebody_has_seen_it(
    known: Literal["small", "large", "unknown"], size: int | None, name: str
) -> None:
    module = BenchModule("example.com/a", "v1.0.0", zip=known)
    sizes = {} if size is None else {module.file("zip"): size}
    (case,) = (case for case in cases_of([module], sizes) if case.is_zip)
    assert (case.name, case.modules) == (name, (module,))


def test_zips_of_one_list_go_where_their_size_belongs() -> None:
    modules = parse_modules(["example.com/a@v1.0.0", "example.com/b@v1.0.0", "example.com/c@v1.0.0"])
    sizes = {"example.com/a/@v/v1.0.0.zip": 5, "example.com/b/@v/v1.0.0.zip": 2_000_000}
    zips = {
        case.name: [module.path[-1] for module in case.modules] for case in cases_of(modules, sizes)[-3:]
    }
    assert zips == {"zip": ["c"], "zip-small": ["a"], "zip-large": ["b"]}


@pytest.mark.parametrize(
    "word", ["golang.org/x/text", "golang.org/x/text@", "UP@v1", "x y@v1.0.0", "@v1.0.0"]
)
def test_what_names_no_module_version_is_wrong_input(word: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_modules([word])
    assert caught.value.key == "--module"


def test_the_digest_changes_with_what_is_asked_for() -> None:
    digests = {
        digest_of(modules)
        for modules in (
            [BenchModule("example.com/a", "v1.0.0")],
            [BenchModule("example.com/a", "v1.0.1")],
            [BenchModule("example.com/a", "v1.0.0", zip="small")],
            [],
        )
    }
    assert len(digests) == 4
