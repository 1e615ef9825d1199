from __future__ import annotations

from modmirror.lab.analysis.wording import FEATURES
from modmirror.lab.protocol.table import CHECKS
from modmirror.lab.report.features import title_of
from modmirror.lab.report.phrases import Phrase, same

# Names of files, headers, protocols and paths are the same in both languages.
SAME = {
    "info", "mod", "zip", "latest", "head", "range", "conditional", "length", "gzip", "cache-control",
    "cached-only", "fetch-disabled", "http1", "h2", "tls12", "tls13", "ipv6",
}  # fmt: skip


def test_every_feature_that_is_asked_for_is_named_in_chinese_or_the_same_in_both() -> None:
    assert FEATURES.keys() == {check.title for check in CHECKS if check.key not in SAME}


def test_a_feature_has_its_title_in_both_languages() -> None:
    assert title_of("version list") == Phrase("version list", "版本列表")
    assert title_of("Range") == same("Range")
