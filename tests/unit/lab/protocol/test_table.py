from __future__ import annotations

from modmirror.lab.protocol.table import CHECKS


def test_every_feature_has_a_key_of_its_own_a_clause_and_a_function() -> None:
    assert len({check.key for check in CHECKS}) == len(CHECKS)
    assert len({check.examine for check in CHECKS}) == len(CHECKS)
    assert all(check.clause and check.title for check in CHECKS)
    assert all(check.examine.__doc__ for check in CHECKS)


def test_what_the_go_command_needs_is_marked() -> None:
    needed = {check.key for check in CHECKS if check.feature.needed}
    assert {"list", "info", "mod", "zip", "escapes", "gone", "auth", "sumdb-lookup"} <= needed
    assert not needed & {"head", "range", "h2", "gzip", "latest"}
