"""A run for other programs: JSON with a versioned schema, and CSV with one number a row."""

from __future__ import annotations

import csv
import io

import msgspec

from modmirror.lab.render.text import clean
from modmirror.lab.report.facts import Report
from modmirror.lab.report.readings import Reading, readings

_FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet would run as a formula."""


def write_json(report: Report) -> str:
    """Return the report as JSON, unrounded."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"


def read_json(text: bytes) -> Report:
    """Read what :func:`write_json` wrote. Raises msgspec.DecodeError."""
    return msgspec.json.decode(text, type=Report)


def write_schema() -> str:
    """Return the JSON schema of :func:`write_json`."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Report)}
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"


def write_csv(report: Report) -> str:
    """Return every number of every target, one a row."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(Reading.__struct_fields__)
    for reading in readings(report):
        table.writerow([_field(value) for value in msgspec.structs.astuple(reading)])
    return file.getvalue()


def _field(value: str | float | None) -> str:
    if isinstance(value, str):
        text = clean(value)
        return f"'{text}" if text.startswith(_FORMULA) else text
    return "" if value is None else repr(value)
