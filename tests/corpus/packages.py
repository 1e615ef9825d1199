"""Debian's ``golang-*-dev`` packages: which ones, fetched with apt, unpacked with dpkg-deb.

No package is installed and no right is needed beyond reading apt's lists.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

ROOTS = (
    "golang-etcd-server-dev",
    "golang-github-alecthomas-chroma-dev",
    "golang-github-alecthomas-chroma-v2-dev",
    "golang-github-burntsushi-toml-dev",
    "golang-github-charmbracelet-bubbletea-dev",
    "golang-github-charmbracelet-glamour-dev",
    "golang-github-coreos-bbolt-dev",
    "golang-github-dgraph-io-badger-dev",
    "golang-github-docker-distribution-dev",
    "golang-github-evanw-esbuild-dev",
    "golang-github-gin-gonic-gin-dev",
    "golang-github-git-lfs-git-lfs-dev",
    "golang-github-go-chi-chi-dev",
    "golang-github-go-git-go-git-dev",
    "golang-github-gorilla-mux-dev",
    "golang-github-hashicorp-hcl-v2-dev",
    "golang-github-hashicorp-raft-dev",
    "golang-github-hashicorp-serf-dev",
    "golang-github-itchyny-gojq-dev",
    "golang-github-klauspost-compress-dev",
    "golang-github-labstack-echo-dev",
    "golang-github-miekg-dns-dev",
    "golang-github-minio-minio-go-v7-dev",
    "golang-github-nats-io-nats-server-dev",
    "golang-github-onsi-ginkgo-dev",
    "golang-github-pelletier-go-toml.v2-dev",
    "golang-github-prometheus-client-golang-dev",
    "golang-github-rs-zerolog-dev",
    "golang-github-spf13-cobra-dev",
    "golang-github-spf13-viper-dev",
    "golang-github-tdewolff-minify-dev",
    "golang-github-urfave-cli-v2-dev",
    "golang-github-valyala-quicktemplate-dev",
    "golang-github-yuin-goldmark-dev",
    "golang-golang-x-tools-dev",
    "golang-golang-x-vuln-dev",
    "golang-google-grpc-dev",
    "golang-honnef-go-tools-dev",
    "golang-mvdan-gofumpt-dev",
    "golang-mvdan-sh-dev",
    "golang-mvdan-xurls-dev",
)
"""Libraries and programs people know. Their dependencies come with them: about 300 packages, 90 MB."""

SOURCES = PurePosixPath("usr/share/gocode/src")
"""Where a package keeps its Go sources, by import path."""

_TOOLS = ("apt-cache", "apt-get", "dpkg-deb")
_DEPENDS = re.compile(
    r"^\s*\|?Depends: (golang-[a-z0-9.+-]+-dev)$|^(golang-[a-z0-9.+-]+-dev)$", re.MULTILINE
)
_ONLY_HARD_DEPENDENCIES = tuple(
    f"--no-{kind}" for kind in ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")
)


class CorpusUnavailable(Exception):
    """The corpus cannot be built on this machine; the text says what is missing."""


class Package(NamedTuple):
    """One package file. ``version`` is Debian's, epoch included."""

    name: str
    version: str
    file: Path


@dataclass(frozen=True)
class Unpacked:
    """The sources of all packages in one tree, and which package a file came from."""

    root: Path
    """Holds ``github.com``, ``golang.org``, …"""
    owners: dict[str, Package]
    """Directory below ``root`` (posix, relative) to the package with a file in it."""


def check_tools() -> None:
    """Raise :class:`CorpusUnavailable` unless apt and its package lists are here."""
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        raise CorpusUnavailable(f"no {', '.join(missing)}: the corpus is made of Debian packages")
    if not _apt_cache("show", "--no-all-versions", ROOTS[0]):
        raise CorpusUnavailable(f"apt does not know {ROOTS[0]}: run apt-get update on a Debian system")


def closure() -> tuple[str, ...]:
    """Names of the root packages and of all Go libraries that they depend on."""
    text = _apt_cache("depends", "--recurse", *_ONLY_HARD_DEPENDENCIES, *ROOTS)
    return tuple(sorted({a or b for a, b in _DEPENDS.findall(text)}))


def fetch(names: Sequence[str], directory: Path, progress: Callable[[int, int], None]) -> list[Package]:
    """Return the newest file of each package, downloading those that ``directory`` does not hold."""
    directory.mkdir(parents=True, exist_ok=True)
    wanted = _candidates(names)
    missing = [name for name, package in wanted.items() if not (directory / package).exists()]
    for start in range(0, len(missing), 20):
        progress(start, len(missing))
        _run("apt-get", "download", *missing[start : start + 20], cwd=directory)
    return [_package(directory / file) for _, file in sorted(wanted.items())]


def unpack(packages: Sequence[Package], root: Path, progress: Callable[[int, int], None]) -> Unpacked:
    """Write the Go sources of all packages below ``root``, replacing what was there."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    owners: dict[str, Package] = {}
    with ThreadPoolExecutor(4) as pool:
        for done, (package, directories) in enumerate(
            pool.map(lambda package: (package, _unpack_one(package, root)), packages), start=1
        ):
            owners.update((directory, package) for directory in directories)
            progress(done, len(packages))
    return Unpacked(root / SOURCES, owners)


def _unpack_one(package: Package, root: Path) -> list[str]:
    """Write one package's sources and return the directories that got a file."""
    directories = set[str]()
    command = ["dpkg-deb", "--fsys-tarfile", str(package.file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            for member in archive:
                path = PurePosixPath(member.name)
                if member.isdir() or not path.is_relative_to(SOURCES):
                    continue
                archive.extract(member, root, filter="data")
                below = path.relative_to(SOURCES)
                directories.add(str(below if member.issym() else below.parent))
        if process.wait() != 0:
            raise CorpusUnavailable(f"dpkg-deb cannot read {package.file.name}")
    return sorted(directories)


def _candidates(names: Sequence[str]) -> dict[str, str]:
    """Package name to the name of the file that ``apt-get download`` writes."""
    files: dict[str, str] = {}
    for record in _apt_cache("show", "--no-all-versions", *names).split("\n\n"):
        fields = dict(
            line.split(": ", 1) for line in record.splitlines() if re.match(r"[A-Z][\w-]*: ", line)
        )
        if fields:
            version = fields["Version"].replace(":", "%3a")
            files[fields["Package"]] = f"{fields['Package']}_{version}_{fields['Architecture']}.deb"
    return files


def _package(file: Path) -> Package:
    name, version, _ = file.name.split("_")
    return Package(name, version.replace("%3a", ":"), file)


def _apt_cache(*arguments: str) -> str:
    done = subprocess.run(["apt-cache", *arguments], capture_output=True, text=True, check=False)
    return done.stdout


def _run(*command: str, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CorpusUnavailable(f"{command[0]} {command[1]} failed: {done.stderr.strip()[-500:]}")
