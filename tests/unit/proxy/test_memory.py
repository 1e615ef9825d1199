from __future__ import annotations

import pytest

from modmirror.errors import NotExist, UpstreamBadAnswer
from modmirror.mod.path import ModulePath
from modmirror.protocol.target import Kind, ModuleTarget
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


M = ModulePath("x.y/a")
ZIP = ModuleTarget(Kind.ZIP, M, "v1.0.0")
MOD = ModuleTarget(Kind.MOD, M, "v1.0.0")
OTHER_VERSION = ModuleTarget(Kind.ZIP, M, "v1.1.0")
LIST = ModuleTarget(Kind.LIST, M)
OTHER_MODULE = ModuleTarget(Kind.ZIP, ModulePath("x.y/b"), "v1.0.0")


def shunning() -> tuple[Shunned, FakeClock]:
    clock = FakeClock()
    shunned = Shunned(600, clock)
    shunned.add(ZIP, "up.example", "it sent garbage")
    return shunned, clock


def test_a_file_that_was_bad_is_not_taken_from_its_sender_for_a_while() -> None:
    shunned, clock = shunning()
    refusal = shunned.doubts(ZIP).refusal("up.example")
    assert isinstance(refusal, UpstreamBadAnswer)
    assert "it sent garbage" in refusal.reason
    assert shunned.doubts(ZIP).refusal("other.example") is None
    clock.advance(601)
    assert shunned.doubts(ZIP).refusal("up.example") is None


@pytest.mark.parametrize("target", [MOD, OTHER_VERSION, LIST])
def test_whatever_else_of_the_module_is_only_doubted(target: ModuleTarget) -> None:
    shunned, clock = shunning()
    doubts = shunned.doubts(target)
    assert doubts.refusal("up.example") is None
    hesitation = doubts.hesitation("up.example")
    assert hesitation is not None
    assert "it sent garbage" in hesitation.reason
    assert doubts.hesitation("other.example") is None
    clock.advance(601)
    assert doubts.hesitation("up.example") is None


def test_other_modules_are_not_doubted() -> None:
    shunned, _ = shunning()
    assert shunned.doubts(OTHER_MODULE).hesitation("up.example") is None


def test_doubt_weighs_more_where_a_file_can_be_bad() -> None:
    shunned, _ = shunning()
    assert [shunned.doubts(each).weighty for each in (ZIP, MOD, LIST)] == [True, True, False]


def test_what_is_doubted_is_taken_with_proof_only() -> None:
    shunned, _ = shunning()
    shunned.check_unproven(OTHER_MODULE, "up.example")
    shunned.check_unproven(OTHER_VERSION, "other.example")
    with pytest.raises(UpstreamBadAnswer, match="cannot be proven"):
        shunned.check_unproven(OTHER_VERSION, "up.example")


def test_where_two_contradict_each_other_the_first_is_only_doubted() -> None:
    shunned = Shunned(600, FakeClock())
    shunned.doubt(ZIP, "up.example", "two.example has another file")
    doubts = shunned.doubts(ZIP)
    assert (doubts.refusal("up.example"), doubts.hesitation("up.example") is None) == (None, False)
