from __future__ import annotations

import csv

import msgspec
from msgspec.structs import replace

from modmirror.lab.render.machine import read_json, write_csv, write_json, write_schema
from modmirror.lab.report.facts import Report
from modmirror.lab.report.readings import readings
from modmirror.lab.results.estimates import FORMAT
from modmirror.lab.results.ranking import Ranked, Ranking
from tests.fakes.lab_runs import rich_report


def test_json_holds_the_whole_report_unrounded() -> None:
    report = rich_report()
    assert read_json(write_json(report).encode()) == report


def test_json_and_schema_name_their_version() -> None:
    assert msgspec.json.decode(write_json(rich_report()))["format"] == FORMAT
    schema = msgspec.json.decode(write_schema())
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert schema["$defs"]["Report"]["properties"]["format"]["default"] == FORMAT


def test_every_key_of_the_json_is_in_the_schema() -> None:
    schema = msgspec.json.decode(write_schema())
    properties = schema["$defs"]["Report"]["properties"]
    assert set(msgspec.json.decode(write_json(rich_report()))) == set(properties)


def test_csv_has_one_number_a_row_unrounded() -> None:
    report = rich_report()
    rows = list(csv.DictReader(write_csv(report).splitlines()))
    assert [float(row["value"]) for row in rows] == [each.value for each in readings(report)]
    assert rows[0]["low"] == ""


def test_a_spreadsheet_does_not_run_a_name() -> None:
    ranked = Ranked("=cmd()", 1, "a", 0.5, {}, (), ())
    report = Report(run=rich_report().run, ranking=Ranking({}, (ranked,), None, ""))
    assert write_csv(report).splitlines()[1] == "ranking,'=cmd(),,score,ratio,0.5,,,"


def test_a_name_with_a_line_end_stays_on_its_line() -> None:
    ranked = Ranked("a\nb", 1, "a", 0.5, {}, (), ())
    report = replace(rich_report(), ranking=Ranking({}, (ranked,), None, ""))
    assert "ranking,a b,,score" in write_csv(report)
