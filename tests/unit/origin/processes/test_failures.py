from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import (
    Error,
    NotExist,
    StorageBroken,
    StorageFull,
    UpstreamBadAnswer,
    UpstreamBusy,
    UpstreamUnavailable,
)
from modmirror.origin.access.vcs import VcsAccess, VcsSource
from modmirror.origin.processes.failures import Phrases, local_failure, remote_failure, unreachable
from modmirror.origin.processes.running import Finished

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://vcs.example.com/x"
PHRASES = Phrases("tool", re.compile(r"no such place"), re.compile(r"^error: (.+)$", re.MULTILINE))
GONE = NotExist("it is not there")


async def reach() -> VcsAccess:
    return VcsAccess(URL)


def remote(stderr: str, code: int = 1, password: str = "") -> Error:
    access = VcsAccess(URL, password=password)
    source = VcsSource(URL, reach, lambda: GONE)
    return remote_failure(PHRASES, source, Finished(code, b"", stderr), access)


def local(stderr: str, code: int = 1) -> Error:
    return local_failure(PHRASES, URL, Finished(code, b"", stderr))


def test_a_repository_that_is_not_there_is_what_its_source_says() -> None:
    assert remote("error: no such place\n") is GONE


@pytest.mark.parametrize("said", ["HTTP Error 429: x", "HTTP Error 503: x", "503 Service Unavailable"])
def test_a_host_that_wants_us_back_later_is_busy(said: str) -> None:
    assert isinstance(remote(f"error: {said}\n"), UpstreamBusy)


def test_of_several_reasons_the_first_counts() -> None:
    problem = remote("working\nerror: first\nerror: second\n")
    assert isinstance(problem, UpstreamUnavailable)
    assert problem.reason == "first"


def test_without_a_reason_the_exit_code_is_told() -> None:
    assert remote("", 7).reason == "tool ended with 7"


def test_a_reason_is_cut_to_a_length_fit_to_be_shown() -> None:
    assert len(remote(f"error: {'x' * 5000}\n").reason) == 400


def test_no_password_and_no_server_path_is_shown() -> None:
    reason = remote("error: s3cret at /srv/kept/1/file\n", password="s3cret").reason
    assert reason == "[redacted] at (a file)"


@pytest.mark.parametrize("fail", [remote, local])
@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("write: No space left on device", StorageFull),
        ("write: Disk quota exceeded", StorageFull),
        ("database or disk is full", StorageFull),
        ("File too large", UpstreamBadAnswer),
        ("Out of memory", UpstreamBadAnswer),
        ("MemoryError", UpstreamBadAnswer),
    ],
)
def test_a_limit_counts_before_all_else(
    fail: Callable[[str, int], Error], said: str, kind: type[Error]
) -> None:
    assert type(fail(f"error: no such place: {said}\n", 1)) is kind


@pytest.mark.parametrize("fail", [remote, local])
def test_a_tool_killed_for_its_file_size_read_something_too_large(
    fail: Callable[[str, int], Error],
) -> None:
    assert isinstance(fail("", -signal.SIGXFSZ), UpstreamBadAnswer)


def test_a_kept_repository_that_cannot_be_read_is_broken_storage() -> None:
    problem = local("error: no such place\n")
    assert isinstance(problem, StorageBroken)
    assert problem.reason == f"the kept copy of {URL} cannot be read: no such place"


@pytest.mark.parametrize("commit_id", ["v1/../x", "a b", "é", ""])
def test_an_id_is_shown_only_if_it_could_be_one(commit_id: str) -> None:
    assert unreachable(URL, commit_id).reason.startswith("commit of that name cannot be reached")
    assert unreachable(URL, "a1" * 20).reason.startswith(f"commit {'a1' * 20} cannot")
