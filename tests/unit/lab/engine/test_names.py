from __future__ import annotations

import socket

import pytest

from modmirror.lab.engine.names import Names, system_resolve
from modmirror.lab.target import Family  # noqa: TC001 - the fake is annotated with it


class Answers:
    """A resolver that says one thing after another."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, family: Family) -> tuple[str, ...]:
        del host, family
        self.asked += 1
        return self.answers.pop(0)


async def test_the_first_answer_is_kept_for_the_run_and_every_lookup_is_made() -> None:
    changes: list[tuple[str, str, str]] = []
    answers = Answers(("10.0.0.1", "10.0.0.2"), ("10.0.0.2", "10.0.0.1"), ("10.0.0.3",))
    names = Names(answers, lambda *change: changes.append(change))
    for _ in range(2):
        assert await names.look_up("x.test", "") == ("10.0.0.1", "10.0.0.2")
    assert changes == []
    assert await names.look_up("x.test", "") == ("10.0.0.1", "10.0.0.2")
    assert changes == [("x.test", "10.0.0.1", "10.0.0.3")]
    assert answers.asked == 3


async def test_the_address_that_answered_is_preferred() -> None:
    names = Names(Answers(("10.0.0.1", "10.0.0.2"), ("10.0.0.1", "10.0.0.2")), lambda *_: None)
    await names.look_up("x.test", "")
    names.pin("x.test", "", "10.0.0.2")
    assert await names.look_up("x.test", "") == ("10.0.0.2", "10.0.0.1")


async def test_families_of_one_name_are_pinned_apart() -> None:
    names = Names(Answers(("10.0.0.1",), ("fd00::1",)), lambda *_: None)
    assert await names.look_up("x.test", "ipv4") == ("10.0.0.1",)
    assert await names.look_up("x.test", "ipv6") == ("fd00::1",)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_an_address_is_not_looked_up(address: str) -> None:
    answers = Answers()
    assert await Names(answers, lambda *_: None).look_up(address, "") == (address,)
    assert answers.asked == 0


async def test_the_system_resolves_loopback_by_family() -> None:
    assert await system_resolve("localhost", "ipv4") == ("127.0.0.1",)


async def test_a_name_that_nobody_has_is_an_error() -> None:
    with pytest.raises(socket.gaierror):
        await system_resolve("nobody.invalid", "")
