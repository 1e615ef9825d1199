from __future__ import annotations

from modmirror.lab.render.markup import block_markup, both, escaped, section_markup, table_markup
from modmirror.lab.report.document import Cell, Chart, Code, Note, Section, Table, number, word
from modmirror.lab.report.phrases import Phrase, same

HOSTILE = "<img src=x onerror=alert(1)>\"'&"
TABLE = Table(Phrase("Times", "耗时"), (same("m"), same("t")), ((word("a"), number("1 s", "bad")),))


def test_text_of_others_is_no_markup() -> None:
    assert escaped(HOSTILE) == "&lt;img src=x onerror=alert(1)&gt;&quot;&#x27;&amp;"
    cell = Cell(same(HOSTILE), "bad", same(HOSTILE))
    for block in (
        Note(same(HOSTILE), "bad"),
        Code(HOSTILE, same(HOSTILE)),
        Table(same(HOSTILE), (same(HOSTILE),), ((cell,), (cell,))),
        Chart("k", same(HOSTILE), same(HOSTILE), TABLE),
    ):
        assert "<img" not in block_markup(block)


def test_both_languages_are_marked() -> None:
    assert both(Phrase("a", "甲")) == '<span lang="en">a</span><span lang="zh">甲</span>'
    assert both(same("P95")) == "P95"


def test_a_table_tells_a_screen_reader_its_heads_and_its_caption() -> None:
    markup = table_markup(TABLE)
    assert '<th scope="col">m</th>' in markup
    assert '<th scope="row">a</th><td class="number bad">1 s</td>' in markup
    assert "<caption" in markup


def test_a_short_word_is_not_broken() -> None:
    cells = (word("a"), word("127.0.0.1"), word("example.com/lab/popular-a"), Cell(Phrase("tie", "并列")))
    markup = table_markup(Table(same("c"), tuple(map(same, "abcd")), (cells,)))
    assert '<td class="word">127.0.0.1</td><td>example.com/lab/popular-a</td><td><span' in markup


def test_evidence_can_be_reached_by_keyboard() -> None:
    row = (word("a"), Cell(same("✗"), "bad", Phrase("it lacks v1", "缺少 v1")))
    markup = table_markup(Table(same("c"), (same("m"), same("x")), (row,)))
    assert (
        '<button type="button" class="evidence" title="it lacks v1 · 缺少 v1" data-detail="it lacks v1" '
        'data-detail-zh="缺少 v1">'
    ) in markup
    assert (
        '<span class="unseen"> <span lang="en">it lacks v1</span><span lang="zh">缺少 v1</span>' in markup
    )


def test_a_chart_has_a_title_and_the_table_behind_it() -> None:
    markup = block_markup(Chart("forest", same("Who"), same("how to read"), TABLE))
    assert 'role="img" aria-labelledby="forest-chart"' in markup
    assert "<details><summary>" in markup


def test_what_is_for_those_who_ask_is_folded() -> None:
    folded = Table(same("c"), (same("m"),), ((word("a"),),), folded=True)
    assert block_markup(folded).startswith("<details>")
    assert block_markup(TABLE).startswith("<h3>")


def test_an_alarm_is_announced() -> None:
    assert block_markup(Note(same("x"), "bad")) == '<p class="note bad" role="alert">x</p>'
    assert block_markup(Note(same("x"))) == '<p class="note plain">x</p>'


def test_a_section_is_named_by_its_heading() -> None:
    markup = section_markup(Section("load", same("Load"), ()))
    assert '<section id="load" aria-labelledby="load-title">' in markup
    assert '<h2 id="load-title">Load</h2>' in markup
