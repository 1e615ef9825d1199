"""A made-up world of modules: the same seed gives the same bytes, so answers can be known beforehand.

A *well* is a module every release version of which exists and is made when somebody asks: a
measurement never runs out of files that no cache has seen.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from modmirror.mod.dirhash import h1_of, h1_of_go_mod
from modmirror.mod.path import ModulePath, check_path
from modmirror.mod.pseudo import is_pseudo_version
from modmirror.mod.semver import prerelease, sort_key

EPOCH = 1_700_000_000.0
"""Unix time at which the first versions were published."""
_DAY = 86_400.0
_KIB, _MIB = 1024, 1024 * 1024
_INCOMPATIBLE = "+incompatible"
TOOLCHAIN = ModulePath("golang.org/toolchain")


@dataclass(frozen=True, slots=True)
class Release:
    """One version of a module: its files, and what they hash to."""

    module: ModulePath
    version: str
    published: float
    """Unix time."""
    info: bytes
    mod: bytes
    zip: bytes
    h1: str
    """Of the zip."""
    mod_h1: str


@dataclass(frozen=True, slots=True)
class ModuleSpec:
    """A module to be made."""

    path: str
    stratum: str
    """Its kind in a coverage corpus."""
    versions: tuple[str, ...]
    size: int = 2 * _KIB
    """Bytes of incompressible content in each zip."""


WELL = ModuleSpec("example.com/lab/well", "fresh", ("v1.0.0",))
CATALOGUE = (
    ModuleSpec("example.com/lab/text", "popular", ("v0.1.0", "v0.2.0", "v1.0.0", "v1.0.1")),
    ModuleSpec("example.com/lab/net", "popular", ("v1.0.0", "v1.1.0", "v1.2.0-rc.1", "v1.2.0")),
    ModuleSpec("example.com/lab/yaml", "popular", ("v0.9.0", "v1.3.0"), 20 * _KIB),
    ModuleSpec("example.com/lab/major/v2", "major", ("v2.0.0", "v2.1.0")),
    ModuleSpec("github.com/Lab/CamelCase", "upper-case", ("v1.0.0", "v1.0.1-RC1")),
    ModuleSpec("example.com/lab/old", "incompatible", ("v1.0.0", "v2.0.0+incompatible")),
    ModuleSpec("example.com/lab/pseudo", "pseudo", ("v0.0.0-20231114221320-0123456789ab",)),
    ModuleSpec("gopkg.in/lab.v3", "vanity", ("v3.0.0", "v3.0.1")),
    ModuleSpec("example.com/lab/large", "large", ("v1.0.0", "v1.1.0"), 2 * _MIB),
    ModuleSpec(TOOLCHAIN, "toolchain", ("v0.0.1-go1.99.0.linux-amd64",), 256 * _KIB),
    WELL,
)


@dataclass
class ModuleSet:
    """Every module there is, with all its versions. Mirrors show a part of it."""

    seed: int = 0
    specs: dict[ModulePath, ModuleSpec] = field(default_factory=dict)
    wells: frozenset[str] = frozenset({WELL.path})
    _published: dict[tuple[str, str], float] = field(default_factory=dict)
    _made: dict[tuple[str, str], Release] = field(default_factory=dict)

    @classmethod
    def generate(cls, seed: int = 0, catalogue: tuple[ModuleSpec, ...] = CATALOGUE) -> ModuleSet:
        """Return the world of a seed. Bytes are made when they are first asked for."""
        modules = cls(seed)
        for spec in catalogue:
            module = check_path(spec.path)
            modules.specs[module] = spec
            for number, version in enumerate(spec.versions):
                modules.publish(module, version, EPOCH + number * _DAY)
        return modules

    def publish(self, module: ModulePath, version: str, at: float) -> None:
        """Add a version that exists from the Unix time ``at`` on."""
        self.specs.setdefault(module, ModuleSpec(module, "fresh", ()))
        self._published[module, version] = at

    def releases(self) -> list[tuple[ModulePath, str]]:
        """Return every module version that was published, in order of publication."""
        return [(check_path(module), version) for module, version in self._published]

    def versions(self, module: ModulePath, now: float) -> list[str]:
        """Return the versions that ``@v/list`` names: published by ``now``, without pseudo-versions."""
        found = [
            version
            for (path, version), at in self._published.items()
            if path == module and at <= now and not is_pseudo_version(version)
        ]
        return sorted(found, key=sort_key)

    def latest(self, module: ModulePath, now: float) -> str:
        """Return what ``@latest`` names: a release before a pre-release before a pseudo-version; or ""."""
        listed = self.versions(module, now)
        choice = [version for version in listed if not prerelease(version)] or listed
        if not choice:
            published = self._published.items()
            choice = [version for (path, version), at in published if path == module and at <= now]
        return max(choice, key=sort_key, default="")

    def published(self, module: ModulePath, version: str) -> float | None:
        """Return the Unix time since which a version exists; None when there is no such version."""
        at = self._published.get((module, version))
        if at is None and module in self.wells and version.startswith("v1.") and "-" not in version:
            return EPOCH
        return at

    def release(self, module: ModulePath, version: str) -> Release | None:
        """Return a version with its files; None when it does not exist."""
        at = self.published(module, version)
        if at is None:
            return None
        made = self._made.get((module, version))
        if made is None:
            made = self._made[module, version] = make_release(
                module, version, published=at, size=self.specs[module].size, seed=self.seed
            )
        return made


def make_release(
    module: ModulePath, version: str, *, published: float, size: int, seed: int | str
) -> Release:
    """Make the files of a version. Another ``seed`` gives another content under the same name."""
    go = b"module %b\n\ngo 1.21\n" % module.encode()
    files = {
        "LICENSE": b"Made up for measurements. Anybody may do anything with it.\n",
        "doc.go": f"// Package made is made up for measurements.\npackage made // {seed}\n".encode(),
        "data.bin": Random(f"{seed} {module} {version}").randbytes(size),  # noqa: S311 - known content
    }
    # protocol.md C.4: an incompatible version is one without a go.mod.
    if version.endswith(_INCOMPATIBLE) or module == TOOLCHAIN:
        go = b"module %b\n" % module.encode()
    else:
        files["go.mod"] = go
    packed, h1 = pack(f"{module}@{version}", files)
    time = datetime.fromtimestamp(published, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    info = f'{{"Version":"{version}","Time":"{time}"}}'.encode()
    return Release(module, version, published, info, go, packed, h1, h1_of_go_mod(go))


def pack(prefix: str, files: dict[str, bytes]) -> tuple[bytes, str]:
    """Return a module zip and its ``h1:``. ``prefix`` is ``PATH@VERSION``."""
    out = io.BytesIO()
    digests = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(f"{prefix}/{name}"), content, zipfile.ZIP_DEFLATED)
            digests.append((f"{prefix}/{name}", hashlib.sha256(content).digest()))
    return out.getvalue(), h1_of(digests)
