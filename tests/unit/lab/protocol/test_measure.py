from __future__ import annotations

import ssl
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.coverage.records import Database
from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.engine.port import Fetched, Request
from modmirror.lab.politeness import VolumeSpent
from modmirror.lab.protocol.asking import HUNG, Subject
from modmirror.lab.protocol.measure import Protocol, lacking
from modmirror.lab.protocol.table import CHECKS
from modmirror.sumdb.note import VerifierKey
from tests.fakes.lab import JumpingClock, ScriptedEngine, answered, scripted_lab, targets_named
from tests.fakes.loopback_lab import emulated, loopback_lab

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.emulate.sumdb import EmulatedSumdb
    from modmirror.lab.results.protocol import Cell, ProtocolResult
    from modmirror.lab.target import Target

WELL_MADE = {
    "info", "list", "auth", "mod", "zip", "latest", "branch", "escapes", "capitals", "gone", "gone-version",
    "error-text", "bad-path", "query", "toolchain", "sumdb", "sumdb-status", "sumdb-lookup", "sumdb-tiles",
    "head", "range", "length", "no-redirect", "keep-alive", "http1",
}  # fmt: skip
TEXT = BenchModule("example.com/lab/text", "v1.0.0")


def subject(sumdb: EmulatedSumdb) -> Subject:
    return Subject(
        module=TEXT,
        upper=BenchModule("github.com/Lab/CamelCase", "v1.0.0"),
        recorded=TEXT,
        toolchain=BenchModule("golang.org/toolchain", "v0.0.1-go1.99.0.linux-amd64"),
        absent=BenchModule("example.com/lab/none", "v1.0.0"),
        database=Database(VerifierKey.parse(sumdb.key)),
        timeout=2.0,
    )


async def examined(behaviour: Behaviour) -> tuple[dict[str, Cell], ProtocolResult]:
    async with emulated({"a": behaviour}) as (sumdb, targets), loopback_lab(*targets) as lab:
        result = await Protocol(subject(sumdb))(lab)
        assert len(lab.run.samples("protocol")) <= 45, "forty requests are polite"
    return result.cells["a"], result


async def test_a_good_mirror_has_everything_that_it_should_with_evidence() -> None:
    cells, result = await examined(Behaviour())
    assert {key for key, cell in cells.items() if cell.verdict == "yes"} == WELL_MADE
    assert lacking(result) == []
    assert cells["list"].evidence.startswith("GET …/example.com/lab/text/@v/list → 200, ")
    assert all(cell.evidence for cell in cells.values())
    assert [feature.key for feature in result.features] == [check.key for check in CHECKS]


@pytest.mark.parametrize(
    ("behaviour", "verdicts"),
    [
        (Behaviour(sumdb=False), {"sumdb": "no", "sumdb-status": "yes", "sumdb-lookup": "not-applicable"}),
        (Behaviour(auth="a:b"), {"auth": "no", "info": "no", "list": "no", "gone": "no"}),
        (Behaviour(missing=1.0), {"info": "no", "zip": "no", "escapes": "no", "list": "yes"}),
        (Behaviour(errors=1.0, error_status=503), {"info": "no", "gone": "no", "sumdb-status": "no"}),
        (Behaviour(garbled=1.0), {"zip": "no", "info": "no", "sumdb-lookup": "no", "sumdb-tiles": "no"}),
    ],
)
async def test_every_fault_is_found_and_fails_the_mirror(
    behaviour: Behaviour, verdicts: dict[str, str]
) -> None:
    cells, result = await examined(behaviour)
    assert {key: cells[key].verdict for key in verdicts} == verdicts
    failed = {key for key, verdict in verdicts.items() if verdict == "no"} - {"sumdb"}
    titles = {feature.title for feature in result.features if feature.needed and feature.key in failed}
    assert titles <= {sentence.split(": ")[1] for sentence in lacking(result)}


async def test_a_mirror_that_does_not_answer_is_left_alone_after_two_tries() -> None:
    def dead(request: Request, clock: JumpingClock) -> Fetched:
        return answered(request, clock).judged("refused", "nothing listens there")

    def silent(request: Request, clock: JumpingClock) -> Fetched:
        made = dead(request, clock)
        return Fetched(request, "refused", made.timing, made.started, reason=made.reason)

    lab = scripted_lab(targets_named("a"), silent)
    result = await Protocol()(lab)
    assert isinstance(lab.engine, ScriptedEngine)
    assert len(lab.engine.asked) == 2
    assert {cell.verdict for cell in result.cells["a"].values()} == {"unknown"}
    assert len(lacking(result)) == sum(check.needed for check in CHECKS)


async def test_a_mirror_whose_answers_never_end_is_left_alone_as_well() -> None:
    async with emulated({"a": Behaviour(endless=1.0)}) as (sumdb, targets), loopback_lab(*targets) as lab:
        hasty = replace(subject(sumdb), timeout=0.2)
        result = await Protocol(hasty)(lab)
        assert len(lab.run.samples("protocol")) <= HUNG
    # Its status says that it asks for no password, and that is all that it says.
    assert {key for key, cell in result.cells["a"].items() if cell.verdict == "yes"} <= {"auth"}
    assert lacking(result)


async def test_what_politeness_leaves_unasked_is_unknown() -> None:
    def spent(request: Request, clock: JumpingClock) -> Fetched:
        if request.path.endswith(".zip"):
            raise VolumeSpent("200 MB were fetched")
        return answered(request, clock, status=404)

    result = await Protocol()(scripted_lab(targets_named("a"), spent))
    assert result.cells["a"]["zip"].verdict == "unknown"
    assert result.cells["a"]["gone"].verdict == "yes"


async def test_handshakes_are_those_of_the_target() -> None:
    shaken: list[tuple[str, ssl.TLSVersion | None]] = []

    async def shake(
        target: Target, alpn: Sequence[str], version: ssl.TLSVersion | None = None
    ) -> tuple[str, str]:
        shaken.append((target.name, version))
        if version is ssl.TLSVersion.TLSv1_2:
            raise ssl.SSLError("no protocols available")
        return "TLSv1.3", alpn[0]

    (plain,) = targets_named("a")
    target = type(plain)(name="tls", scheme="https", host="127.0.0.1", port=1)
    lab = scripted_lab((target,), lambda request, clock: answered(request, clock, status=404))
    cells = (await Protocol(shake=shake)(lab)).cells["tls"]
    assert [cells[key].verdict for key in ("h2", "tls12", "tls13")] == ["yes", "no", "yes"]
    assert "no protocols available" in cells["tls12"].evidence
    assert shaken == [("tls", None), ("tls", ssl.TLSVersion.TLSv1_2), ("tls", ssl.TLSVersion.TLSv1_3)]
