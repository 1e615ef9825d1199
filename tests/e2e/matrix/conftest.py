"""One mirror whose only upstream is ``direct``, for all rows of the matrix.

It believes that https://github.com/ is a directory with the recorded repositories.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.e2e.matrix.repositories import write_more
from tests.e2e.mirror import MirrorProcess
from tests.fakes.git_fixtures import write_fixtures
from tests.fakes.gomodules import escape
from tests.fakes.zips import slow_h1

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.mirror import Tables


class Direct:
    """What a mirror says of modules below ``github.com/u/``, over HTTP."""

    def __init__(self, mirror: MirrorProcess) -> None:
        self.mirror = mirror

    def versions(self, module: str) -> str:
        """``list``, in one line."""
        body = self._body(f"{module}/@v/list")
        assert body == b"" or body.endswith(b"\n")
        return " ".join(body.decode().splitlines())

    def info(self, module: str, query: str) -> dict[str, Any]:
        """``.info`` of a version or a version query."""
        return _decoded(self._body(self.path(module, query, "info")))

    def latest(self, module: str) -> dict[str, Any]:
        """``@latest``."""
        return _decoded(self._body(f"{module}/@latest"))

    def mod(self, module: str, version: str) -> bytes:
        """``.mod``."""
        return self._body(self.path(module, version, "mod"))

    def zip(self, module: str, version: str) -> bytes:
        """``.zip``."""
        return self._body(self.path(module, version, "zip"))

    def refusal(self, path: str) -> str:
        """Return the text of a 404, which must be one that the go command shows."""
        status, body, headers = self.mirror.get(f"github.com/u/{path}")
        assert (status, headers["content-type"]) == (404, "text/plain; charset=utf-8"), (path, body)
        text = body.decode()
        assert 1 <= text.count("\n") <= 8
        return text

    def path(self, module: str, query: str, kind: str) -> str:
        """Return the path of a file below ``github.com/u/``, escaped as the go command does it."""
        return f"{module}/@v/{quote(escape(query), safe='+')}.{kind}"

    def _body(self, path: str) -> bytes:
        status, body, _ = self.mirror.get(f"github.com/u/{path}")
        assert status == 200, (path, status, body)
        return body


def content(data: bytes, module: str, version: str) -> dict[str, bytes]:
    """Return a zip's files by name, after the prefix that every name must have."""
    prefix = f"github.com/u/{module}@{version}/"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        assert [name for name in names if not name.startswith(prefix) or name.endswith("/")] == []
        return {name.removeprefix(prefix): archive.read(name) for name in names}


def h1(data: bytes) -> str:
    """Return a zip's ``h1:``, computed without the code under test."""
    return slow_h1(data)


def config(repositories: Path) -> Tables:
    """Return a mirror's settings: no upstream but the repositories."""
    route = {
        "from": ["direct"],
        "sumdb": "off",
        "rewrite": [f"https://github.com/ -> file://{repositories}"],
    }
    return {"route": [route]}


@pytest.fixture(scope="session")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repositories")
    write_fixtures(folder)
    write_more(folder)
    return folder


@pytest.fixture(scope="session")
def direct(repositories: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Direct]:
    with MirrorProcess(tmp_path_factory.mktemp("mirror") / "direct", config(repositories)) as mirror:
        yield Direct(mirror)


def _decoded(body: bytes) -> dict[str, Any]:
    found = json.loads(body)
    assert isinstance(found, dict)
    return found
