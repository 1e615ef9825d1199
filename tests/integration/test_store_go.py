"""The store's directory and the go command's own cache are the same tree (protocol.md A.17)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from modmirror.storage.filesystem import FilesystemStorage
from tests.contract.storage_suite import content, key_of, put
from tests.fakes.gomodules import plain_zip

GO = shutil.which("go", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}") or ""
MODULE = "example.com/Upper/lib"
PSEUDO = "v0.0.0-20200101000000-abcdefabcdef"

pytestmark = [pytest.mark.go, pytest.mark.skipif(not GO, reason="the go command is not installed")]


class Go:
    """Runs the go command with nothing but one directory to download from."""

    def __init__(self, home: Path, proxy: Path) -> None:
        self.cache = home / "modcache"
        self._environment = {
            "PATH": str(Path(GO).parent),
            "HOME": str(home),
            "GOPATH": str(home / "gopath"),
            "GOMODCACHE": str(self.cache),
            "GOCACHE": str(home / "buildcache"),
            "GOPROXY": f"file://{proxy}",
            "GOSUMDB": "off",
            "GOTOOLCHAIN": "local",
            "GOFLAGS": "-modcacherw",
        }
        self._home = home

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [GO, *arguments],
            cwd=self._home,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def go(tmp_path: Path) -> Go:
    home = tmp_path / "home"
    home.mkdir()
    return Go(home, tmp_path / "store")


async def fill(root: Path) -> None:
    store = await FilesystemStorage.open_store(root)
    for version in ("v1.9.0", "v1.10.0", PSEUDO):
        mod = f"module {MODULE}\n".encode()
        files = {"go.mod": mod, "lib.go": b"package lib\n"}
        await put(store, key_of(MODULE, version, "mod"), mod)
        info = json.dumps({"Version": version, "Time": "2020-01-01T00:00:00Z"}).encode()
        await put(store, key_of(MODULE, version, "info"), info)
        await put(store, key_of(MODULE, version, "zip"), plain_zip(MODULE, version, files))
    await store.close()


async def test_the_go_command_downloads_from_the_stores_directory(go: Go, tmp_path: Path) -> None:
    await fill(tmp_path / "store")
    listed = json.loads(go.run("list", "-m", "-versions", "-json", f"{MODULE}@latest"))
    assert (listed["Version"], listed["Versions"]) == ("v1.10.0", ["v1.9.0", "v1.10.0"])
    for version in ("v1.9.0", PSEUDO):
        assert json.loads(go.run("mod", "download", "-json", f"{MODULE}@{version}"))["Version"] == version


async def test_the_go_commands_cache_is_a_store(go: Go, tmp_path: Path) -> None:
    await fill(tmp_path / "store")
    for version in ("v1.9.0", PSEUDO):
        go.run("mod", "download", f"{MODULE}@{version}")
    store = await FilesystemStorage.open_store(go.cache / "cache/download")
    original = await FilesystemStorage.open_store(tmp_path / "store")
    key = key_of(MODULE, "v1.9.0", "zip")
    assert sorted(await store.versions(key.module)) == sorted(["v1.9.0", PSEUDO])
    assert await content(store, key) == await content(original, key)
    # And it goes on as one: the next version is put beside those that the go command left.
    mod = key_of(MODULE, "v1.10.0", "mod")
    await put(store, mod, f"module {MODULE}\n".encode())
    listed = (go.cache / "cache/download" / mod.path).with_name("list").read_text()
    assert listed.splitlines() == [PSEUDO, "v1.9.0", "v1.10.0"]
    await store.close()
    await original.close()


async def test_store_and_cache_hold_the_same_files(go: Go, tmp_path: Path) -> None:
    await fill(tmp_path / "store")
    go.run("mod", "download", f"{MODULE}@v1.9.0")
    escaped = key_of(MODULE, "v1.9.0", "mod").path.removesuffix(".mod")
    for extension in ("mod", "zip"):  # the go command writes each .info anew
        ours = tmp_path / "store" / f"{escaped}.{extension}"
        theirs = go.cache / "cache/download" / f"{escaped}.{extension}"
        assert ours.read_bytes() == theirs.read_bytes()
