from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from modmirror.storage import lists as lists_module
from modmirror.storage.lists import VersionLists, listed_versions
from modmirror.storage.root import StoreRoot, claim_root
from tests.fakes.faulty_os import FaultyOs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Iterator[StoreRoot]:
    root = claim_root(tmp_path)
    yield root
    root.release()


def add_mod(root: StoreRoot, module: str, *names: str) -> Path:
    directory = root.path / module / "@v"
    directory.mkdir(parents=True, exist_ok=True)
    for name in names:
        (directory / name).write_bytes(b"module x\n")
    return directory / "list"


def test_only_canonical_versions_with_a_mod_are_listed() -> None:
    names = [
        *("v1.0.0.mod", "v1.0.0.info", "v1.0.0.zip", "v1.0.0.ziphash", "v1.1.0-!r!c.1.mod", "v1.2.0.info"),
        *("v0.0.0-20200101000000-abcdefabcdef.mod", "v2.0.0+incompatible.mod", "v10.0.0.mod"),
        *("v1.5.mod", "v1.2.3+meta.mod", "main.mod", ".mod", "mod", "list", "v1.0.1.partial", "lock"),
        *("v1.0.2.mod.tmp", "v1.0.0-RC.mod", "v1.0.0-!!.mod", "list.lock", "v1.0.3.lock"),
    ]
    assert sorted(listed_versions(names)) == [
        "v0.0.0-20200101000000-abcdefabcdef",
        "v1.0.0",
        "v1.1.0-RC.1",
        "v10.0.0",
        "v2.0.0+incompatible",
    ]


def test_a_list_is_in_version_order(root: StoreRoot) -> None:
    lists = VersionLists(root)
    listed = add_mod(root, "x.test/a", "v1.10.0.mod", "v1.9.0.mod", "v1.9.0-rc.1.mod")
    assert lists.rewrite("x.test/a")
    assert listed.read_bytes() == b"v1.9.0-rc.1\nv1.9.0\nv1.10.0\n"
    lists.close()


def test_a_list_in_step_is_left_alone(root: StoreRoot) -> None:
    lists = VersionLists(root)
    listed = add_mod(root, "x.test/a", "v1.0.0.mod")
    listed.write_bytes(b"v1.0.0\n")
    listed.chmod(0o444)
    before = listed.stat()
    assert not lists.rewrite("x.test/a")
    assert listed.stat() == before
    add_mod(root, "x.test/a", "v1.1.0.mod")
    assert lists.rewrite("x.test/a")
    lists.close()


def test_the_next_start_mends_the_modules_in_the_journal_and_no_others(root: StoreRoot) -> None:
    lists = VersionLists(root)
    lists.expect("x.test/!a")
    dirty = add_mod(root, "x.test/!a", "v1.0.0.mod")
    other = add_mod(root, "x.test/b", "v1.0.0.mod")
    again = VersionLists(root)
    assert again.recovered == 1
    assert dirty.read_bytes() == b"v1.0.0\n"
    assert not other.exists()
    assert root.journal.read_bytes() == b""
    again.close()
    lists.close()


@pytest.mark.parametrize(
    "journal",
    [b"x.test/a\nx.test/gone\nx.t", b"x.test/a\n../../etc\n/etc\n\xff\xfe\n\0\n", b"x.test/a\n" * 3],
)
def test_a_journal_cut_off_or_damaged_mends_what_it_can(root: StoreRoot, journal: bytes) -> None:
    listed = add_mod(root, "x.test/a", "v1.0.0.mod")
    root.journal.write_bytes(journal)
    lists = VersionLists(root)
    assert lists.recovered == 1
    assert listed.read_bytes() == b"v1.0.0\n"
    lists.close()


def test_a_module_is_journaled_once_until_the_journal_is_emptied(root: StoreRoot) -> None:
    lists = VersionLists(root)
    for module in ("x.test/a", "x.test/b", "x.test/a"):
        lists.expect(module)
        lists.settle(module)
    assert root.journal.read_bytes() == b"x.test/a\nx.test/b\n"
    lists.close()
    assert root.journal.read_bytes() == b""


def test_a_long_journal_is_emptied_when_no_put_is_under_way(
    root: StoreRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists_module, "_JOURNAL_BYTES", 20)
    lists = VersionLists(root)
    for module in ("x.test/a", "x.test/b", "x.test/c"):
        lists.expect(module)
    for module in ("x.test/a", "x.test/b"):
        lists.settle(module)
        assert root.journal.stat().st_size == 27
    lists.settle("x.test/c")
    assert root.journal.stat().st_size == 0
    lists.expect("x.test/a")
    assert root.journal.read_bytes() == b"x.test/a\n"
    lists.close()


def test_a_module_that_could_not_be_settled_survives_a_clean_stop(root: StoreRoot) -> None:
    lists = VersionLists(root)
    lists.expect("x.test/a")
    lists.close()
    assert root.journal.read_bytes() == b"x.test/a\n"


def test_an_entry_that_failed_half_way_does_not_spoil_the_next(
    root: StoreRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = VersionLists(root)
    faults = FaultyOs(monkeypatch, ("fdatasync",))
    faults.fail(1, errno.EIO)
    with pytest.raises(OSError, match="Input/output"):
        lists.expect("x.test/a-long-name")
    faults.heal()
    lists.expect("x.test/a")
    assert root.journal.read_bytes().splitlines()[0] == b"x.test/a"
    lists.settle("x.test/a")
    lists.close()


def test_a_list_that_cannot_be_placed_leaves_the_old_one(
    root: StoreRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = VersionLists(root)
    listed = add_mod(root, "x.test/a", "v1.0.0.mod")
    lists.rewrite("x.test/a")
    add_mod(root, "x.test/a", "v1.1.0.mod")
    faults = FaultyOs(monkeypatch)
    for nth in range(1, 5):
        faults.fail(nth, errno.EIO)
        with pytest.raises(OSError, match="Input/output"):
            lists.rewrite("x.test/a")
        faults.heal()
        assert listed.read_bytes() == b"v1.0.0\n"
        assert not any(root.staging.iterdir())
    assert faults.seen == ["open", "pwrite", "fsync", "replace", "unlink"]
    lists.close()
