"""Checks of what a module proxy serves: lists, versions, files, and how it says no (protocol.md A)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from modmirror.errors import BadZip
from modmirror.lab.bench.content import h1_of_file
from modmirror.lab.protocol.asking import How, cell, told
from modmirror.lab.results.protocol import Cell
from modmirror.mod.path import check_path
from modmirror.protocol.gomod import go_mod_problem
from modmirror.protocol.info import parse_info
from modmirror.protocol.listing import looks_like_list, parse_list

if TYPE_CHECKING:
    from modmirror.lab.bench.cases import BenchModule
    from modmirror.lab.engine.port import Fetched
    from modmirror.lab.protocol.asking import Asking

ABSENT = (404, 410)
_NO_FILE = How(expected=ABSENT)
_LINES = 8
"""Of an error text the go command shows so many (protocol.md A.14)."""
_REFUSALS = {401, 403, 407, 418}
_NO_SUCH_METHOD = 405


async def version_list(asking: Asking) -> Cell:
    """A list has the module's versions, one a line, and nothing that trips the go command."""
    fetched = await asking.file("list")
    if not fetched.ok:
        return cell("no", fetched)
    if not looks_like_list(fetched.body):
        return cell("no", fetched, "it is no list of versions")
    module = asking.subject.module
    lines = [line for line in fetched.body.split(b"\n") if line.strip()]
    usable = parse_list(fetched.body, check_path(module.path))
    if module.version not in usable:
        return cell("partly", fetched, f"it lacks {module.version}")
    if len(usable) < len({line.split()[0] for line in lines}) or any(
        len(line.split()) > 1 for line in lines
    ):
        return cell("partly", fetched, "it has lines that cost the go command a request, or an error, each")
    return cell("yes", fetched, f"{len(usable)} versions")


async def info(asking: Asking) -> Cell:
    """The ``.info`` names its version."""
    return _named(asking.subject.module, await asking.file("info"))


async def go_mod(asking: Asking) -> Cell:
    """The ``.mod`` is a go.mod."""
    fetched = await asking.file("mod")
    problem = go_mod_problem(fetched.body) or ("" if fetched.body.strip() else "it is empty")
    return cell(fetched.ok and not problem, fetched, problem if fetched.ok else "")


async def module_zip(asking: Asking) -> Cell:
    """The ``.zip`` keeps the rules for module zips."""
    module = asking.subject.module
    fetched = await asking.ask(module.file("zip"), How(keep="file"))
    if fetched.file is None:
        return cell("no", fetched)
    try:
        digest = await asyncio.to_thread(h1_of_file, fetched.file, module)
    except BadZip as error:
        return cell("no", fetched, error.reason)
    finally:
        fetched.file.unlink(missing_ok=True)
    return cell("yes", fetched, digest)


async def latest(asking: Asking) -> Cell:
    """The newest version is named by ``@latest``."""
    module = asking.subject.module
    return _resolved(asking, await asking.get(f"{module.base.removesuffix('@v/')}@latest"), None)


async def branch(asking: Asking) -> Cell:
    """The ``.info`` of a branch resolves it to a version."""
    subject = asking.subject
    return _resolved(
        asking, await asking.get(f"{subject.module.base}{subject.branch}.info"), subject.branch
    )


async def escapes(asking: Asking) -> Cell:
    """Capitals are written as ``!``, which the go command sends as ``%21``."""
    upper = asking.subject.upper
    plain = upper.file("info")
    encoded = _named(upper, await asking.ask(plain.replace("!", "%21")))
    if encoded.verdict != "yes":
        return encoded
    raw = await asking.get(plain)
    return encoded if raw.ok else cell("partly", raw, "only with %21, which is what the go command sends")


async def capitals(asking: Asking) -> Cell:
    """A path with a capital that is not escaped names nothing."""
    upper = asking.subject.upper
    fetched = await asking.ask(f"{upper.path}/@v/list", _NO_FILE)
    return cell(fetched.ok, fetched)


async def absent_module(asking: Asking) -> Cell:
    """A module that does not exist is 404 or 410: anything else ends the go command's search."""
    fetched = await asking.ask(asking.subject.absent.file("list"), _NO_FILE)
    return cell(fetched.ok, fetched, f"says {fetched.status}" if fetched.ok else "")


async def absent_version(asking: Asking) -> Cell:
    """A version that does not exist is 404 or 410."""
    fetched = await asking.ask(f"{asking.subject.module.base}v1.999.999.info", _NO_FILE)
    return cell(fetched.ok, fetched, f"says {fetched.status}" if fetched.ok else "")


async def error_text(asking: Asking) -> Cell:
    """An error is text that the go command shows to the developer."""
    fetched = await asking.get(f"{asking.subject.module.base}v1.999.998.info")
    if fetched.status is None or fetched.ok:
        return cell("unknown", fetched)
    kind = fetched.headers.get("content-type", "").lower()
    if not kind.startswith("text/plain"):
        return cell(
            "no", fetched, "it is not text/plain: the developer sees the status only", "content-type"
        )
    try:
        words = fetched.body.decode().strip()
    except UnicodeDecodeError:
        return cell("no", fetched, "it is not UTF-8", "content-type")
    if not words or not all(letter.isprintable() or letter in "\n\t" for letter in words):
        return cell("no", fetched, "it says nothing that can be printed")
    shown = words.splitlines()[0][:120]
    return cell("yes" if len(words.splitlines()) <= _LINES else "partly", fetched, f"“{shown}”")


async def bad_path(asking: Asking) -> Cell:
    """What names nothing is refused, and breaks nothing."""
    fetched = await asking.ask(f"{asking.subject.module.base}v1.0.0.exe", How(expected=(400, *ABSENT)))
    return cell(fetched.ok, fetched)


async def query_string(asking: Asking) -> Cell:
    """A query string, which a GOPROXY URL may carry, is passed over."""
    fetched = await asking.ask(f"{asking.subject.module.file('info')}?go-get=1")
    return cell(fetched.ok, fetched)


async def toolchain(asking: Asking) -> Cell:
    """Go toolchains are modules too: GOTOOLCHAIN=auto fetches them."""
    path = asking.subject.toolchain.file("zip")
    fetched = await asking.ask(path, How(method="HEAD"))
    if fetched.status == _NO_SUCH_METHOD:
        # The first byte of some eighty megabytes will do.
        part = How(headers={"range": "bytes=0-0"}, expected=(200, 206), keep="nothing")
        fetched = await asking.ask(path, part)
    return cell(fetched.ok, fetched)


async def no_authentication(asking: Asking) -> Cell:
    """The go command needs credentials for a mirror that demands them."""
    fetched = await asking.file("info")
    if fetched.status in _REFUSALS:
        return cell("no", fetched, "it wants to know who asks", "www-authenticate")
    if fetched.status is None:
        return cell("unknown", fetched)
    if asking.target.headers:
        return Cell("not-applicable", told(fetched), "credentials were sent")
    return cell("yes", fetched)


def _named(module: BenchModule, fetched: Fetched) -> Cell:
    if not fetched.ok:
        return cell("no", fetched)
    try:
        named = parse_info(fetched.body, module=check_path(module.path), requested=module.version)
    except ValueError as error:
        return cell("no", fetched, str(error))
    return cell("yes", fetched, named.time)


def _resolved(asking: Asking, fetched: Fetched, requested: str | None) -> Cell:
    if not fetched.ok:
        return cell("no", fetched)
    try:
        named = parse_info(fetched.body, module=check_path(asking.subject.module.path), requested=requested)
    except ValueError as error:
        return cell("no", fetched, str(error))
    return cell("yes", fetched, named.version)
