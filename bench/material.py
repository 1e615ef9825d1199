"""The files that the bench serves: modules of known sizes, text that deflates as source code does."""

from __future__ import annotations

import hashlib
import io
import json
import random
import zipfile
import zlib
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

HOT = "bench.test/hot"
"""A small module: its ``.info`` is the smallest hot answer."""
MIDDLE = "bench.test/middle"
"""Zip of about 200 kB, a usual size."""
LARGE = "bench.test/large"
"""Zip of about 100 MB."""
COLD = "bench.test/cold"
"""Zip of about 60 MB, in as many versions as there are repetitions."""
VERSION = "v1.0.0"
SIZES = {HOT: 2_000, MIDDLE: 200_000, LARGE: 100_000_000, COLD: 60_000_000}

_BLOCK = 4 << 20
_LEVEL = 1
"""Of deflate; more would only take longer to make."""
_COLD_FIRST = 100
_WORDS = 2000
_GO_MOD = "module {module}\n\ngo 1.20\n"


@dataclass(frozen=True)
class ColdZip:
    """One version that no mirror has seen, with what a checksum database says of it."""

    version: str
    zip_h1: str
    mod_h1: str


class _Unseekable(io.BytesIO):
    """Makes zipfile write data descriptors, as the go command does: sizes stand behind the content."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        raise io.UnsupportedOperation(f"seek({offset}, {whence})")


def write_hot(root: Path) -> None:
    """Write the three hot modules as a GOPROXY tree."""
    for module in (HOT, MIDDLE, LARGE):
        if not (root / module / "@v" / f"{VERSION}.zip").exists():
            write_module(root, module, VERSION, make_zip(module, VERSION, SIZES[module])[0])


class ColdZips:
    """Makes one cold version after another. All have the same content; only the names in the zip differ."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made = 0
        self._first, self._digests = make_zip(COLD, f"v1.0.{_COLD_FIRST}", SIZES[COLD])

    def next(self) -> ColdZip:
        """Write the next version into the tree."""
        version = f"v1.0.{_COLD_FIRST + self._made}"
        self._made += 1
        # Same length of name, so every offset stays right; the deflated content never holds the name.
        old, new = f"{COLD}@v1.0.{_COLD_FIRST}/".encode(), f"{COLD}@{version}/".encode()
        write_module(self._root, COLD, version, self._first.replace(old, new))
        zip_h1 = h1((f"{COLD}@{version}/{name}", digest) for name, digest in self._digests)
        go_mod = hashlib.sha256(_GO_MOD.format(module=COLD).encode()).hexdigest()
        return ColdZip(version, zip_h1, h1([("go.mod", go_mod)]))

    def forget(self, version: str) -> None:
        """Remove a version that was measured."""
        for file in (self._root / COLD / "@v").glob(f"{version}.*"):
            file.unlink()


def write_module(root: Path, module: str, version: str, archive: bytes) -> None:
    """Write one version, and the list of the module."""
    directory = root / module / "@v"
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"{version}.info").write_text(
        json.dumps({"Version": version, "Time": "2024-01-02T03:04:05Z"})
    )
    (directory / f"{version}.mod").write_text(_GO_MOD.format(module=module))
    (directory / f"{version}.zip").write_bytes(archive)
    versions = sorted(file.stem for file in directory.glob("*.mod"))
    (directory / "list").write_text("".join(f"{name}\n" for name in versions))


def make_zip(module: str, version: str, size: int) -> tuple[bytes, list[tuple[str, str]]]:
    """Return a module zip of about ``size`` bytes, and (name, SHA-256) of its files."""
    contents = {"go.mod": _GO_MOD.format(module=module).encode()}
    block = made_up_source(_BLOCK)
    # About 0.4, as Go sources come to.
    wanted = int(size / len(zlib.compress(block, _LEVEL)) * len(block))
    text = block[:wanted]
    for number in range(max(1, round(wanted / len(text)))):
        contents[f"part{number:03}.go"] = text[number:] + text[:number]
    buffer = _Unseekable()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(f"{module}@{version}/{name}")
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
    digests = [(name, hashlib.sha256(content).hexdigest()) for name, content in contents.items()]
    return buffer.getvalue(), digests


@cache
def made_up_source(size: int) -> bytes:
    """Text with the rhythm of source code: words of a small vocabulary, indented, one statement a line."""
    rng = random.Random(size)
    letters = "etaoinshrdlucmfwypvbgkqjxz"
    weights = range(len(letters), 0, -1)
    words = ["".join(rng.choices(letters, weights, k=rng.randint(2, 11))) for _ in range(_WORDS)]
    use = list(accumulate(1 / rank for rank in range(1, _WORDS + 1)))
    lines: list[str] = []
    length = 0
    while length < size:
        line = (
            "\t" * rng.randint(0, 4)
            + "(".join(rng.choices(words, cum_weights=use, k=rng.randint(1, 6)))
            + ")\n"
        )
        lines.append(line)
        length += len(line)
    return "".join(lines).encode()[:size]


def h1(files: Iterable[tuple[str, str]]) -> str:
    """``h1:`` of (name, hex digest) pairs (protocol.md B.5)."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(files))
    return "h1:" + b64encode(hashlib.sha256(lines.encode()).digest()).decode()
