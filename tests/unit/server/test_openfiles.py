from __future__ import annotations

from modmirror.server.headers import Headers
from modmirror.server.memory import Subject
from modmirror.server.openfiles import KeptFile, OpenFiles
from tests.fakes.answers import BytesBlob


def kept() -> tuple[KeptFile, BytesBlob]:
    blob = BytesBlob(b"zip")
    return KeptFile(Subject("zip", "example.com/m", "v1.0.0"), "up", blob, Headers()), blob


def test_a_file_that_nobody_keeps_closes_with_its_last_holder() -> None:
    file, blob = kept()
    file.hold()
    file.hold()
    file.let_go()
    assert blob.closed == 0
    file.let_go()
    assert blob.closed == 1


def test_a_kept_file_stays_open_between_requests() -> None:
    files = OpenFiles(2)
    file, blob = kept()
    files.put(b"/a", file)
    file.hold()
    file.let_go()
    assert blob.closed == 0
    assert files.get(b"/a") is file


def test_the_file_not_asked_for_longest_is_forgotten() -> None:
    files = OpenFiles(2)
    a, blob_a = kept()
    b, blob_b = kept()
    c, _ = kept()
    files.put(b"/a", a)
    files.put(b"/b", b)
    assert files.get(b"/a") is a
    files.put(b"/c", c)
    assert files.get(b"/b") is None
    assert (blob_a.closed, blob_b.closed) == (0, 1)


def test_a_file_that_is_being_sent_when_forgotten_closes_afterwards() -> None:
    files = OpenFiles(1)
    file, blob = kept()
    files.put(b"/a", file)
    file.hold()
    files.put(b"/b", kept()[0])
    assert blob.closed == 0
    file.let_go()
    assert blob.closed == 1


def test_a_file_replaced_under_its_path_is_closed() -> None:
    files = OpenFiles(2)
    old, blob = kept()
    new, _ = kept()
    files.put(b"/a", old)
    files.put(b"/a", new)
    assert files.get(b"/a") is new
    assert blob.closed == 1


def test_a_limit_of_zero_keeps_nothing() -> None:
    files = OpenFiles(0)
    file, blob = kept()
    file.hold()
    files.put(b"/a", file)
    file.let_go()
    assert files.get(b"/a") is None
    assert blob.closed == 1


def test_closing_forgets_everything() -> None:
    files = OpenFiles(5)
    opened = [kept() for _ in range(3)]
    for number, (file, _) in enumerate(opened):
        files.put(b"/%d" % number, file)
    files.close()
    assert [blob.closed for _, blob in opened] == [1, 1, 1]


def test_a_file_is_looked_for_in_memory_once_a_second() -> None:
    file, _ = kept()
    assert [file.is_warm(now) for now in (10.0, 10.5, 10.9, 11.1, 11.2)] == [False, True, True, False, True]
