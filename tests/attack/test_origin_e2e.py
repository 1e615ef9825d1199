"""A whole mirror asked for what means harm: clear answers, bounded time, memory, disk and processes."""

from __future__ import annotations

import json
import struct
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.e2e.mirror import MirrorProcess
from tests.e2e.origins import BILLING, VERSION, Origins, module_files, origins
from tests.fakes.git_pack import GitObjects, pack_header
from tests.fakes.processes import with_word

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 10.0
"""Seconds for what ends by itself."""
MEMORY = 1 << 30
"""Resident bytes that a mirror may reach whatever it is sent."""
DISK = 64 << 20
"""Bytes that may be left on disk by something that came to nothing."""
NOWHERE = "corp.test/x"
BOUNDED = {"timeout": 10.0, "background_timeout": 4.0, "refresh": 0.0}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Origins]:
    folder = tmp_path / "world"
    folder.mkdir()
    with origins(folder) as running:
        yield running


@contextmanager
def mirror_of(world: Origins, tmp_path: Path, **origin: float) -> Iterator[MirrorProcess]:
    """Run a mirror with short times, and look at what it leaves behind."""
    config = world.config()
    config["origin"] = BOUNDED | origin
    config["freshness"] = {"ttl": 0.0, "negative_ttl": 0.0}
    mirror = MirrorProcess(tmp_path / "mirror", config, environ=world.environ())
    with mirror:
        yield mirror
        assert peak_of(mirror.pid) < MEMORY
        assert none_below(tmp_path / "mirror", mirror.pid), mirror.log
        assert bytes_below(tmp_path / "mirror") < DISK
        assert mirror.get("livez")[0] == 200
        assert mirror.stop() == 0


def bytes_below(folder: Path) -> int:
    """Return the size of all files; some may vanish meanwhile."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def peak_of(pid: int) -> int:
    """Return the most memory that a process has had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) << 10


def none_below(folder: Path, *but: int) -> bool:
    """Wait until no process has the mirror's directory in its arguments or environment, but these."""
    deadline = time.monotonic() + LIMIT
    while set(with_word(str(folder))) - set(but):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@dataclass
class Siege:
    """A mirror that several attacks share: none of them gets far enough to leave anything behind."""

    world: Origins
    mirror: MirrorProcess

    def withstood(self) -> bool:
        """Wait for the end of what an attack has started, and say whether the mirror still answers."""
        return none_below(self.mirror.directory, self.mirror.pid) and self.mirror.get("livez")[0] == 200


@contextmanager
def besieged(folder: Path) -> Iterator[Siege]:
    (folder / "world").mkdir()
    with origins(folder / "world") as world, mirror_of(world, folder) as mirror:
        yield Siege(world, mirror)


# --- what a request says -------------------------------------------------------------------------

OPTIONS = ("--upload-pack=touch MARK", "-oProxyCommand=touch MARK", "--output=MARK", "--exec=touch MARK")


