"""A Chinese report is Chinese, whatever went wrong in the run that it tells of."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from modmirror.lab.analysis.benchkept import spent
from modmirror.lab.health import drift, findings
from modmirror.lab.load.fitness import saturated
from modmirror.lab.net.profile import NetProfile
from modmirror.lab.net.selftest import judge
from modmirror.lab.protocol.asking import HUNG
from modmirror.lab.render.formats import Format, Rendering, render
from modmirror.lab.render.text import Style, write_text
from modmirror.lab.report.comparing import Stored, compare, comparison_document
from modmirror.lab.report.facts import Flag, Report
from modmirror.lab.report.remaking import Kept
from modmirror.lab.report.requiring import required
from modmirror.lab.results.coverage import Mismatch
from modmirror.lab.results.differences import Difference
from modmirror.lab.results.load import LoadStep
from modmirror.lab.results.protocol import Cell
from modmirror.measure.warmup import WarmUp
from tests.fakes.lab_mirrors import GOOD, PARTIAL, SLOW, STALE
from tests.fakes.lab_runs import rich_report

SENTENCE = re.compile(r"[A-Za-z][A-Za-z'-]*(?:[,:;]? [A-Za-z][A-Za-z'-]*){2,}")
"""Three English words in a row."""
BARS = ("info/warm median<150ms", "info/warm p99<10s", "gap<1ms", "no/case p95<1s", "popular coverage>50%")


class Chinese(HTMLParser):
    """What a page shows to a Chinese reader: no code, no script, nothing that is marked as English."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._passing_over = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if self._passing_over:
            return
        if tag in {"script", "style", "code"} or (tag == "span" and facts.get("lang") == "en"):
            self._passing_over = tag
        self.texts.append(facts.get("data-detail-zh") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._passing_over:
            self._passing_over = ""

    def handle_data(self, data: str) -> None:
        if not self._passing_over:
            self.texts.append(data)


def flags() -> tuple[Flag, ...]:
    """Return what may be wrong with a run, in the words of those who see it."""
    generator = saturated(LoadStep(100, 100, 0, {"p50": 0.001}, {}, {}, 0.9))
    slower = drift({"total": 0.001}, {"total": 0.01})
    link = judge("cn", "tcp", NetProfile(rtt_ms=30, rate_down=50), connect=0.03, rtt=0.05, rate=40.0)
    assert generator is not None
    assert slower is not None
    found = [*findings(0.9, [0.0] * 200, 2.0), *findings(0.1, [0.1] * 200, 0.0), generator, slower]
    return (
        *(Flag(each.name, each.text) for each in found),
        Flag("link_off", f"{link.region}: {link.note}"),
        Flag(
            "dns_changed",
            "m.test was 192.0.2.1 and is now 192.0.2.2; the first address was asked throughout",
        ),
        Flag("tls_intercepted", "m.test: issued by A, not by B"),
        Flag("cpu_steal", "other virtual machines took 20% of the processors"),
    )


def troubled() -> Report:
    """Return a report of a run in which everything went wrong that can."""
    report = rich_report(state="interrupted", flags=flags())
    assert report.bench is not None
    assert report.coverage is not None
    assert report.probe is not None
    assert report.protocol is not None
    assert report.replay is not None
    run = replace(
        report.run,
        command="modmirror",
        notes=("samples.jsonl: the last line was cut short and is left out",),
        remade=("bench", "coverage"),
    )
    ended = spent("200 MB were fetched from mirrors that are not yours")
    bench = replace(
        report.bench, stopped=ended.en, stopped_zh=ended.zh, warm_up={SLOW: WarmUp(7, 2.5, 0.0004)}
    )
    reason = "the name does not resolve: Name or service not known"
    poor = replace(
        report.coverage.targets[PARTIAL],
        missing=(
            f"a.test/a/@v/v1.0.0.info: not asked: {HUNG} answers in a row did not come, or did not end",
            "example.com/b/@v/v1.0.0.zip: there is no such module version, and yet status 500",
        ),
        mismatches=(Mismatch("example.com/b/@v/v1.0.0.mod", "h1:a", "h1:b", "majority"),),
    )
    silent = replace(report.probe.targets[SLOW], reason=reason)
    note = "it is not text/plain: the developer sees the status only"
    cell = Cell("no", f"GET …/@v/list → no answer: {reason}", note)
    (faults,), (link, *links) = report.faults, report.links
    why = "a namespace of mounts cannot be made: unshare: unshare failed: Operation not permitted"
    report = replace(
        report,
        run=run,
        bench=bench,
        coverage=replace(report.coverage, targets=report.coverage.targets | {PARTIAL: poor}),
        probe=replace(report.probe, targets=report.probe.targets | {SLOW: silent}),
        protocol=replace(report.protocol, cells=report.protocol.cells | {STALE: {"list": cell}}),
        replay=replace(report.replay, build="go.sum"),
        faults=(replace(faults, skipped={"dns": why}),),
        links=(replace(link, good=False, note="round trip 50.0 ms instead of 30 ms"), *links),
        differences=(
            *report.differences,
            Difference(GOOD, "protocol: 404 or 410 for an absent module", 1.0, 0.0, None, worse=True),
        ),
    )
    return replace(report, requirements=required(report, BARS))


def without_code(text: str) -> str:
    """Return a report without the setting to copy, in the forms that text and Markdown give it."""
    fenced = re.sub(r"```text\n.*?```", "", text, flags=re.DOTALL)
    return re.sub(r"(?m)^    (go env|\[\[route|match|from|sumdb).*$", "", fenced)


@pytest.mark.parametrize("form", ["text", "md", "html"])
def test_a_chinese_report_holds_no_english_sentence(form: Format) -> None:
    shown = render(troubled(), form, Rendering(Style(160, language="zh"), lambda: b""))
    texts = Chinese(shown).texts if form == "html" else without_code(shown).splitlines()
    assert len(texts) > 200
    assert [text for text in texts if SENTENCE.search(text)] == []


@pytest.mark.parametrize("form", ["text", "md", "html"])
def test_the_rule_would_see_an_english_sentence(form: Format) -> None:
    report = troubled()
    report = replace(report, run=replace(report.run, notes=("nobody has translated this",)))
    shown = render(report, form, Rendering(Style(160, language="zh"), lambda: b""))
    texts = Chinese(shown).texts if form == "html" else without_code(shown).splitlines()
    assert [text.strip(" |") for text in texts if SENTENCE.search(text)] != []


def test_a_chinese_comparison_holds_no_english_sentence() -> None:
    report = troubled()
    found = compare(Stored(report, Kept((), ())), Stored(rich_report(), Kept((), ())))
    shown = write_text(comparison_document(found), Style(160, language="zh"))
    assert "先前的测量无效：时钟跳变、客户端饱和、" in shown
    assert "先前的测量未完成（已中断）" in shown
    assert [line for line in shown.splitlines() if SENTENCE.search(line)] == []
