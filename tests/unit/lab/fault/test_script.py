from __future__ import annotations

from collections import Counter

from modmirror.lab.emulate.modules import EPOCH, ModuleSet
from modmirror.lab.fault.script import Script
from modmirror.mod.path import ModulePath

TEXT = ModulePath("example.com/lab/text")


def made(clock: list[float], *, judge_age: bool = True) -> tuple[Script, ModuleSet]:
    modules = ModuleSet.generate(1)
    return Script(modules, 1.0, judge_age=judge_age, clock=lambda: clock[0]), modules


def test_hits_lists_and_misses_take_turns_and_no_miss_comes_twice() -> None:
    script, _ = made([EPOCH])
    asked = [script.next() for _ in range(50)]
    assert Counter(question.kind for question in asked) == {"hit": 20, "miss": 20, "list": 10}
    misses = [question.path for question in asked if question.kind == "miss"]
    assert len(set(misses)) == 20
    assert len({question.path for question in asked if question.kind == "hit"}) == 1


def test_a_later_rehearsal_asks_for_other_misses() -> None:
    paths = []
    for instant in (EPOCH, EPOCH + 60):
        script, _ = made([instant])
        paths += [
            question.path for question in (script.next() for _ in range(5)) if question.kind == "miss"
        ]
    assert len(set(paths)) == 4


def test_the_right_bytes_of_files_are_known() -> None:
    script, modules = made([EPOCH])
    release = modules.release(ModulePath("example.com/lab/yaml"), "v1.3.0")
    assert release is not None
    assert script.warming()[0].wanted == release.zip
    assert all(question.wanted for question in (script.next() for _ in range(4)))


def test_a_list_is_old_when_it_lacks_what_was_published_three_lifetimes_ago() -> None:
    clock = [EPOCH * 2]
    script, modules = made(clock)
    before = "\n".join(modules.versions(TEXT, clock[0])).encode()
    script.publish()
    assert not script.is_old(before)
    clock[0] += 6.1
    assert script.is_old(before)
    assert not script.is_old("\n".join(modules.versions(TEXT, clock[0])).encode())


def test_age_is_not_judged_where_nobody_knows_how_long_lists_are_kept() -> None:
    script, _ = made([EPOCH], judge_age=False)
    assert all(script.next().is_old is None for _ in range(10))
