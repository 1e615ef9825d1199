from __future__ import annotations

import pytest

from modmirror.lab.coverage.records import parse_database
from modmirror.lab.protocol import database
from tests.fakes.examining import examining
from tests.fakes.lab import answered

KNOWN = parse_database("sum.golang.org")


@pytest.mark.parametrize(
    ("status", "passes", "clear"),
    [(200, "yes", "yes"), (404, "no", "yes"), (410, "no", "yes"), (403, "no", "no"), (500, "no", "no")],
)
async def test_any_word_but_yes_and_no_ends_the_search(status: int, passes: str, clear: str) -> None:
    asking = examining(
        answer=lambda request, clock: answered(request, clock, status=status), database=KNOWN
    )
    assert (await database.supported(asking)).verdict == passes
    assert (await database.clear_word(asking)).verdict == clear


async def test_a_mirror_that_passes_nothing_on_has_no_records_to_check() -> None:
    asking = examining(database=KNOWN)
    for check in (database.lookup, database.tiles):
        assert (await check(asking)).verdict == "not-applicable"


async def test_a_mirror_that_promised_and_does_not_deliver_fails() -> None:
    promised = examining({"supported": b""}, database=KNOWN)
    for check in (database.lookup, database.tiles):
        assert (await check(promised)).verdict == "no"
    forged = examining({"supported": b"", "example.com/a@v1.0.0": b"1\nx\n\nnote\n"}, database=KNOWN)
    for check in (database.lookup, database.tiles):
        assert (await check(forged)).verdict == "no"


async def test_without_a_database_there_is_nothing_to_ask() -> None:
    asking = examining()
    for check in (database.supported, database.clear_word, database.lookup, database.tiles):
        assert (await check(asking)).verdict == "not-applicable"
    assert not asking.lab.run.samples()
