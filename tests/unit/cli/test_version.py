from __future__ import annotations

import re

from modmirror.cli.version import version_line


def test_the_version_line_has_what_a_bug_report_needs() -> None:
    assert re.fullmatch(r"modmirror \d+\.\d+\.\d+\S* \(Python 3\.\d+\.\S+, \w+ \w+\)", version_line())
