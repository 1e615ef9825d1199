from __future__ import annotations

import signal

import pytest

from modmirror.errors import (
    NotExist,
    StorageBroken,
    StorageFull,
    UpstreamBadAnswer,
    UpstreamBusy,
    UpstreamUnavailable,
)
from modmirror.origin.access.git import GitAccess
from modmirror.origin.git.failures import (
    is_moved,
    local_failure,
    no_shallow,
    remote_failure,
    secrets_of,
    too_large,
)
from modmirror.origin.processes.running import Finished

URL = "https://git.example.com/x"
ACCESS = GitAccess(
    URL, "https", (("http.https://git.example.com/.extraHeader", "Authorization: Basic c2VjcmV0"),)
)


def remote(stderr: str, code: int = 128) -> Exception:
    return remote_failure(URL, Finished(code, b"", stderr), ACCESS, lambda: NotExist("not there"))


@pytest.mark.parametrize(
    "stderr",
    [
        f"fatal: repository '{URL}/' not found\n",
        f"fatal: could not read Username for '{URL}': terminal prompts disabled\n",
        "error: unable to read askpass response\nfatal: could not read Password for 'x'\n",
        f"fatal: Authentication failed for '{URL}/'\n",
        f"fatal: unable to access '{URL}/': The requested URL returned error: 403\n",
        f"fatal: {URL}/info/refs not valid: is this a git repository?\n",
        "git@git.example.com: Permission denied (publickey).\r\nfatal: Could not read from remote.\n",
        "ERROR: Repository not found.\nfatal: Could not read from remote repository.\n",
        "fatal: '/srv/x' does not appear to be a git repository\n",
    ],
)
def test_what_is_not_there_or_not_for_us_does_not_exist(stderr: str) -> None:
    assert isinstance(remote(stderr), NotExist)


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        (
            f"fatal: unable to access '{URL}/': Could not resolve host: git.example.com\n",
            UpstreamUnavailable,
        ),
        (f"fatal: unable to access '{URL}/': The requested URL returned error: 500\n", UpstreamUnavailable),
        (f"fatal: unable to access '{URL}/': The requested URL returned error: 302\n", UpstreamUnavailable),
        (f"fatal: unable to access '{URL}/': The requested URL returned error: 429\n", UpstreamBusy),
        (f"fatal: unable to access '{URL}/': SSL certificate problem: self-signed\n", UpstreamUnavailable),
        (
            "Host key verification failed.\nfatal: Could not read from remote repository.\n",
            UpstreamUnavailable,
        ),
        ("fatal: early EOF\nfatal: fetch-pack: invalid index-pack output\n", UpstreamUnavailable),
        ("error: index-pack died of signal 25\n", UpstreamBadAnswer),
        ("fatal: write error: No space left on device\nfatal: early EOF\n", StorageFull),
        ("fatal: Out of memory, malloc failed (tried to allocate 99 bytes)\n", UpstreamBadAnswer),
        ("", UpstreamUnavailable),
    ],
)
def test_failures_are_told_apart(stderr: str, kind: type[Exception]) -> None:
    assert type(remote(stderr)) is kind


def test_what_the_remote_side_says_decides_nothing() -> None:
    said = "remote: fatal: repository 'x' not found\nremote: No space left on device\nfatal: early EOF\n"
    assert type(remote(said)) is UpstreamUnavailable


def test_git_ended_by_the_limit_on_files_means_too_large() -> None:
    error = remote("", -signal.SIGXFSZ)
    assert isinstance(error, UpstreamBadAnswer)
    assert error.reason == too_large(URL).args[0]


@pytest.mark.parametrize("code", [1, -9])
def test_a_failure_without_words_has_its_code(code: int) -> None:
    error = remote("", code)
    assert isinstance(error, UpstreamUnavailable)
    assert str(code) in error.reason


def test_a_reason_is_the_first_fatal_line_without_its_label() -> None:
    error = remote("warning: x\nfatal: the reason\nfatal: the consequence\n")
    assert isinstance(error, UpstreamUnavailable)
    assert (error.upstream, error.reason) == (URL, "the reason")


def test_a_reason_is_short_and_printable() -> None:
    error = remote("fatal: \x1b[31mred\x07" + "x" * 10_000)
    assert isinstance(error, UpstreamUnavailable)
    assert len(error.reason) <= 400
    assert error.reason.isprintable()


def test_secrets_and_paths_are_not_shown() -> None:
    error = remote("fatal: Authorization: Basic c2VjcmV0 c2VjcmV0 https://me:pw@x.test/y /var/lib/0/x.pack")
    assert isinstance(error, UpstreamUnavailable)
    assert error.reason == "[redacted] [redacted] https://x.test/y (a file)"


def test_only_what_may_be_secret_is_taken_away() -> None:
    plain = GitAccess(URL, "https", (("http.sslCAInfo", "/etc/ca.pem"), ("http.x.extraHeader", "")))
    assert list(secrets_of(plain)) == []
    assert "Basic" not in list(secrets_of(ACCESS))


def test_a_kept_copy_that_cannot_be_read_is_broken() -> None:
    error = local_failure(URL, Finished(128, b"", "fatal: bad object HEAD\n"))
    assert isinstance(error, StorageBroken)
    assert "bad object HEAD" in error.reason


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        ("error: invalid path '.git/config'\n", NotExist),
        ("fatal: cannot write: No space left on device\n", StorageFull),
        ("fatal: Out of memory, malloc failed\n", UpstreamBadAnswer),
        ("", StorageBroken),
    ],
)
def test_only_the_kept_copys_own_fault_breaks_it(stderr: str, kind: type[Exception]) -> None:
    assert type(local_failure(URL, Finished(128, b"", stderr))) is kind


@pytest.mark.parametrize(
    ("stderr", "is_so"),
    [
        ("fatal: dumb http transport does not support shallow capabilities\n", True),
        ("fatal: Server does not support shallow clients\n", True),
        ("fatal: Server does not support --depth\n", True),
        ("fatal: early EOF\n", False),
    ],
)
def test_a_server_that_cannot_leave_history_out_is_recognised(stderr: str, is_so: bool) -> None:
    assert no_shallow(Finished(128, b"", stderr)) is is_so


@pytest.mark.parametrize(
    ("stderr", "is_so"),
    [
        ("fatal: unable to access 'https://git.test/x/': The requested URL returned error: 301\n", True),
        ("fatal: unable to update url base from redirection:\n", True),
        ("fatal: unable to access 'https://git.test/x/': The requested URL returned error: 404\n", False),
    ],
)
def test_a_server_that_points_elsewhere_is_recognised(stderr: str, is_so: bool) -> None:
    assert is_moved(Finished(128, b"", stderr)) is is_so
