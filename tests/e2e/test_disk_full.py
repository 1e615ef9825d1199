"""A store without room: a clear answer, nothing half-stored, hits as ever, and it recovers by itself."""

from __future__ import annotations

import os
import random
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.e2e.chaos import assert_refused
from tests.e2e.client import Got, fetch
from tests.e2e.mirror import MirrorProcess
from tests.e2e.modules import vouch_for
from tests.fakes.gomodules import plain_zip
from tests.fakes.store_tree import leftovers, lists_out_of_step, module_files
from tests.fakes.sumdb import FakeSumdb
from tests.fakes.sumdb_server import serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.conftest import StartMirror
    from tests.e2e.mirror import Tables
    from tests.fakes.upstream import FakeUpstream

MIB = 1 << 20
DISK = 12 * MIB
SIZES = {"kept": 200_000, "small": 30_000, "middle": 3 * MIB, "large": 5 * DISK // 4}
EXTENSIONS = ("info", "mod", "zip")
LIMIT = 20.0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own that is soon full."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mount.returncode:
        pytest.skip("mounting a small tmpfs is not allowed here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def path_of(name: str, extension: str) -> str:
    return f"disk.test/{name}/@v/v1.0.0.{extension}"


@dataclass
class World:
    """A mirror whose store is ``disk``, behind an upstream that has everything."""

    upstream: FakeUpstream
    mirror: MirrorProcess
    disk: Path

    def get(self, name: str, extension: str = "zip") -> Got:
        return fetch(self.mirror.url, path_of(name, extension))

    def right(self, name: str, extension: str = "zip") -> bytes:
        file = self.upstream.modules.files[path_of(name, extension)]
        return bytes(file.read(0, file.size))

    def stored(self) -> set[str]:
        """Names of what is stored, which has to be right."""
        files = module_files(self.disk)
        for path, content in files.items():
            if path.endswith(EXTENSIONS):
                file = self.upstream.modules.files[path]
                assert content == file.read(0, file.size)
        assert lists_out_of_step(self.disk) == []
        assert leftovers(self.disk) == []
        return {path.removeprefix("disk.test/") for path in files if path.endswith(EXTENSIONS)}

    def fill(self) -> Path:
        """Take all room that is left."""
        ballast = self.disk / ".modmirror" / "ballast"
        with ballast.open("wb", buffering=0) as file:
            for piece in (MIB, 4096, 1):
                while _write(file.fileno(), piece):
                    pass
        return ballast


def _write(descriptor: int, size: int) -> bool:
    try:
        return os.write(descriptor, bytes(size)) == size
    except OSError:
        return False


@pytest.fixture
def world(upstream: FakeUpstream, disk: Path, start_mirror: StartMirror) -> Iterator[World]:
    for name, size in SIZES.items():
        module = f"disk.test/{name}"
        files: dict[str, bytes | str] = {
            "go.mod": f"module {module}\n",
            "data.bin": random.Random(name).randbytes(size),
        }
        upstream.add(module, "v1.0.0", zip=plain_zip(module, "v1.0.0", files))
    db = FakeSumdb(resolve=vouch_for(upstream.modules))
    with serve(db) as database:
        config: Tables = {
            "route": [{"match": ["*"], "from": [upstream.url], "sumdb": "verify", "sumdb_down": "closed"}],
            "sumdb": [{"name": db.name, "key": db.key, "from": [database.url]}],
            "storage": {"path": str(disk)},
        }
        yield World(upstream, start_mirror(config), disk)


def test_zip_that_does_not_fit_is_broken_off_and_leaves_its_room_to_others(world: World) -> None:
    got = world.get("large")
    assert (got.status, got.whole) == (200, False)
    assert world.right("large").startswith(got.body)
    assert world.stored() == set()
    for extension in EXTENSIONS:
        assert world.get("middle", extension).body == world.right("middle", extension)


def test_full_disk_refuses_what_is_new_serves_what_is_there_and_recovers(world: World) -> None:
    kept = {f"kept/@v/v1.0.0.{extension}" for extension in EXTENSIONS}
    for extension in EXTENSIONS:
        assert world.get("kept", extension).body == world.right("kept", extension)
    until_stored(world, kept)
    ballast = world.fill()

    for name, extension in [("small", "zip"), ("small", "mod"), ("small", "info"), ("middle", "zip")]:
        text = assert_refused(world.get(name, extension), 507)
        assert "no space left" in text
        assert str(world.disk) not in text, "where the store lies is nobody's business"
    assert "no space left" in fetch(world.mirror.url, "readyz").body.decode()
    for extension in EXTENSIONS:
        assert world.get("kept", extension).body == world.right("kept", extension)
    assert world.stored() == kept

    ballast.unlink()
    for name in ("small", "middle"):
        for extension in EXTENSIONS:
            assert world.get(name, extension).body == world.right(name, extension)
    assert fetch(world.mirror.url, "readyz").status == 200
    until_stored(
        world, kept | {f"{name}/@v/v1.0.0.{each}" for name in ("small", "middle") for each in EXTENSIONS}
    )
    assert world.mirror.stop() == 0


def until_stored(world: World, wanted: set[str]) -> None:
    """Wait for what is stored only after its last byte was sent."""
    deadline = time.monotonic() + LIMIT
    while leftovers(world.disk):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    assert world.stored() == wanted


def test_room_that_must_stay_free_is_not_touched(
    upstream: FakeUpstream, tmp_path: Path, start_mirror: StartMirror
) -> None:
    for name in ("kept", "new"):
        upstream.add(f"disk.test/{name}", "v1.0.0")
    store = {"path": str(tmp_path / "store")}
    route = {"match": ["*"], "from": [upstream.url], "sumdb": "off"}
    roomy = start_mirror({"route": [route], "storage": store})
    kept = fetch(roomy.url, path_of("kept", "zip"))
    assert roomy.stop() == 0

    tight = MirrorProcess(
        tmp_path / "tight", {"route": [route], "storage": store | {"min_free_bytes": 1 << 60}}
    )
    try:
        tight.listen()
        for extension in EXTENSIONS:
            assert "must keep" in assert_refused(fetch(tight.url, path_of("new", extension)), 507)
        assert fetch(tight.url, "readyz").status == 503
        assert fetch(tight.url, path_of("kept", "zip")).body == kept.body
    finally:
        tight.kill()
