"""Reading through a mirror what a build pins."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from modmirror.errors import BadZip, HashMismatch, NotExist, UpstreamBusy, UpstreamUnavailable
from modmirror.mod.dirhash import h1_of_go_mod
from modmirror.mod.path import ModulePath
from modmirror.mod.pins import Pin
from modmirror.proxy.warm import CACHED_ONLY, LONGEST_PAUSE, TRIES, Had, Missing, Reader, Wanted, wanted_of
from tests.fakes.gomodules import plain_zip
from tests.fakes.script import Say, ScriptedUpstream
from tests.fakes.zips import slow_h1

M = ModulePath("example.com/A")
MOD = b"module example.com/A\n"
INFO = b'{"Version":"v1.0.0"}'
ZIP = plain_zip(M, "v1.0.0", {"go.mod": MOD, "a.go": "package a\n"})
PIN = Pin(M, "v1.0.0", mod_sum=h1_of_go_mod(MOD), zip_sum=slow_h1(ZIP))
BASE = "example.com/!a/@v/v1.0.0"


@dataclass
class Asking:
    """A reader, its scripted mirror, and what it told."""

    mirror: ScriptedUpstream = field(default_factory=ScriptedUpstream)
    told: list[Had | Missing] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def reader(self) -> Reader:
        return Reader(self.mirror, self.told.append, self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    @property
    def errors(self) -> list[type[Exception]]:
        return [type(each.error) for each in self.told if isinstance(each, Missing)]


def stocked(prefix: str = "") -> Asking:
    asking = Asking()
    for extension, body in (("info", INFO), ("mod", MOD), ("zip", ZIP)):
        asking.mirror.say(f"{prefix}{BASE}.{extension}", body)
    return asking


def test_the_small_files_of_all_versions_come_before_zips() -> None:
    other = replace(PIN, version="v1.1.0", files=("mod",))
    assert [each.path for each in wanted_of([PIN, other])] == [
        f"{BASE}.info",
        f"{BASE}.mod",
        "example.com/!a/@v/v1.1.0.mod",
        f"{BASE}.zip",
    ]


async def test_warming_reads_each_file_once_and_whole() -> None:
    asking = stocked()
    await asking.reader().warm(wanted_of([PIN]), jobs=8)
    assert sorted(asking.told, key=lambda each: each.wanted.file) == [
        Had(Wanted(PIN, "info"), len(INFO)),
        Had(Wanted(PIN, "mod"), len(MOD)),
        Had(Wanted(PIN, "zip"), len(ZIP)),
    ]
    assert len(asking.mirror.asked) == 3


@pytest.mark.parametrize(
    ("pin", "file"), [(replace(PIN, mod_sum="h1:no="), "mod"), (replace(PIN, zip_sum="h1:no="), "zip")]
)
async def test_another_file_than_go_sum_says_is_missing(pin: Pin, file: str) -> None:
    asking = stocked()
    await asking.reader().warm(wanted_of([pin]), jobs=1)
    assert [each.wanted.file for each in asking.told if isinstance(each, Missing)] == [file]
    assert asking.errors == [HashMismatch]


async def test_a_broken_zip_is_missing_when_there_is_a_hash_for_it() -> None:
    asking = stocked()
    asking.mirror.say(f"{BASE}.zip", ZIP[:-1])
    await asking.reader().warm([Wanted(PIN, "zip")], jobs=1)
    assert asking.errors == [BadZip]


async def test_without_a_hash_what_the_mirror_gives_is_taken() -> None:
    asking = stocked()
    await asking.reader().warm(wanted_of([replace(PIN, mod_sum="", zip_sum="")]), jobs=2)
    assert asking.errors == []


async def test_one_file_that_fails_stops_no_other() -> None:
    asking = stocked()
    asking.mirror.say(f"{BASE}.info", Say(status=404, body=b"not found: no such version"))
    asking.mirror.say(f"{BASE}.mod", Say(error=UpstreamUnavailable("mirror", "connection reset")))
    await asking.reader().warm(wanted_of([PIN]), jobs=1)
    assert asking.errors == [NotExist, UpstreamUnavailable]
    assert asking.told[-1] == Had(Wanted(PIN, "zip"), len(ZIP))


async def test_a_busy_mirror_is_asked_again_when_it_says_so() -> None:
    asking = stocked()
    asking.mirror.say(
        f"{BASE}.mod",
        Say(status=503, retry_after=7.0),
        Say(status=429),
        Say(status=503, retry_after=3600.0),
        Say(MOD),
    )
    await asking.reader().warm([Wanted(PIN, "mod")], jobs=1)
    assert asking.errors == []
    assert asking.slept == [7.0, 4.0, LONGEST_PAUSE]


async def test_a_mirror_that_stays_busy_is_given_up() -> None:
    asking = stocked()
    asking.mirror.say(f"{BASE}.mod", Say(status=503, retry_after=1.0))
    await asking.reader().warm([Wanted(PIN, "mod")], jobs=1)
    assert asking.errors == [UpstreamBusy]
    assert asking.mirror.count(f"{BASE}.mod") == TRIES


async def test_looking_asks_below_cached_only_and_reads_no_zip() -> None:
    asking = stocked(CACHED_ONLY)
    asking.mirror.say(
        f"{CACHED_ONLY}{BASE}.zip", Say(ZIP, error=UpstreamUnavailable("mirror", "was read"), break_after=1)
    )
    await asking.reader().look(wanted_of([PIN]), jobs=3)
    assert asking.errors == []
    assert all(each.path.startswith(CACHED_ONLY) for each in asking.mirror.asked)


async def test_looking_says_what_is_not_kept_or_not_what_is_pinned() -> None:
    asking = stocked()
    await asking.reader().look(wanted_of([replace(PIN, version="v9.0.0")]), jobs=3, prefix="")
    await asking.reader().look([Wanted(replace(PIN, mod_sum="h1:no="), "mod")], jobs=1, prefix="")
    assert asking.errors == [NotExist, NotExist, NotExist, HashMismatch]
