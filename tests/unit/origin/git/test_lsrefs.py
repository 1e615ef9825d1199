from __future__ import annotations

import pytest

from modmirror.origin.git.lsrefs import as_ls_remote, ls_refs_request

A, B = "a" * 40, "b" * 40


def packet(text: str) -> bytes:
    return f"{len(text) + 4:04x}{text}".encode()


def test_branches_and_tags_are_asked_for_with_what_tags_lead_to() -> None:
    assert ls_refs_request("sha256") == (
        b"0014command=ls-refs\n0017agent=git/modmirror0018object-format=sha2560001"
        b"0009peel\n0014ref-prefix HEAD\n001bref-prefix refs/heads/\n001aref-prefix refs/tags/\n0000"
    )


def test_an_answer_becomes_the_lines_of_ls_remote() -> None:
    answer = (
        packet(f"{A} HEAD symref-target:refs/heads/main\n")
        + packet(f"{A} refs/heads/main\n")
        + packet(f"{B} refs/tags/v1.0.0 peeled:{A}\n")
        + b"0000"
    )
    lines = f"{A}\tHEAD\n{A}\trefs/heads/main\n{B}\trefs/tags/v1.0.0\n{A}\trefs/tags/v1.0.0^{{}}\n"
    assert as_ls_remote(answer) == lines.encode()


def test_a_repository_without_names_has_no_lines() -> None:
    assert as_ls_remote(b"0000") == b""


WHOLE = packet(f"{A} HEAD\n") + packet(f"{A} refs/heads/main\n") + b"0000"


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_an_answer_that_is_cut_short_is_none(length: int) -> None:
    assert as_ls_remote(WHOLE[:length]) is None


@pytest.mark.parametrize(
    "answer",
    [
        WHOLE + b"0000",
        packet("ERR access denied\n"),
        packet("nonsense\n") + b"0000",
        b"0001" + WHOLE,
        b"0004" + WHOLE,
        b"-005" + WHOLE,
        b"<html>",
        b"001e# service=git-upload-pack\n0000" + WHOLE,
    ],
)
def test_what_is_no_answer_is_none(answer: bytes) -> None:
    assert as_ls_remote(answer) is None
