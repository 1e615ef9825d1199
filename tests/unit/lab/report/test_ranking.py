from __future__ import annotations

from msgspec.structs import replace

from modmirror.lab.report.document import Chart, Note, Table
from modmirror.lab.report.facts import Elsewhere
from modmirror.lab.report.ranking import ranking
from modmirror.lab.results.ranking import Ranking
from tests.fakes.lab_mirrors import GOOD, PARTIAL, SLOW
from tests.fakes.lab_runs import rich_report

PLAIN = replace(rich_report(), arch={}, elsewhere=())


def test_a_run_without_ranking_has_no_places() -> None:
    assert ranking(replace(rich_report(), ranking=None)) is None


def test_the_ranking_shows_places_parts_and_conditions() -> None:
    section = ranking(PLAIN)
    assert section is not None
    places, _, parts, gates = section.blocks
    assert isinstance(places, Table)
    assert isinstance(parts, Chart)
    assert isinstance(gates, Table)
    assert [cell.text.en for cell in places.rows[0]][:7] == [
        GOOD,
        "cn-east-north",
        "1",
        "a",
        "0.970",
        "97 %",
        "3 %",
    ]
    assert places.columns[1].en == "its region"
    # Two of the five are out: there are three places to be had.
    assert [column.en for column in places.columns][-3:] == ["P(1)", "P(2)", "P(3)"]
    assert len(places.columns) == 8
    assert parts.table.columns[1].en == "availability × 0.20"
    assert len(gates.rows) == 15


def test_where_it_was_measured_from_is_no_region_of_a_mirror() -> None:
    nowhere = tuple(replace(each, region="") for each in PLAIN.run.targets)
    captions = []
    for region in ("ci", ""):
        section = ranking(replace(PLAIN, run=replace(PLAIN.run, region=region, targets=nowhere)))
        assert section is not None
        places = section.blocks[0]
        assert isinstance(places, Table)
        assert [column.en for column in places.columns][:3] == ["mirror", "rank", "group"]
        captions.append(places.caption)
    assert [caption.en for caption in captions] == [
        "Places, and the probability of each, measured from ci",
        "Places, and the probability of each",
    ]
    assert captions[0].zh == "名次及其概率（测量地点：ci）"


def test_the_score_of_arch_stands_beside_ours_and_is_explained() -> None:
    section = ranking(replace(PLAIN, arch={GOOD: 0.25}))
    assert section is not None
    places, _, explained, *_ = section.blocks
    assert isinstance(places, Table)
    assert isinstance(explained, Note)
    assert places.columns[5].en == "Arch"
    assert [row[5].text.en for row in places.rows][:2] == ["0.250", "–"]
    assert "decides nothing" in explained.text.en


def test_other_regions_stand_beside_each_other_with_their_doubts() -> None:
    here = PLAIN.ranking
    assert here is not None
    reversed_ = Ranking(
        here.weights,
        tuple(replace(each, rank=4 - each.rank) for each in here.targets if each.target != PARTIAL),
        SLOW,
        "",
    )
    elsewhere = Elsewhere("eu-west", "2026-11-21T00:00:00Z", reversed_, trusted=False)
    section = ranking(replace(PLAIN, elsewhere=(elsewhere,)))
    assert section is not None
    table = section.blocks[2]
    assert isinstance(table, Table)
    assert [column.en for column in table.columns] == ["mirror", "cn-east", "eu-west (doubtful)"]
    rows = {row[0].text.en: row[1:] for row in table.rows}
    assert [cell.text.en for cell in rows[SLOW]] == ["3 (0.622)", "1 (0.622)"]
    assert [cell.level for cell in rows[SLOW]] == ["plain", "good"]
    assert [cell.text.en for cell in rows[PARTIAL]] == ["out", "–"]


def test_the_reader_is_told_what_a_slider_does_not_change() -> None:
    section = ranking(PLAIN)
    assert section is not None
    (chart,) = (block for block in section.blocks if isinstance(block, Chart))
    assert "probabilities in the table stay" in chart.about.en
