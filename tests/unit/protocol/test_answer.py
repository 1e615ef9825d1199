from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest

from modmirror import errors
from modmirror.protocol.answer import MAX_TEXT_BYTES, MAX_TEXT_LINES, answer_for_error, cache_control

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TEXT = "what happened"

# The status and Cache-Control of every class in errors.py. A class without a row here fails the test.
TABLE: dict[type[errors.Error], tuple[int, str]] = {
    errors.Error: (500, "no-store"),
    errors.InvalidTarget: (404, "public, max-age=86400"),
    errors.NotExist: (404, "public, max-age=60"),
    errors.FetchDisabled: (404, "public, max-age=60"),
    errors.Denied: (403, "no-store"),
    errors.UpstreamError: (502, "no-store"),
    errors.UpstreamUnavailable: (502, "no-store"),
    errors.UpstreamTimeout: (504, "no-store"),
    errors.UpstreamStalled: (504, "no-store"),
    errors.UpstreamBadAnswer: (502, "no-store"),
    errors.UpstreamRefused: (502, "no-store"),
    errors.UpstreamBusy: (503, "no-store"),
    errors.VerificationError: (502, "no-store"),
    errors.BadZip: (502, "no-store"),
    errors.HashMismatch: (502, "no-store"),
    errors.BadNote: (502, "no-store"),
    errors.BadRecord: (502, "no-store"),
    errors.BadTile: (502, "no-store"),
    errors.ForkDetected: (502, "no-store"),
    errors.ChecksumDatabaseDown: (503, "no-store"),
    errors.StorageError: (500, "no-store"),
    errors.StorageFull: (507, "no-store"),
    errors.StorageConflict: (500, "no-store"),
    errors.StorageBroken: (503, "no-store"),
    errors.Overloaded: (503, "no-store"),
    errors.TooManyRequests: (429, "no-store"),
    errors.ConfigError: (500, "no-store"),
}

SPECIAL: dict[type[errors.Error], Callable[[], errors.Error]] = {
    errors.UpstreamRefused: lambda: errors.UpstreamRefused("up.example", TEXT, status=403),
    errors.HashMismatch: lambda: errors.HashMismatch(TEXT, want="h1:a", got="h1:b"),
    errors.Overloaded: lambda: errors.Overloaded(TEXT, retry_after=2.0),
    errors.TooManyRequests: lambda: errors.TooManyRequests(TEXT, retry_after=2.0),
    errors.ConfigError: lambda: errors.ConfigError("server.port", TEXT),
}


def tree(root: type[errors.Error]) -> Iterator[type[errors.Error]]:
    yield root
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from tree(child)


def make(kind: type[errors.Error]) -> errors.Error:
    if kind in SPECIAL:
        return SPECIAL[kind]()
    if issubclass(kind, errors.UpstreamError):
        return kind("up.example", TEXT)
    return kind(TEXT)


def text_of(error: Exception) -> str:
    return answer_for_error(error).body.decode()


@pytest.mark.parametrize("kind", list(tree(errors.Error)), ids=lambda kind: kind.__name__)
def test_every_error_has_its_status_and_its_cache_control(kind: type[errors.Error]) -> None:
    answer = answer_for_error(make(kind))
    headers = dict(answer.headers)
    assert (answer.status, headers["cache-control"]) == TABLE[kind]
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert headers["content-length"] == str(len(answer.body))
    assert len(headers) == len(answer.headers)


def test_a_class_added_elsewhere_answers_like_its_parent() -> None:
    class Novel(errors.UpstreamTimeout):
        pass

    assert answer_for_error(Novel("up.example", TEXT)).status == 504


@pytest.mark.matrix("T146")
def test_a_denial_is_403_and_says_why() -> None:
    answer = answer_for_error(errors.Denied("x.y@v1.0.0: known malware", hint="ask security@corp.example"))
    assert answer.status == 403
    assert answer.body == b"forbidden: x.y@v1.0.0: known malware\nask security@corp.example\n"


