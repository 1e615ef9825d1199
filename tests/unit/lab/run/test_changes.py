from __future__ import annotations

from modmirror.lab.run.changes import described, ended, flagged
from modmirror.lab.run.manifest import Flag, Manifest

BEFORE = Manifest(verb="bench", seed=1, started="then", corpus="c", floor={"wait": 1.0})


def test_a_change_is_a_new_manifest() -> None:
    after = flagged(BEFORE, Flag("drift", "x"))
    assert (BEFORE.flags, after.flags) == ((), (Flag("drift", "x"),))


def test_what_is_not_named_stays() -> None:
    assert described(BEFORE, None, None) == BEFORE
    assert described(BEFORE, "d", None).floor == {"wait": 1.0}
    assert described(BEFORE, None, {}).corpus == "c"


def test_the_end_has_its_time() -> None:
    after = ended(BEFORE, "complete", "now")
    assert (after.state, after.ended, after.started) == ("complete", "now", "then")
