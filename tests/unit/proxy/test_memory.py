from __future__ import annotations

import pytest

from modmirror.errors import NotExist, UpstreamBadAnswer
from modmirror.proxy.memory import Absences, Shunned
from tests.fakes.engine import FakeClock


def test_an_absence_is_repeated_with_its_sources() -> None:
    absences = Absences(60, FakeClock())
    absences.check("key")
    absences.remember("key", NotExist("nothing there", hint="look elsewhere", sources=("a.example",)))
    with pytest.raises(NotExist) as caught:
        absences.check("key")
    assert (caught.value.reason, caught.value.hint, caught.value.sources) == (
        "nothing there",
        "look elsewhere",
        ("a.example",),
    )


def test_an_absence_is_forgotten_after_its_time() -> None:
    clock = FakeClock()
    absences = Absences(60, clock)
    absences.remember("key", NotExist("nothing there"))
    clock.advance(59)
    with pytest.raises(NotExist):
        absences.check("key")
    clock.advance(2)
    absences.check("key")


def test_a_success_purges_an_absence() -> None:
    absences = Absences(60, FakeClock())
    absences.remember("key", NotExist("nothing there"))
    absences.forget("key")
    absences.check("key")
    absences.forget("key")


def test_an_upstream_is_shunned_for_one_module_and_for_a_while() -> None:
    clock = FakeClock()
    shunned = Shunned(600, clock)
    shunned.add("x.y/a", "up.example", "it sent garbage")
    with pytest.raises(UpstreamBadAnswer, match="it sent garbage"):
        shunned.check("x.y/a", "up.example")
    shunned.check("x.y/b", "up.example")
    shunned.check("x.y/a", "other.example")
    clock.advance(601)
    shunned.check("x.y/a", "up.example")
