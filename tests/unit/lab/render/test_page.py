from __future__ import annotations

import base64
import gzip
import hashlib
import random
import re
from html.parser import HTMLParser
from importlib.resources import files

import msgspec
import pytest
from msgspec.structs import replace

from modmirror.lab.render.page import MAX_RAW_BYTES, embedded, write_page
from modmirror.lab.report.facts import Flag, Report, TargetFacts
from modmirror.lab.report.scenarios import CHINESE
from modmirror.lab.results.ranking import Gate, Ranked, Ranking
from tests.fakes.lab_runs import rich_report

MAX_PAGE = 1_500_000
HOSTILE = "</script><script>alert(1)</script><img src=//evil.test/x onerror=alert(1)>\u2028"
FETCHING = {
    "src",
    "srcset",
    "href",
    "action",
    "data",
    "poster",
    "formaction",
    "background",
    "ping",
    "manifest",
}
VOID = {"meta", "link", "input", "br", "img", "hr"}

DATA = 2
"""Script elements that hold data and run nothing: the report, and names in Chinese."""


class Page(HTMLParser):
    """Remembers elements and attributes, and that every element was closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)


@pytest.fixture(scope="module")
def text() -> str:
    return write_page(rich_report(), "en", b'{"target": "x"}\n' * 2000)


def hostile() -> Report:
    rich = rich_report()
    ranked = Ranked(
        HOSTILE, 1, "a", None, {HOSTILE: 0.5}, (Gate(HOSTILE, passed=False, text=HOSTILE),), (1.0,)
    )
    run = replace(
        rich.run, targets=(TargetFacts(HOSTILE, HOSTILE),), command=HOSTILE, flags=(Flag(HOSTILE, HOSTILE),)
    )
    assert rich.coverage is not None
    coverage = replace(rich.coverage, targets={HOSTILE: next(iter(rich.coverage.targets.values()))})
    return replace(
        rich, run=run, ranking=Ranking({HOSTILE: 1.0}, (ranked,), HOSTILE, HOSTILE), coverage=coverage
    )


def test_the_page_is_well_formed_and_small(text: str) -> None:
    assert Page(text).seen
    assert len(text.encode()) < MAX_PAGE


def test_nothing_is_loaded_from_anywhere(text: str) -> None:
    for tag, attributes in Page(text).seen:
        for name in FETCHING & attributes.keys():
            assert attributes[name].startswith(("#", "data:")), (tag, attributes)
    style = text.split("<style>")[1].split("</style>", maxsplit=1)[0]
    assert not re.search(r"url\(|@import|@font-face", style)


def test_only_scripts_that_the_policy_names_can_run(text: str) -> None:
    page = Page(text)
    policy = next(each["content"] for _, each in page.seen if each.get("http-equiv"))
    assert policy.startswith("default-src 'none'; ")
    assert "'unsafe-inline'" not in policy.split("script-src")[1]
    digests = {
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in page.scripts[DATA:]
    }
    assert set(policy.split("script-src ")[1].split()) == digests
    assert not [each for _, each in page.seen if any(name.startswith("on") for name in each)]


def test_the_report_is_embedded_whole(text: str) -> None:
    assert msgspec.json.decode(Page(text).scripts[0], type=Report) == rich_report()
    assert msgspec.json.decode(Page(text).scripts[1]) == CHINESE


def test_hostile_names_and_reasons_make_no_element() -> None:
    page = Page(write_page(hostile(), "en"))
    assert not [tag for tag, _ in page.seen if tag == "img"]
    assert len([tag for tag, _ in page.seen if tag == "script"]) == DATA + 4
    assert msgspec.json.decode(page.scripts[0], type=Report) == hostile()


def test_embedded_data_cannot_end_its_script() -> None:
    data = embedded(hostile())
    assert not set("<>&\u2028") & set(data)


def test_raw_samples_can_be_downloaded(text: str) -> None:
    link = next(each for tag, each in Page(text).seen if tag == "a" and "download" in each)
    packed = base64.b64decode(link["href"].removeprefix("data:application/gzip;base64,"))
    assert gzip.decompress(packed) == b'{"target": "x"}\n' * 2000


def test_samples_that_are_too_large_stay_in_the_folder_and_the_page_says_so() -> None:
    text = write_page(rich_report(), "en", random.Random(1).randbytes(MAX_RAW_BYTES + 9000))
    assert "too large for this page" in text
    assert len(text.encode()) < MAX_PAGE


def test_the_same_run_makes_the_same_page(text: str) -> None:
    assert write_page(rich_report(), "en", b'{"target": "x"}\n' * 2000) == text


def test_the_page_opens_in_the_wished_language() -> None:
    assert '<html lang="zh">' in write_page(rich_report(), "zh")
    assert '<html lang="en">' in write_page(rich_report(), "both")


def test_an_invalid_run_says_so_before_all_else() -> None:
    text = write_page(rich_report(state="interrupted", flags=(Flag("drift", "by 12 %"),)), "en")
    verdict = text.split('<section id="verdict"')[1]
    assert verdict.index("INVALID RUN") < verdict.index("INCOMPLETE RUN") < verdict.index("is best")


def test_every_chart_of_the_document_can_be_drawn(text: str) -> None:
    drawn = re.search(r"const CHARTS = \{ ([\w, ]+) \}", text)
    assert drawn
    charts = {each["data-chart"] for _, each in Page(text).seen if "data-chart" in each}
    assert charts == set(drawn[1].split(", "))


def test_assets_are_the_files_that_the_readme_names() -> None:
    assets = files("modmirror.lab.render").joinpath("assets")
    readme = assets.joinpath("README.md").read_text(encoding="utf-8")
    for name in ("d3.min.js", "plot.min.js"):
        assert hashlib.sha256(assets.joinpath(name).read_bytes()).hexdigest() in readme
        assert assets.joinpath(name.replace("min.js", "LICENSE")).is_file()
