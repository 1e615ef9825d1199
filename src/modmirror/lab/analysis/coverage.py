"""Which modules a mirror has, and whether they are the right ones (lab.md 2.5).

A file is right when its ``h1:`` is what the checksum database recorded. Where no record is known, more than
half of the mirrors must agree, and at least two: then who says otherwise is wrong. Two mirrors that
contradict each other with nobody to judge accuse neither.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from modmirror.lab.analysis.estimates import share_of
from modmirror.lab.results.coverage import CoverageResult, Mismatch, TargetCoverage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from modmirror.lab.results.estimates import Share
    from modmirror.lab.results.events import Event
    from modmirror.measure.sample import Sample

MEASUREMENT = "coverage"
RECORDED = "recorded"
"""Event: a hash that somebody vouches for, as ``PATH h1:… WHO``."""
CORPUS = "coverage-corpus"
"""Event: digest of the corpus that was asked for."""
MAJORITY = "majority"
SHOWN_MISSING = 50
"""Missing paths that a result names; the rest is in the samples."""
_AGREEING = 2


def coverage(
    samples: Iterable[Sample], corpus: str, recorded: Mapping[str, str] | None = None, database: str = ""
) -> CoverageResult:
    """Say what each target had of the corpus.

    Args:
        samples: of the whole run; those of other measurements are left out. ``Sample.case`` is the stratum.
        corpus: digest of the corpus.
        recorded: ``h1:`` by escaped path, from verified records of a checksum database.
        database: name of that database.
    """
    own = [sample for sample in samples if sample.measurement == MEASUREMENT]
    authorities = _authorities(own, recorded or {}, database)
    common = _common_contents(own)
    by_target: dict[str, list[Sample]] = defaultdict(list)
    for sample in own:
        by_target[sample.target].append(sample)
    return CoverageResult(
        corpus=corpus,
        strata=tuple(dict.fromkeys(sample.case for sample in own)),
        targets={
            target: _covered(asked, authorities, common) for target, asked in sorted(by_target.items())
        },
    )


def coverage_result(samples: Iterable[Sample], events: Sequence[Event]) -> CoverageResult:
    """Return what samples and events of a run say, be it at its end or not."""
    recorded: dict[str, str] = {}
    vouching: dict[str, None] = {}
    corpus = ""
    for event in events:
        if event.name == CORPUS:
            corpus = event.text
        elif event.name == RECORDED:
            path, digest, who = event.text.split(" ", 2)
            recorded[path] = digest
            vouching[who] = None
    return coverage(samples, corpus, recorded, ", ".join(vouching))


def _covered(
    samples: Sequence[Sample],
    authorities: Mapping[str, tuple[str, str]],
    common: Mapping[tuple[str, str], str],
) -> TargetCoverage:
    wrong = [
        Mismatch(sample.path, sample.digest, *authorities[sample.path])
        for sample in samples
        if sample.digest and sample.path in authorities and sample.digest != authorities[sample.path][0]
    ]
    bad = {each.path for each in wrong}
    lacking = [sample for sample in samples if sample.outcome != "ok" and sample.path not in bad]
    good = [sample for sample in samples if sample.outcome == "ok" and sample.path not in bad]
    return TargetCoverage(
        overall=share_of(len(good), len(samples)),
        strata=_strata(samples, good),
        mismatches=tuple(wrong),
        repacked=sum(
            bool(sample.content)
            and common.get((sample.path, sample.digest), sample.content) != sample.content
            for sample in good
        ),
        missing=tuple(
            f"{sample.path}: {sample.reason or sample.outcome}" for sample in lacking[:SHOWN_MISSING]
        ),
    )


def _strata(samples: Sequence[Sample], good: Sequence[Sample]) -> dict[str, Share]:
    asked, had = (Counter(sample.case for sample in each) for each in (samples, good))
    return {stratum: share_of(had[stratum], count) for stratum, count in asked.items()}


def _authorities(
    samples: Iterable[Sample], recorded: Mapping[str, str], database: str
) -> dict[str, tuple[str, str]]:
    """Return by path what its ``h1:`` must be and who says so."""
    votes: dict[str, dict[str, str]] = defaultdict(dict)
    for sample in samples:
        if sample.digest:
            votes[sample.path][sample.target] = sample.digest
    found = {path: (digest, database) for path, digest in recorded.items()}
    for path, voted in votes.items():
        digest, count = Counter(voted.values()).most_common(1)[0]
        if path not in found and count >= _AGREEING and 2 * count > len(voted):
            found[path] = (digest, MAJORITY)
    return found


def _common_contents(samples: Iterable[Sample]) -> dict[tuple[str, str], str]:
    """Return the commonest bytes of each file and ``h1:``; of a draw none: each differs from elsewhere."""
    contents: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for sample in samples:
        if sample.digest and sample.content:
            contents[sample.path, sample.digest][sample.content] += 1
    found = {}
    for key, counts in contents.items():
        first, *others = counts.most_common(2)
        found[key] = "" if others and others[0][1] == first[1] else first[0]
    return found