@pytest.fixture(scope="module")
def siege(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    with besieged(tmp_path_factory.mktemp("requests")) as running:
        yield running


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize(
    "form", ["{module}/@v/{option}.info", "{option}/@v/list", "corp.test/{option}/@latest"]
)
def test_options_in_a_request_reach_no_program(
    form: str, option: str, siege: Siege, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    spelt = quote(option.replace("MARK", str(mark)), safe="")
    status, body, _ = siege.mirror.get(form.format(module=BILLING, option=spelt))
    assert status in (400, 404)
    assert body.strip()
    assert siege.withstood()
    assert not mark.exists()


# --- what a page says ----------------------------------------------------------------------------

URLS = (
    "--upload-pack=touch MARK",
    "-oProxyCommand=touch MARK",
    "https://-oProxyCommand=touch/MARK",
    "ssh://-oProxyCommand=touch%20MARK/x",
    "ssh://-oProxyCommand=touch@git.corp.test/x",
    "ext::sh -c touch% MARK",
    "ext::touch MARK",
    "file://SERVED/team/billing",
    "SERVED/team/billing",
    "fd::17/x",
    "git://git.corp.test/team/billing",
    "http://git.corp.test/team/billing",
    "https://reader:kept@git.corp.test/team/billing",
    "https://git.corp.test/team/../../billing",
    "https://git.corp.test/team%0abilling",
    "https://git.corp.test\\@evil.test/x",
)
PRIVATE = ("https://10.1.2.3/x", "https://169.254.169.254/latest/meta-data", "https://[fd00::1]/x")


@pytest.fixture(scope="module")
def lured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    with besieged(tmp_path_factory.mktemp("pages")) as running:
        yield running


@pytest.mark.parametrize("number", range(len(URLS)), ids=URLS)
def test_a_page_can_name_nothing_but_a_plain_https_url(number: int, lured: Siege, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    world, module = lured.world, f"corp.test/evil{number}"
    evil = URLS[number].replace("MARK", str(mark)).replace("SERVED", str(world.private.root))
    world.sites.go_import(module, f"{module} git {evil}")
    for path in (f"{module}/@v/list", f"{module}/@v/main.info"):
        status, body, _ = lured.mirror.get(path)
        assert status == 404
        assert body.strip()
    assert world.sites.count(module) > 0
    assert lured.withstood()
    assert not mark.exists()
    assert world.private.requests == []


@pytest.mark.parametrize("number", range(len(PRIVATE)), ids=PRIVATE)
def test_pages_do_not_lead_to_private_addresses(number: int, lured: Siege) -> None:
    modules = tuple(f"corp.test/inner{number}{how}" for how in ("redirect", "git", "mod"))
    lured.world.sites.redirect(modules[0], PRIVATE[number])
    for module in modules[1:]:
        how = module.removeprefix(f"corp.test/inner{number}")
        lured.world.sites.go_import(module, f"{module} {how} {PRIVATE[number]}")
    started = time.monotonic()
    for module in modules:
        status, body, _ = lured.mirror.get(f"{module}/@v/list")
        assert status == 403
        assert b"where modules are not fetched from" in body
    assert time.monotonic() - started < LIMIT


def test_loopback_is_closed_unless_a_route_opens_it(world: Origins, tmp_path: Path) -> None:
    config = world.config(private_networks=[])
    with MirrorProcess(tmp_path / "mirror", config, environ=world.environ()) as mirror:
        status, body, _ = mirror.get(f"{BILLING}/@v/list")
        assert status == 403
        assert b"the loopback network" in body
    assert world.sites.asked == []


@pytest.mark.parametrize("there", ["https://10.1.2.3", "http://127.0.0.1:9", "file:///etc", "ext::touch x"])
def test_a_repository_does_not_redirect_anywhere(there: str, world: Origins, tmp_path: Path) -> None:
    world.private.location = there
    with mirror_of(world, tmp_path) as mirror:
        status, body, _ = mirror.get(f"{BILLING}/@v/list")
        assert status == 502
        assert b"redirects" in body


# --- what a repository says ----------------------------------------------------------------------


def packet(data: bytes) -> bytes:
    return b"%04x%s" % (len(data) + 4, data)


def test_a_million_names_are_refused_in_bounded_time(world: Origins, tmp_path: Path) -> None:
    head = packet(b"# service=git-upload-pack\n") + b"0000"
    names = (b"%040x refs/pull/%d/head\n" % (number, number) for number in range(1, 1_000_100))
    first = packet(b"%040x HEAD\0agent=x\n" % 1)
    world.private.listing = head + first + b"".join(map(packet, names)) + b"0000"
    with mirror_of(world, tmp_path, timeout=60.0) as mirror:
        started = time.monotonic()
        status, body, _ = mirror.get(f"{BILLING}/@v/list")
        assert status == 502
        assert b"more than 1000000 names" in body
        assert time.monotonic() - started < 30


def test_a_blob_that_claims_ten_gigabytes_is_refused(world: Origins, tmp_path: Path) -> None:
    pack = b"PACK" + struct.pack(">II", 2, 1) + pack_header("blob", 10 << 30)
    pack += zlib.compress(bytes(1 << 20))[:-6]
    pieces = (packet(b"\x01" + pack[at : at + 60_000]) for at in range(0, len(pack), 60_000))
    world.private.pack = packet(b"packfile\n") + b"".join(pieces) + b"0000"
    with mirror_of(world, tmp_path) as mirror:
        started = time.monotonic()
        status, body, _ = mirror.get(f"{BILLING}/@v/{VERSION}.zip")
        assert status == 502
        assert body.strip()
        assert time.monotonic() - started < LIMIT


def test_a_tree_that_multiplies_is_refused(world: Origins, tmp_path: Path) -> None:
    objects = GitObjects()
    inner, kind = objects.add("blob", b"x" * 1000), "100644"
    for _ in range(12):
        inner = objects.raw_tree((kind, b"%d" % number, inner) for number in range(10))
        kind = "40000"
    text = f"tree {inner}\nauthor a <a@x> 1 +0000\ncommitter c <c@x> 1577836800 +0000\n\nm\n"
    objects.write(
        world.private.root / "team/bomb", {"refs/tags/v1.0.0": objects.add("commit", text.encode())}
    )
    world.sites.go_import(NOWHERE, f"{NOWHERE} git {world.git}/team/bomb")
    with mirror_of(world, tmp_path, background_timeout=60.0) as mirror:
        started = time.monotonic()
        status, body, _ = mirror.get(f"{NOWHERE}/@v/v1.0.0.zip")
        assert status == 404
        assert b"more than 1000000 files" in body
        assert time.monotonic() - started < 45


def test_files_that_inflate_beyond_all_limits_are_refused(world: Origins, tmp_path: Path) -> None:
    files = module_files(NOWHERE, "large")
    history = world.publish(world.private, "team/bomb", files)
    history.name = "team/zeros"
    history.write({f"zeros{number}": bytes(60 << 20) for number in range(12)})
    history.commit("much")
    history.tag(VERSION)
    objects = GitObjects()
    commit = objects.commit(history.tip)
    objects.write(world.private.root / history.name, {f"refs/tags/{VERSION}": commit})
    world.sites.go_import(NOWHERE, f"{NOWHERE} git {world.git}/{history.name}")
    with mirror_of(world, tmp_path, background_timeout=60.0) as mirror:
        status, body, _ = mirror.get(f"{NOWHERE}/@v/{VERSION}.zip")
        assert status == 404
        assert b"is too large: 754974809 bytes" in body


@pytest.mark.parametrize("after", [0, 100])
def test_a_server_that_hangs_in_a_pack_is_left_and_asked_again(
    after: int, world: Origins, tmp_path: Path
) -> None:
    world.private.hang_after = after
    with mirror_of(world, tmp_path, background_timeout=2.0) as mirror:
        started = time.monotonic()
        status, body, _ = mirror.get(f"{BILLING}/@v/{VERSION}.zip")
        assert status == 504
        assert b"git did not finish within 2 seconds" in body
        assert time.monotonic() - started < LIMIT
        assert none_below(tmp_path / "mirror", mirror.pid)
        world.private.hang_after = -1
        assert mirror.get(f"{BILLING}/@v/{VERSION}.zip")[0] == 200


# --- ends ----------------------------------------------------------------------------------------


def test_a_mirror_killed_in_a_fetch_starts_again_and_goes_on(world: Origins, tmp_path: Path) -> None:
    config = world.config()
    world.private.hang_after = 100
    mirror = MirrorProcess(tmp_path / "mirror", config, environ=world.environ())
    with ThreadPoolExecutor(1) as pool, mirror:
        asking = pool.submit(mirror.get, f"{BILLING}/@v/{VERSION}.zip")
        assert world.private.hanging.wait(LIMIT)
        mirror.kill()
        assert isinstance(asking.exception(), OSError)
        world.private.hang_after = -1
        mirror.start()
        started = time.monotonic()
        assert mirror.get(f"{BILLING}/@v/{VERSION}.zip")[0] == 200
        assert time.monotonic() - started < LIMIT
        assert mirror.stop() == 0
    assert none_below(tmp_path / "mirror")


def test_a_moved_tag_is_told_and_changes_nothing_that_is_stored(world: Origins, tmp_path: Path) -> None:
    with mirror_of(world, tmp_path) as mirror:
        paths = [f"{BILLING}/@v/{VERSION}.{kind}" for kind in ("info", "mod", "zip")]
        before = [mirror.get(path)[1] for path in paths]
        directory = world.private.root / "team/billing"
        directory.rename(directory.with_name("old"))
        files = module_files(BILLING, "changed") | {"added.txt": "new\n"}
        world.publish(world.private, "team/billing", files, VERSION)
        assert mirror.get(f"{BILLING}/@v/list")[1].split() == [VERSION.encode()]
        assert [mirror.get(path)[1] for path in paths] == before
        told = [json.loads(line) for line in mirror.log.splitlines() if "tag changed" in line]
        assert [VERSION in line["change"] for line in told] == [True]
        assert told[0]["repository"] == f"{world.git}/team/billing"