@pytest.mark.matrix("T147")
def test_absence_is_404_with_its_reason() -> None:
    answer = answer_for_error(errors.NotExist("no upstream has it\na.example: unknown revision"))
    assert answer.status == 404
    assert answer.body == b"not found: no upstream has it\na.example: unknown revision\n"


def test_an_upstream_error_names_the_upstream() -> None:
    assert text_of(errors.UpstreamTimeout("a.example", "no answer in 60 s")) == (
        "gateway timeout: a.example: no answer in 60 s\n"
    )


@pytest.mark.parametrize(
    "bug",
    [RuntimeError("token=secret"), errors.ConfigError("server.tls_key", "secret"), KeyError("secret")],
)
def test_a_bug_is_500_and_tells_nothing(bug: Exception) -> None:
    answer = answer_for_error(bug)
    assert (answer.status, answer.body) == (500, b"internal error\n")


@pytest.mark.parametrize(
    ("seconds", "header"),
    [(7.0, "7"), (0.2, "1"), (-5.0, "1"), (1.01, "2"), (float("inf"), "86400"), (float("nan"), "1")],
)
def test_retry_after_is_whole_seconds_within_a_day(seconds: float, header: str) -> None:
    for error in (
        errors.Overloaded(TEXT, retry_after=seconds),
        errors.UpstreamBusy("a.example", TEXT, retry_after=seconds),
    ):
        assert dict(answer_for_error(error).headers)["retry-after"] == header


def test_there_is_no_retry_after_when_the_upstream_named_none() -> None:
    assert "retry-after" not in dict(answer_for_error(errors.UpstreamBusy("a.example", TEXT)).headers)


@pytest.mark.matrix("T135")
@pytest.mark.parametrize(
    "reason",
    [
        "line\n" * 50,
        "\n\nblank\n\n \n\t\nlines\n",
        "x" * 5000,
        "\u4e16" * 1000,
        "a" + "\u4e16" * 1000,
        ("y" * 74 + "\n") * 9,
        "esc \x1b[31m bell \x07 nul \x00 cr \r del \x7f",
        "bidi \u202e zero width \u200b line \u2028 private \ue000",
        "lone surrogate \udcff",
        "",
    ],
)
def test_any_text_is_made_into_what_the_go_command_shows_whole(reason: str) -> None:
    body = answer_for_error(errors.NotExist(reason, hint=reason)).body
    assert len(body) <= MAX_TEXT_BYTES
    text = body.decode("utf-8")
    assert text.startswith("not found:")
    assert text.endswith("\n")
    lines = text.removesuffix("\n").split("\n")
    assert len(lines) <= MAX_TEXT_LINES
    assert all(line.strip() for line in lines)
    for character in text.replace("\n", ""):
        assert unicodedata.category(character)[0] in "LMNPSZ"
        assert unicodedata.category(character) not in {"Zl", "Zp"}


def test_control_characters_show_as_question_marks() -> None:
    assert text_of(errors.NotExist("a\x1b[31mb")) == "not found: a?[31mb\n"


def test_a_text_that_is_cut_says_so() -> None:
    assert text_of(errors.NotExist("x" * 5000)).endswith("x...\n")


@pytest.mark.parametrize(
    ("immutable", "max_age", "verified", "value"),
    [
        (True, 0.0, True, "public, max-age=31536000, immutable"),
        (True, 60.0, False, "public, max-age=604800"),
        (False, 60.0, True, "public, max-age=60"),
        (False, 59.9, False, "public, max-age=59"),
        (False, 0.0, False, "no-cache"),
        (False, 0.4, True, "no-cache"),
        (False, -1.0, False, "no-cache"),
    ],
)
def test_only_verified_immutable_files_are_kept_for_a_year(
    value: str, max_age: float, *, immutable: bool, verified: bool
) -> None:
    assert cache_control(immutable=immutable, max_age=max_age, verified=verified) == value


def test_what_is_private_is_for_the_client_alone() -> None:
    assert cache_control(immutable=True, max_age=0, verified=True, private=True).startswith("private, ")
    assert cache_control(immutable=False, max_age=60, verified=False, private=True) == "private, max-age=60"
