from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from modmirror.lab.analysis.coverage import CORPUS, RECORDED, SHOWN_MISSING, coverage, coverage_result
from modmirror.lab.analysis.estimates import share_of
from modmirror.lab.results.coverage import Mismatch
from modmirror.lab.results.events import Event
from tests.fakes.samples import sample

if TYPE_CHECKING:
    from modmirror.measure.sample import Sample


def asked(
    target: str, path: str, digest: str = "", *, stratum: str = "popular", content: str = ""
) -> Sample:
    made = sample(target, measurement="coverage", case=stratum)
    return replace(made, path=path, digest=digest, content=content)


def missing(target: str, path: str, reason: str = "not found") -> Sample:
    return replace(asked(target, path), outcome="4xx", status=404, reason=reason)


def test_each_stratum_has_its_share() -> None:
    result = coverage(
        [asked("x", "a"), missing("x", "b"), asked("x", "c", stratum="fresh")], corpus="sha256:1"
    )
    assert result.corpus == "sha256:1"
    assert result.strata == ("popular", "fresh")
    assert result.targets["x"].strata == {"popular": share_of(1, 2), "fresh": share_of(1, 1)}
    assert result.targets["x"].overall == share_of(2, 3)
    assert result.targets["x"].missing == ("b: not found",)


def test_what_the_database_did_not_record_is_wrong_however_many_have_it() -> None:
    samples = [asked(target, "a", "h1:bad") for target in "xyz"]
    result = coverage(samples, "", {"a": "h1:good"}, "sum.golang.org")
    for target in "xyz":
        assert result.targets[target].mismatches == (Mismatch("a", "h1:bad", "h1:good", "sum.golang.org"),)
        assert result.targets[target].overall.ok == 0
        assert result.targets[target].missing == ()


def test_without_a_record_the_majority_judges() -> None:
    samples = [asked("x", "a", "h1:good"), asked("y", "a", "h1:good"), asked("z", "a", "h1:bad")]
    result = coverage(samples, "")
    assert result.targets["z"].mismatches == (Mismatch("a", "h1:bad", "h1:good", "majority"),)
    assert result.targets["x"].mismatches == result.targets["y"].mismatches == ()


def test_two_that_contradict_each_other_accuse_neither() -> None:
    result = coverage([asked("x", "a", "h1:one"), asked("y", "a", "h1:two")], "")
    assert all(not each.mismatches for each in result.targets.values())


def test_asking_one_mirror_twice_makes_no_majority() -> None:
    samples = [asked("x", "a", "h1:bad"), asked("x", "a", "h1:bad"), asked("y", "a", "h1:good")]
    assert all(not each.mismatches for each in coverage(samples, "").targets.values())


def test_a_wrong_file_counts_as_wrong_even_if_the_measurement_marked_it() -> None:
    marked = replace(asked("x", "a", "h1:bad"), outcome="mismatch")
    result = coverage([marked], "", {"a": "h1:good"}, "db")
    assert len(result.targets["x"].mismatches) == 1


def test_other_bytes_with_the_same_digest_are_repacked_and_not_wrong() -> None:
    samples = [asked(target, "a", "h1:good", content="one") for target in "xy"]
    samples.append(asked("z", "a", "h1:good", content="two"))
    result = coverage(samples, "")
    assert [result.targets[target].repacked for target in "xyz"] == [0, 0, 1]
    assert result.targets["z"].mismatches == ()
    assert result.targets["z"].overall.ok == 1


def test_of_two_kinds_of_bytes_each_is_other_than_elsewhere() -> None:
    samples = [asked("x", "a", "h1:good", content="one"), asked("y", "a", "h1:good", content="two")]
    assert [each.repacked for each in coverage(samples, "").targets.values()] == [1, 1]


def test_only_the_first_missing_paths_are_named() -> None:
    result = coverage([missing("x", f"p{number}") for number in range(SHOWN_MISSING + 9)], "")
    assert len(result.targets["x"].missing) == SHOWN_MISSING
    assert result.targets["x"].overall == share_of(0, SHOWN_MISSING + 9)


def test_other_measurements_are_left_out() -> None:
    assert coverage([sample("x")], "").targets == {}


def test_events_tell_the_corpus_and_who_vouches() -> None:
    samples = [asked("x", "a", "h1:bad"), asked("x", "b", "h1:b")]
    events = [
        Event(0, CORPUS, "sha256:old"),
        Event(1, CORPUS, "sha256:1"),
        Event(2, RECORDED, "a h1:good go.sum"),
        Event(3, RECORDED, "b h1:b sum.example.test"),
    ]
    found = coverage_result(samples, events)
    recorded = {"a": "h1:good", "b": "h1:b"}
    assert found == coverage(samples, "sha256:1", recorded, "go.sum, sum.example.test")
    assert found.targets["x"].mismatches
