from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from modmirror.cli.main import FAILED, WRONG_INPUT, run
from tests.fakes.git_fixtures import write_fixtures

if TYPE_CHECKING:
    from pathlib import Path

NEST = "github.com/u/nest"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a file whose route has the repositories of the matrix behind github.com/u/."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delenv("MODMIRROR_CONFIG", raising=False)
    write_fixtures(tmp_path / "git", ["u/nest"])
    file = tmp_path / "mirror.toml"
    file.write_text(
        f'[[route]]\nmatch = ["github.com"]\nfrom = ["https://proxy.test", "direct"]\nsumdb = "off"\n'
        f'rewrite = ["https://github.com/ -> file://{tmp_path}/git/"]\n'
    )
    return str(file)


def explain(*arguments: str) -> int:
    return run(["origin", "explain", *arguments])


def test_a_version_is_explained_from_route_to_sum(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(f"{NEST}@v1.0.0", "--config", config) == 0
    out = capsys.readouterr().out
    assert [line.split("  ")[0] for line in out.splitlines() if not line.startswith(" ")] == [
        "route",
        "discovery",
        "repository",
        "tags",
        "version",
        "go.mod",
        "zip",
        "left out",
        "left out",
        "sums",
        "found",
    ]
    assert "it asks https://proxy.test before direct" in out
    assert f"{NEST} is rewritten to file://" in out
    assert "h1:qZ8YOxCrgQToDfd9HQ2wMbEVBpwGodDYBYGO0uisV/I= of the zip" in out


def test_without_a_version_the_latest_is_explained(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(f"{NEST}/sub", "--config", config, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["query"], told["version"], told["directory"]) == ("latest", "v1.0.0", "sub")
    assert told["zip_h1"] == "h1:2/9J1G5MMam7W8hPfIEfwWYo7BBUyR/kHNt9LAb1aAE="


def test_what_does_not_exist_is_code_1_with_steps_reason_and_hint(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(f"{NEST}@v9.9.9", "--config", config) == FAILED
    out = capsys.readouterr().out
    assert "repository  git https://github.com/u/nest" in out
    assert f"not found   {NEST}@v9.9.9: unknown revision v9.9.9" in out
    assert "hint        a tag v9.9.9 would make this version" in out


def test_a_path_that_no_route_matches_is_code_1(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain("other.test/m", "--config", config) == FAILED
    assert "no route of this mirror matches other.test/m" in capsys.readouterr().out


def test_a_route_without_direct_is_explained_as_if_it_had_it(
    config: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODMIRROR_ROUTE__0__FROM", "https://me:s3cret@proxy.test")
    assert explain(f"{NEST}@v1.0.0", "--config", config) == 0
    out = capsys.readouterr().out
    assert "it asks https://***@proxy.test, and no repository" in out
    assert "s3cret" not in out


def test_nothing_is_left_behind(config: str, tmp_path: Path) -> None:
    before = sorted(path.name for path in tmp_path.iterdir())
    assert explain(f"{NEST}@v1.0.0", "--config", config) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("nodot", "has no dot"),
        ("a.test/m@upgrade", "resolved by the go command"),
        ("a.test/m@feature/x", "is not allowed"),
        ("a.test/m/", "malformed"),
    ],
)
def test_what_is_no_module_is_wrong_usage(
    module: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(module) == WRONG_INPUT
    err = capsys.readouterr().err
    assert err.startswith("error: MODULE: ")
    assert reason in err
    assert "\nhint: " in err
