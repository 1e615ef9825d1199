"""Turns the sources into modules of a GOPROXY tree: requirements, go.mod, zip, list, .info.

The set is closed: a module requires exactly those modules of the corpus that it or its dependencies import.
"""

from __future__ import annotations

import json
import re
import zipfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.mod.escape import escape_path, escape_version
from modmirror.mod.modzip import check_entry_names
from modmirror.mod.path import check_path
from modmirror.mod.version import check_version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tests.corpus.sources import Source

GO_LINE = "go 1.18"
"""Language version of every module: new enough for type parameters, and none of Debian's needs more."""
_TIME = "2023-06-10T00:00:00Z"
"""The day of the release that the packages are from; one time for all keeps the tree reproducible."""
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_PSEUDO_DATE = re.compile(r"-(?:0\.)?(\d{4})(\d\d)(\d\d)000000-[0-9a-f]{12}")


@dataclass(frozen=True)
class Module:
    """A source with what it requires. ``direct`` and ``indirect`` map module paths to versions."""

    source: Source
    direct: Mapping[str, str]
    indirect: Mapping[str, str]

    @property
    def go_mod(self) -> str:
        """The text of ``.mod``. Without a go.mod of its own, a module has what the proxy makes up."""
        if self.source.version.endswith("+incompatible"):
            return f"module {self.source.path}\n"
        lines = [f"module {self.source.path}", "", GO_LINE, ""]
        lines += [f"require {path} {version}" for path, version in sorted(self.direct.items())]
        lines += [
            f"require {path} {version} // indirect" for path, version in sorted(self.indirect.items())
        ]
        return "\n".join(lines).rstrip() + "\n"

    def zip_file(self, tree: Path) -> Path:
        """Where the zip lies in the GOPROXY tree."""
        path = check_path(self.source.path)
        version = check_version(path, self.source.version)
        return tree / escape_path(path) / "@v" / f"{escape_version(version)}.zip"


def link(sources: Sequence[Source]) -> list[Module]:
    """Find out which modules each one needs."""
    versions = {source.path: source.version for source in sources}
    providers = {package.path: source.path for source in sources for package in source.go_packages.values()}
    needs = {
        source.path: {
            providers[wanted]
            for package in source.go_packages.values()
            for wanted in package.imports
            if providers.get(wanted, source.path) != source.path
        }
        for source in sources
    }
    modules: list[Module] = []
    for source in sources:
        direct = needs[source.path]
        indirect = _closure(source.path, needs) - direct - {source.path}
        modules.append(Module(source, _pick(versions, direct), _pick(versions, indirect)))
    return modules


def write_tree(modules: Sequence[Module], root: Path, progress: Callable[[int, int], None]) -> None:
    """Write every module below ``root`` as a proxy would serve it (protocol.md A.17)."""
    with ProcessPoolExecutor() as pool:
        done = pool.map(_write_module, modules, [root] * len(modules), chunksize=4)
        for count, _ in enumerate(done, start=1):
            progress(count, len(modules))


def _closure(start: str, needs: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    pending = [start]
    while pending:
        for path in needs[pending.pop()] - seen:
            seen.add(path)
            pending.append(path)
    return seen


def _pick(versions: Mapping[str, str], paths: set[str]) -> dict[str, str]:
    return {path: versions[path] for path in sorted(paths)}


def _write_module(module: Module, root: Path) -> None:
    version = module.source.version
    zip_file = module.zip_file(root)
    zip_file.parent.mkdir(parents=True, exist_ok=True)
    _write_zip(module, zip_file)
    info = json.dumps({"Version": version, "Time": _time_of(version)})
    zip_file.with_name(f"{zip_file.stem}.mod").write_text(module.go_mod)
    zip_file.with_name(f"{zip_file.stem}.info").write_text(info)
    zip_file.with_name("list").write_text("" if _PSEUDO_DATE.search(version) else f"{version}\n")
    (zip_file.parent.parent / "@latest").write_text(info)


def _time_of(version: str) -> str:
    match = _PSEUDO_DATE.search(version)
    return f"{match[1]}-{match[2]}-{match[3]}T00:00:00Z" if match else _TIME


def _write_zip(module: Module, target: Path) -> None:
    """Write the zip under the rules of protocol.md C.4, which the mirror is going to hold it to."""
    contents = [(name, path.read_bytes()) for name, path in module.source.files]
    if not module.source.version.endswith("+incompatible"):
        contents.append(("go.mod", module.go_mod.encode()))
    check_entry_names((name, len(data)) for name, data in contents)
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in sorted(contents):
            entry = zipfile.ZipInfo(f"{module.source.name}/{name}", date_time=_ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data, compresslevel=6)
