"""What a built corpus holds: ``manifest.json`` beside the GOPROXY tree."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from tests.corpus.programs import Program

if TYPE_CHECKING:
    from pathlib import Path

_FILE = "manifest.json"


@dataclass(frozen=True)
class Listed:
    """One module of the corpus. ``zip_bytes`` is the length of its zip, ``package`` Debian's name."""

    path: str
    version: str
    package: str
    zip_bytes: int


@dataclass(frozen=True)
class Corpus:
    """A corpus on disk."""

    directory: Path
    fingerprint: str
    modules: tuple[Listed, ...]
    programs: tuple[Program, ...]
    """Those that build."""
    left_out: tuple[Program, ...]
    """Those that do not, with the reason."""

    @property
    def tree(self) -> Path:
        """The GOPROXY tree."""
        return self.directory / "proxy"

    @property
    def build_cache(self) -> Path:
        """A GOCACHE in which the programs are compiled already."""
        return self.directory / "work" / "gocache"

    @property
    def everything(self) -> dict[str, str]:
        """Requirements of a main module that needs every module."""
        return {module.path: module.version for module in self.modules}

    def save(self) -> None:
        """Write the manifest; the last step of a build."""
        content = {
            "fingerprint": self.fingerprint,
            "modules": [asdict(module) for module in self.modules],
            "programs": [program._asdict() for program in self.programs],
            "left_out": [program._asdict() for program in self.left_out],
        }
        (self.directory / _FILE).write_text(json.dumps(content, indent=1))


def load(directory: Path, fingerprint: str) -> Corpus | None:
    """Return the corpus in ``directory`` if it is whole and was built by the same rules."""
    try:
        content = json.loads((directory / _FILE).read_text())
    except FileNotFoundError:
        return None
    if content["fingerprint"] != fingerprint:
        return None
    return Corpus(
        directory,
        fingerprint,
        tuple(Listed(**module) for module in content["modules"]),
        tuple(Program(**program) for program in content["programs"]),
        tuple(Program(**program) for program in content["left_out"]),
    )
