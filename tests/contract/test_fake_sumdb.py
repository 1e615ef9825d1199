"""The real go command judges the fake: it accepts the truth and refuses the lies."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import time
import zipfile
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes import sumdb_lies as lies
from tests.fakes.sumdb import FakeSumdb, made_up_h1
from tests.fakes.sumdb_server import ServedSumdb, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULE, OTHER, VERSION = "victim.test/m", "other.test/m", "v1.0.0"
EVIL = made_up_h1("evil")
WANTED = f"{MODULE} {VERSION} {EVIL}\n{MODULE} {VERSION}/go.mod {EVIL}\n".encode()
GO_MOD = f"module {MODULE}\n".encode()
SIZE = 3 * 256 + 255

pytestmark = pytest.mark.go


def h1(files: dict[str, bytes]) -> str:
    """The dirhash, written out once more so that nothing of ours vouches for itself."""
    lines = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "h1:" + b64encode(hashlib.sha256(lines.encode()).digest()).decode()


@dataclass(slots=True)
class Client:
    """A go command with nothing in its cache, a proxy on disk and a checksum database."""

    go: str
    home: Path
    served: ServedSumdb

    @property
    def db(self) -> FakeSumdb:
        return self.served.db

    def download(self) -> subprocess.CompletedProcess[str]:
        """Run ``go mod download`` as if for the first time. Tiles and the known tree head stay."""
        downloads = self.home / "cache" / "cache" / "download"
        for forgotten in (downloads / MODULE, downloads / "sumdb" / self.db.name / "lookup"):
            shutil.rmtree(forgotten, ignore_errors=True)
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "GOPATH": str(self.home / "go"),
            "GOMODCACHE": str(self.home / "cache"),
            "GOFLAGS": "-modcacherw",
            "GOENV": "off",
            "GOTOOLCHAIN": "local",
            "GOTELEMETRY": "off",
            "GOPROXY": (self.home / "proxy").as_uri(),
            "GOSUMDB": self.served.gosumdb,
        }
        command = [self.go, "mod", "download", "-json", f"{MODULE}@{VERSION}"]
        return subprocess.run(
            command, env=env, cwd=self.home, capture_output=True, text=True, timeout=120, check=False
        )


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    go = shutil.which("go", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if go is None:
        pytest.skip("no go command")
    folder = tmp_path / "proxy" / MODULE / "@v"
    folder.mkdir(parents=True)
    files = {f"{MODULE}@{VERSION}/go.mod": GO_MOD, f"{MODULE}@{VERSION}/m.go": b"package m\n"}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        for name, data in files.items():
            writer.writestr(name, data)
    (folder / f"{VERSION}.zip").write_bytes(archive.getvalue())
    (folder / f"{VERSION}.mod").write_bytes(GO_MOD)
    (folder / f"{VERSION}.info").write_text(f'{{"Version":"{VERSION}"}}')
    db = FakeSumdb()
    db.pad(299)
    db.add(OTHER, VERSION, EVIL, EVIL)
    db.add(MODULE, VERSION, h1(files), h1({"go.mod": GO_MOD}))
    db.pad(SIZE)
    with serve(db) as served:
        yield Client(go, tmp_path, served)


def test_truth_is_accepted(client: Client) -> None:
    done = client.download()
    assert done.returncode == 0, done.stdout + done.stderr
    assert client.served.requests[0] == f"/lookup/{MODULE}@{VERSION}"
    assert sorted(client.served.requests[1:]) == [
        "/tile/8/0/001",
        "/tile/8/0/003.p/255",
        "/tile/8/1/000.p/3",
    ]


@pytest.mark.parametrize("sizes", [(400, SIZE), (SIZE, 400), (SIZE, SIZE), (SIZE, 70_000)])
def test_any_two_trees_of_one_history_are_accepted(client: Client, sizes: tuple[int, int]) -> None:
    for size in sizes:
        client.db.pad(size)
        client.db.shown = size
        done = client.download()
        assert done.returncode == 0, done.stdout + done.stderr


def test_module_vouched_for_on_first_lookup_is_accepted(client: Client) -> None:
    true = client.db.records[client.db.number_of(MODULE, VERSION)].decode().split()
    late = FakeSumdb(resolve=lambda module, _version: (true[2], true[5]) if module == MODULE else None)
    client.served.db.lie = lies.answers_of(late)
    done = client.download()
    assert done.returncode == 0, done.stdout + done.stderr
    assert late.size == 1


def test_unknown_module_is_not_found(client: Client) -> None:
    client.db.lie = lies.answers_of(FakeSumdb())
    done = client.download()
    assert done.returncode != 0
    assert "404" in done.stdout


@pytest.mark.parametrize(
    ("lie", "complaint"),
    [
        pytest.param(lies.forged_note(), "invalid signature", id="forged note"),
        pytest.param(lies.wrong_key(), "invalid signature", id="wrong key"),
        pytest.param(lies.unknown_signer(), "no verifiable signatures", id="unknown signer"),
        pytest.param(lies.no_record(), "malformed note", id="empty record"),
        pytest.param(lies.record_of(OTHER, VERSION), "", id="record of another module"),
        pytest.param(
            lies.forged_record(MODULE.encode() + b" ", b"x"),
            "cannot authenticate record",
            id="forged record",
        ),
        pytest.param(lies.unsigned_trailer(299, WANTED), "malformed note", id="unsigned trailer"),
        pytest.param(lies.unsigned_paragraph(299, WANTED), "invalid signature", id="unsigned paragraph"),
        pytest.param(lies.signed_trailer(299, WANTED), "", id="signed trailer"),
        pytest.param(lies.tampered_tile(0), "inconsistent tile", id="tampered leaf tile"),
        pytest.param(lies.tampered_tile(1), "inconsistent tile", id="tampered inner tile"),
        pytest.param(lies.forged_leaf(b"h1:", b"h1:A"), "inconsistent tile", id="forged leaf"),
        pytest.param(lies.truncated(1), "malformed note", id="cut short"),
        pytest.param(lies.failing(500), "500 Internal Server Error", id="failing"),
    ],
)
def test_lie_is_refused(client: Client, lie: lies.Lie, complaint: str) -> None:
    client.db.lie = lie
    done = client.download()
    assert done.returncode != 0
    assert complaint in done.stdout + done.stderr


@pytest.mark.parametrize("size", [SIZE - 100, SIZE, SIZE + 100])
def test_fork_is_a_security_error(client: Client, size: int) -> None:
    assert client.download().returncode == 0
    true = client.db.records[client.db.number_of(MODULE, VERSION)]
    liar = client.db.fork(299)
    liar.pad(300)
    fields = true.decode().split()
    liar.add(MODULE, VERSION, fields[2], fields[5])
    liar.pad(size)
    client.db.lie = lies.answers_of(liar)
    done = client.download()
    assert done.returncode != 0
    assert "SECURITY ERROR" in done.stdout + done.stderr


def test_stalled_database_answers_once_the_gate_opens(client: Client) -> None:
    client.served.gate.clear()
    with ThreadPoolExecutor() as pool:
        running = pool.submit(client.download)
        deadline = time.monotonic() + 20
        while not client.served.requests and time.monotonic() < deadline:
            time.sleep(0.01)
        assert client.served.requests
        assert not running.done()
        client.served.gate.set()
        assert running.result().returncode == 0


def test_record_tile_holds_each_text_and_a_blank_line() -> None:
    db = FakeSumdb()
    db.pad(3)
    assert db.get("tile/8/data/000.p/2") == (200, db.records[0] + b"\n" + db.records[1] + b"\n")
