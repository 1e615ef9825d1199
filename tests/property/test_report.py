"""Whatever a mirror is called and whatever it says, a report keeps its form."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from modmirror.lab.render.junit import write_junit
from modmirror.lab.render.machine import read_json, write_csv, write_json
from modmirror.lab.render.markdown import escape
from modmirror.lab.render.markup import escaped, table_markup
from modmirror.lab.render.page import embedded
from modmirror.lab.render.prometheus import write_prometheus
from modmirror.lab.render.text import clean
from modmirror.lab.report.document import Table, word
from modmirror.lab.report.facts import Report, RunFacts
from modmirror.lab.report.numbers import figures
from modmirror.lab.report.phrases import same
from modmirror.lab.results.ranking import Gate, Ranked, Ranking

# Half a surrogate pair cannot come out of decoded JSON or UTF-8.
texts = st.text(st.characters(exclude_categories=["Cs"]))
RUN = RunFacts(command="c", version="1", seed=1, state="complete", started="s")


def report_of(name: str, said: str) -> Report:
    gate = Gate(said, passed=False, text=said)
    ranked = Ranked(name, 1, "a", 0.5, {name: 0.5}, (gate,), (1.0,))
    return Report(run=RUN, ranking=Ranking({name: 1.0}, (ranked,), name, said))


class Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@given(texts)
def test_text_in_html_is_text(text: str) -> None:
    found = Elements(f'<p title="{escaped(text)}">{escaped(text)}</p>')
    assert found.tags == ["p"]
    assert "".join(found.texts) == clean(text)


@given(texts)
def test_a_table_in_html_has_the_cells_that_it_should_have(text: str) -> None:
    table = Table(same("c"), (same(text), same("b")), ((word(text), word(text)),))
    assert Elements(table_markup(table)).tags == [
        "div", "table", "caption", "thead", "tr", "th", "th", "tbody", "tr", "th", "td",
    ]  # fmt: skip


@given(texts)
def test_text_in_markdown_starts_nothing(text: str) -> None:
    shown = escape(text)
    assert "\n" not in shown
    unescaped = re.sub(r"\\.", "", shown)
    assert not set("|<`*[") & set(unescaped)


@given(texts, texts)
def test_data_in_a_page_cannot_leave_it_and_comes_back_whole(name: str, said: str) -> None:
    report = report_of(name, said)
    data = embedded(report)
    assert not {"<", ">", "&"} & set(data)
    assert read_json(data.encode()) == read_json(write_json(report).encode()) == report


@given(texts, texts)
def test_machines_can_read_what_they_are_given(name: str, said: str) -> None:
    report = report_of(name, said)
    assert len(list(ET.fromstring(write_junit(report)).iter("failure"))) == 1  # noqa: S314 - our own
    assert len(write_csv(report).splitlines()) == 3
    families = list(text_string_to_metric_families(write_prometheus(report)))
    assert {family.name for family in families} == {
        "modproxy_lab_score_ratio", "modproxy_lab_best_ratio", "modproxy_run_valid",
    }  # fmt: skip


@given(texts)
def test_nothing_that_steers_a_terminal_gets_through(text: str) -> None:
    assert not {unicodedata.category(letter) for letter in clean(text)} & {"Cc", "Zl", "Zp"}
    directions = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert not {unicodedata.bidirectional(letter) for letter in clean(text)} & directions


@given(st.floats(1e-3, 1e12))
def test_a_shown_number_is_within_half_a_percent(value: float) -> None:
    assert abs(float(figures(value).replace(",", "")) - value) <= 0.00501 * value
