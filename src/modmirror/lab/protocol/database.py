"""Checks of the checksum database as a mirror passes it on (protocol.md B.2, B.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.errors import VerificationError
from modmirror.lab.coverage.records import Database, NotProven, Records, passed_on
from modmirror.lab.protocol.asking import cell
from modmirror.lab.protocol.documents import ABSENT
from modmirror.lab.results.protocol import Cell
from modmirror.mod.escape import escape_path, escape_version
from modmirror.mod.path import check_path
from modmirror.sumdb.lookup import begin_lookup

if TYPE_CHECKING:
    from modmirror.lab.engine.port import Fetched
    from modmirror.lab.protocol.asking import Asking

_OFF = Cell("not-applicable", "no checksum database was named")
_NOT_PASSED_ON = "the database is not passed on here"


async def supported(asking: Asking) -> Cell:
    """The mirror passes the database on."""
    database = asking.subject.database
    if database is None:
        return _OFF
    fetched = await _supported(asking, database)
    return cell(fetched.ok, fetched)


async def clear_word(asking: Asking) -> Cell:
    """Whether it does or not, it says so: any other status ends the go command's search."""
    database = asking.subject.database
    if database is None:
        return _OFF
    fetched = await _supported(asking, database)
    return cell(fetched.status in {200, *ABSENT}, fetched)


async def lookup(asking: Asking) -> Cell:
    """A record comes with a tree head that the database's key signed."""
    database = asking.subject.database
    if database is None:
        return _OFF
    if not (await _supported(asking, database)).ok:
        return Cell("not-applicable", _NOT_PASSED_ON)
    module = asking.subject.recorded
    name = f"{escape_path(check_path(module.path))}@{escape_version(module.version)}"
    fetched = await asking.get(f"sumdb/{database.name}/lookup/{name}")
    if not fetched.ok:
        return cell(
            "no", fetched, "the go command asks nobody else once a mirror said that it passes it on"
        )
    try:
        check = begin_lookup(fetched.body, (database.key,), None)
    except VerificationError as error:
        return cell("no", fetched, error.reason)
    return cell("yes", fetched, f"record {check.lookup.record_id:,} of a tree of {check.own.size:,}")


async def tiles(asking: Asking) -> Cell:
    """The tiles prove that the record is in the tree."""
    database = asking.subject.database
    if database is None:
        return _OFF
    if not (await _supported(asking, database)).ok:
        return Cell("not-applicable", _NOT_PASSED_ON)
    records = Records(asking.lab.engine, passed_on(asking.target, database), database.key)
    module = asking.subject.recorded
    try:
        proven = await records.prove(module)
    except NotProven as error:
        return Cell("no", error.reason)
    read = ", ".join(tile.path for tile in proven.tiles)
    return Cell("yes", f"the record of {module.path}@{module.version} is proven by {read}")


async def _supported(asking: Asking, database: Database) -> Fetched:
    return await asking.get(f"sumdb/{database.name}/supported")
