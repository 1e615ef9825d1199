"""The files of a made-up GOPROXY: what `FakeUpstream` and directory tests serve.

Knows module content and the rules for `list` and `@latest`; knows nothing of HTTP. Paths are escaped and
have no leading slash, as in ``github.com/!azure/x/@v/v1.0.0.info``.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import zipfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_TIME = "2024-02-03T04:05:06Z"

_PSEUDO = re.compile(r".*[-.]\d{14}-[0-9a-f]{12}(\+incompatible)?", re.ASCII)
_TYPES = {
    "info": "application/json",
    "mod": "text/plain; charset=utf-8",
    "zip": "application/zip",
}


def escape(text: str) -> str:
    """Bang-escape a module path or a version: ``A`` becomes ``!a``."""
    return re.sub("[A-Z]", lambda m: "!" + m.group().lower(), text)


@dataclass(frozen=True, slots=True)
class FakeFile:
    """One servable file: bytes in memory, or a path that is read while it is sent."""

    content: bytes | Path
    content_type: str
    etag: str
    size: int

    def read(self, offset: int, size: int) -> bytes | memoryview:
        """Return up to ``size`` bytes at ``offset`` without copying what is in memory."""
        if isinstance(self.content, bytes):
            return memoryview(self.content)[offset : offset + size]
        with self.content.open("rb") as file:
            file.seek(offset)
            return file.read(size)


def make_file(content: bytes | str | Path, content_type: str = "text/plain; charset=utf-8") -> FakeFile:
    """Wrap content with its strong ETag. A Path is hashed once and then read on demand."""
    if isinstance(content, Path):
        with content.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return FakeFile(content, content_type, f'"{digest[:32]}"', content.stat().st_size)
    data = content.encode() if isinstance(content, str) else content
    return FakeFile(data, content_type, f'"{hashlib.sha256(data).hexdigest()[:32]}"', len(data))


class _WriteOnly:
    """A sink that cannot seek, so that zipfile writes data descriptors as the go command does."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is buffered."""

    def close(self) -> None:
        """Nothing is held."""


def plain_zip(module: str, version: str, files: Mapping[str, bytes | str]) -> bytes:
    """Build a valid module zip: deflated, data descriptors, fixed times, names below ``M@V/``."""
    sink = _WriteOnly()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(f"{module}@{version}/{name}"), data, zipfile.ZIP_DEFLATED)
    return b"".join(sink.parts)


@lru_cache(maxsize=4)
def big_zip(module: str, version: str, size: int, seed: int = 1) -> bytes:
    """Build a valid module zip of about ``size`` bytes that does not compress (4 MiB entries).

    Cached: each call with the same arguments gives the same object, so tests share one copy.
    """
    rng = random.Random(seed)
    files: dict[str, bytes] = {"go.mod": f"module {module}\n".encode(), "p.go": b"package p\n"}
    piece = 4 << 20
    for number, start in enumerate(range(0, size, piece)):
        files[f"data/{number:04}.bin"] = rng.randbytes(min(piece, size - start))
    return plain_zip(module, version, files)


def _order(version: str) -> tuple[tuple[int, ...], int, tuple[tuple[int, int, str], ...]]:
    """Sort key of a semantic version: numbers, release after pre-release, identifiers."""
    core, _, pre = version.removeprefix("v").split("+", 1)[0].partition("-")
    numbers = tuple(int(part) for part in core.split("."))
    identifiers = tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in pre.split(".") if pre
    )
    return numbers, 0 if pre else 1, identifiers


def latest_of(versions: list[str]) -> str | None:
    """Choose as ``@latest`` does: highest release, else highest pre-release."""
    releases = [v for v in versions if "-" not in v]
    return max(releases or versions, key=_order, default=None)


@dataclass(slots=True)
class GoModules:
    """Modules, versions, branches, toolchains and free files; `find` answers as a GOPROXY does."""

    files: dict[str, FakeFile] = field(default_factory=dict)
    versions: dict[str, list[str]] = field(default_factory=dict)
    latest: dict[str, str] = field(default_factory=dict)

    def add(
        self,
        module: str,
        version: str,
        files: Mapping[str, bytes | str] | None = None,
        *,
        zip: bytes | Path | None = None,  # noqa: A002 - the extension's own name reads best at the call
        mod: bytes | str | None = None,
        time: str = DEFAULT_TIME,
        listed: bool = True,
    ) -> None:
        """Serve a module version. ``files`` (name → content) default to go.mod and one package.

        ``zip`` replaces the zip whole, ``mod`` the go.mod; an unlisted version (and any pseudo-version)
        is in neither ``list`` nor ``@latest``.
        """
        mod = mod if mod is not None else (files or {}).get("go.mod", f"module {module}\n")
        if zip is None:
            zip = plain_zip(module, version, {"go.mod": mod, **(files or {"p.go": "package p\n"})})  # noqa: A001 - as above
        base = f"{escape(module)}/@v/{escape(version)}"
        info = json.dumps({"Version": version, "Time": time}, separators=(",", ":"))
        for extension, content in (("info", info), ("mod", mod), ("zip", zip)):
            self.files[f"{base}.{extension}"] = make_file(content, _TYPES[extension])
        known = self.versions.setdefault(module, [])
        if listed and version not in known and not _PSEUDO.fullmatch(version):
            known.append(version)

    def query(self, module: str, query: str, version: str, *, time: str = DEFAULT_TIME) -> None:
        """Let ``@v/<query>.info`` (a branch, a tag, a commit) answer with ``version``."""
        info = json.dumps({"Version": version, "Time": time}, separators=(",", ":"))
        self.files[f"{escape(module)}/@v/{escape(query)}.info"] = make_file(info, _TYPES["info"])

    def toolchain(self, go: str, platform: str, files: Mapping[str, bytes | str]) -> str:
        """Serve a toolchain such as ``go="1.99.0", platform="linux-amd64"``; return its version."""
        version = f"v0.0.1-go{go}.{platform}"
        mod = "module golang.org/toolchain\n"
        self.add("golang.org/toolchain", version, {"go.mod": mod, **files}, mod=mod)
        return version

    def remove(self, module: str, version: str) -> None:
        """Forget a version: its files are 404 from now on, `list` and `@latest` lose it."""
        for extension in _TYPES:
            del self.files[f"{escape(module)}/@v/{escape(version)}.{extension}"]
        if version in self.versions.get(module, []):
            self.versions[module].remove(version)

    def find(self, path: str) -> FakeFile | None:
        """Return the file at an escaped path, or None where a GOPROXY says 404."""
        if path in self.files:
            return self.files[path]
        by_escaped = {escape(module): module for module in self.versions}
        if path.endswith("/@v/list") and (module := by_escaped.get(path.removesuffix("/@v/list"))):
            lines = "".join(f"{version}\n" for version in sorted(self.versions[module], key=_order))
            return make_file(lines)
        if path.endswith("/@latest") and (module := by_escaped.get(path.removesuffix("/@latest"))):
            version = self.latest.get(module) or latest_of(self.versions[module])
            return (
                self.files.get(f"{path.removesuffix('@latest')}@v/{escape(version)}.info")
                if version
                else None
            )
        return None

    def write(self, root: Path) -> None:
        """Write everything as a ``file://`` GOPROXY tree below ``root`` (protocol.md A.17)."""
        names = [*self.files]
        for module in self.versions:
            names += [f"{escape(module)}/@v/list", f"{escape(module)}/@latest"]
        for name in names:
            if file := self.find(name):
                target = root / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read(0, file.size))
