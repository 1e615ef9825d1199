from __future__ import annotations

import pytest

from modmirror.telemetry.request_id import RequestIds, is_acceptable


def test_ids_are_counted_behind_the_random_part() -> None:
    new_id = RequestIds(b"\x01\xab")
    assert [new_id() for _ in range(3)] == ["01ab-1", "01ab-2", "01ab-3"]


def test_two_processes_do_not_share_ids() -> None:
    one, other = RequestIds(b"12345678"), RequestIds(b"87654321")
    assert {one() for _ in range(50)}.isdisjoint(other() for _ in range(50))


def test_an_own_id_is_acceptable() -> None:
    assert is_acceptable(RequestIds(b"12345678")())


@pytest.mark.parametrize("text", ["a", "A-1_b.c:d/e+f=@", "x" * 128])
def test_an_id_of_harmless_characters_is_acceptable(text: str) -> None:
    assert is_acceptable(text)


@pytest.mark.parametrize("text", ["", "a b", "a\n", "a\r\nset-cookie: x", "é", "x" * 129, '"'])
def test_an_id_that_could_break_a_header_or_a_log_is_not(text: str) -> None:
    assert not is_acceptable(text)
