"""A run as a JUnit file, so that a CI shows what failed: every condition of every mirror is a case."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from modmirror.lab.render.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.lab.report.facts import Report


def write_junit(report: Report) -> str:
    """Return the XML. A run that is not to be believed fails as a whole, whatever its numbers say."""
    root = ET.Element("testsuites", name="modmirror lab")
    _suite(root, "run", _validity(report))
    for ranked in report.ranking.targets if report.ranking else ():
        cases = ((gate.name, None if gate.passed else gate.text or gate.name) for gate in ranked.gates)
        _suite(root, ranked.target, cases)
    if report.requirements:
        bars = ((each.text, "; ".join(each.failures) or None) for each in report.requirements)
        _suite(root, "requirements", bars)
    if report.differences:
        changes = (
            (f"{each.target}: {each.what}", f"{each.before!r} → {each.after!r}" if each.worse else None)
            for each in report.differences
        )
        _suite(root, "since the run before", changes)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _validity(report: Report) -> Iterator[tuple[str, str | None]]:
    state = report.run.state
    yield "complete", None if state == "complete" else f"the run is {state}"
    flags = "; ".join(f"{flag.name}: {flag.text}" for flag in report.run.flags)
    yield "valid", flags or None


def _suite(root: ET.Element, name: str, cases: Iterator[tuple[str, str | None]]) -> None:
    suite = ET.SubElement(root, "testsuite", name=clean(name))
    failures = tests = 0
    for case, failure in cases:
        element = ET.SubElement(suite, "testcase", name=clean(case), classname=clean(name))
        tests += 1
        if failure is not None:
            failures += 1
            ET.SubElement(element, "failure", message=clean(failure))
    suite.set("tests", str(tests))
    suite.set("failures", str(failures))
