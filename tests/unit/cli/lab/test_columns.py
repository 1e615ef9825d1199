from __future__ import annotations

from modmirror.cli.lab.columns import table


def test_names_begin_and_numbers_end_below_each_other() -> None:
    rows = [("", "mirror", "n", "P99"), ("a", "b", "1000", "1.5 ms"), ("long", "x", "7", "")]
    assert table(rows) == "        mirror     n     P99\n  a     b       1000  1.5 ms\n  long  x          7"
