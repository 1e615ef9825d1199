from __future__ import annotations

from modmirror.lab.protocol.table import CHECKS
from modmirror.lab.report.features import CHINESE, title_of
from modmirror.lab.report.phrases import Phrase, same
from modmirror.lab.results import Feature

# Names of files, headers, protocols and paths are the same in both languages.
SAME = {
    "info", "mod", "zip", "latest", "head", "range", "conditional", "length", "gzip", "cache-control",
    "cached-only", "fetch-disabled", "http1", "h2", "tls12", "tls13", "ipv6",
}  # fmt: skip


def test_every_feature_that_is_asked_for_is_named_in_chinese_or_the_same_in_both() -> None:
    assert CHINESE.keys() | SAME == {check.key for check in CHECKS}
    assert not CHINESE.keys() & SAME


def test_a_feature_has_its_title_in_both_languages() -> None:
    assert title_of(Feature("list", "version list")) == Phrase("version list", "版本列表")
    assert title_of(Feature("range", "Range")) == same("Range")
