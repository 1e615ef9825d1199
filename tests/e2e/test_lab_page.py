"""The HTML report in a real browser: every chart is drawn, nothing is fetched, nothing goes wrong."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from modmirror.lab.render.page import write_page
from modmirror.lab.report.facts import Report
from modmirror.lab.results.protocol import Cell, Feature, ProtocolResult
from tests.fakes.lab_runs import rich_report

if TYPE_CHECKING:
    from pathlib import Path

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
OWNED = "owned by a server"
HOSTILE = (
    f"</script><img src=x onerror=\"document.title='{OWNED}'\"><script>document.title='{OWNED}'</script>"
)

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium here: nobody looks at the page")


class Drawn(HTMLParser):
    """Counts the drawings within each chart of a page as the browser left it."""

    def __init__(self, dom: str) -> None:
        super().__init__()
        self.charts: dict[str, int] = {}
        self._chart = ""
        self.title = ""
        self.language = ""
        self._in_title = False
        self.labels: dict[str, set[str]] = {}
        self.lines: dict[str, list[str]] = {}
        """What is drawn as lines, as SVG has it."""
        self._mark = ""
        self.feed(dom)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if tag == "html":
            self.language = facts.get("lang") or ""
        if "data-chart" in facts:
            self._chart = facts["data-chart"] or ""
            self.charts[self._chart] = 0
        elif tag == "svg" and self._chart:
            self.charts[self._chart] += 1
        elif tag == "g" and "aria-label" in facts:
            self._mark = facts["aria-label"] or ""
        elif tag == "path" and self._mark == "line":
            self.lines.setdefault(self._chart, []).append(facts.get("d") or "")
        self._in_title = tag == "title" and not self._chart

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
            self._in_title = False
        elif self._chart:
            self.labels.setdefault(self._chart, set()).add(data)


def opened(folder: Path, page: str, fragment: str = "", width: int = 1280) -> tuple[Drawn, list[str]]:
    """Return the page as the browser shows it, and what its console said."""
    assert BROWSER is not None
    file = folder / "report.html"
    file.write_text(page, encoding="utf-8")
    command = [
        BROWSER, "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={folder / 'profile'}", f"--window-size={width},900", "--enable-logging=stderr",
        "--virtual-time-budget=5000", "--dump-dom", f"{file.as_uri()}{fragment}",
    ]  # fmt: skip
    if os.geteuid() == 0:
        command.insert(1, "--no-sandbox")
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return Drawn(done.stdout), re.findall(r"CONSOLE.*", done.stderr)


# A policy lets the page fetch nothing and the console tells of every try: so silence is proof.
def test_every_chart_is_drawn_and_the_console_is_silent(tmp_path: Path) -> None:
    report = rich_report()
    assert report.ranking is not None
    ranked = report.ranking.targets
    drawn, console = opened(tmp_path, write_page(report, "en", b"{}\n"))
    assert console == []
    assert [key for key, count in drawn.charts.items() if count == 0] == []
    assert len(drawn.charts) == 10
    # The page computes scores anew, to let weights be moved: it must come to the same.
    scores = {f"{each.score:.3f}" for each in ranked if each.score is not None}
    assert scores <= drawn.labels["ranking"]


def test_a_telephone_in_chinese_and_dark_shows_the_same(tmp_path: Path) -> None:
    drawn, console = opened(tmp_path, write_page(rich_report(), "en"), "#?lang=zh&theme=dark", 390)
    assert console == []
    assert drawn.language == "zh"
    assert all(drawn.charts.values())


def test_a_run_of_one_measurement_draws_what_there_is(tmp_path: Path) -> None:
    rich = rich_report()
    drawn, console = opened(tmp_path, write_page(Report(run=rich.run, bench=rich.bench), "en"))
    assert console == []
    assert drawn.charts.keys() == {"forest", "ecdf", "phases", "speed"}
    assert all(drawn.charts.values())


def test_versions_that_all_came_at_one_look_are_drawn_as_lines_too(tmp_path: Path) -> None:
    rich = rich_report()
    assert rich.freshness is not None
    targets = {
        name: {place: replace(lag, curve=lag.curve[-1:]) for place, lag in places.items()}
        for name, places in rich.freshness.targets.items()
    }
    report = Report(run=rich.run, freshness=replace(rich.freshness, targets=targets))
    drawn, console = opened(tmp_path, write_page(report, "en"))
    assert console == []
    lines = drawn.lines["freshness"]
    assert len(lines) == sum(map(len, targets.values()))
    # It rises from nothing, and goes on: SVG's L draws, M only goes somewhere.
    assert all(line.count("L") >= 3 for line in lines)


def test_steps_below_the_knee_stand_at_their_rates_in_the_line_of_a_load(tmp_path: Path) -> None:
    rich = rich_report()
    (load,) = rich.load
    below = replace(load.steps[0], achieved=load.steps[3].achieved * 1.1, part="25%")
    report = Report(run=rich.run, load=(replace(load, steps=(*load.steps, below)),))
    drawn, console = opened(tmp_path, write_page(report, "en"))
    assert console == []
    assert len(drawn.lines["load"]) == 4
    for line in drawn.lines["load"]:
        places = [float(place) for place in re.findall(r"[ML]([\d.]+),", line)]
        assert len(places) == len(load.steps) + 1
        assert places == sorted(places)


def test_what_a_hostile_server_sent_never_runs(tmp_path: Path) -> None:
    rich = rich_report()
    cell = Cell("no", HOSTILE, HOSTILE)
    protocol = ProtocolResult((HOSTILE,), (Feature("k", HOSTILE),), {HOSTILE: {"k": cell}})
    run = replace(rich.run, command=HOSTILE, notes=(HOSTILE,))
    assert rich.bench is not None
    targets = {HOSTILE: next(iter(rich.bench.targets.values()))}
    report = Report(run=run, protocol=protocol, bench=replace(rich.bench, targets=targets))
    drawn, console = opened(tmp_path, write_page(report, "en"))
    assert console == []
    assert OWNED not in drawn.title
    assert drawn.title == "Go module mirrors, measured"


def test_a_policy_that_was_broken_would_be_told(tmp_path: Path) -> None:
    page = write_page(rich_report(), "en").replace(
        "</main>", '<img src="http://192.0.2.1/x" alt=""></main>'
    )
    _, console = opened(tmp_path, page)
    assert any("Content Security Policy" in line for line in console)
