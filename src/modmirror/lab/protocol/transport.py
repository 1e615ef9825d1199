"""Checks of HTTP beside the go command's own needs: what CDNs, browsers and resuming clients use (A.15)."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import msgspec

from modmirror.lab.engine.failures import printable
from modmirror.lab.engine.names import Names
from modmirror.lab.protocol.asking import How, cell, told
from modmirror.lab.protocol.documents import ABSENT
from modmirror.lab.results.protocol import Cell
from modmirror.mod.path import check_path
from modmirror.protocol.listing import parse_list

if TYPE_CHECKING:
    from modmirror.lab.engine.port import Fetched
    from modmirror.lab.protocol.asking import Asking

_PART = 100
"""Bytes of a zip that are asked for by Range."""
_WORTH_IT = 1400
"""Bytes: what fits into one packet anyway need not be compressed."""
_TAGS = (("etag", "if-none-match"), ("last-modified", "if-modified-since"))
_PLAIN_HTTP = Cell("not-applicable", "it is asked over http")
_APART = 0.5
"""Seconds between handshakes with a host that one does not own."""


async def head(asking: Asking) -> Cell:
    """HEAD answers like GET, without a body."""
    fetched = await asking.ask(asking.subject.module.file("info"), How(method="HEAD"))
    return cell(fetched.ok, fetched, "", "content-length")


async def part(asking: Asking) -> Cell:
    """A part of a zip can be asked for: a broken download resumes."""
    how = How(headers={"range": f"bytes=0-{_PART - 1}"}, expected=(206,))
    fetched = await asking.ask(asking.subject.module.file("zip"), how)
    good = fetched.ok and fetched.size == _PART and "content-range" in fetched.headers
    return cell(good, fetched, "", "content-range", "accept-ranges")


async def conditional(asking: Asking) -> Cell:
    """What has not changed is not sent again."""
    before = await asking.file("info")
    for tag, condition in _TAGS:
        if tag in before.headers:
            how = How(headers={condition: before.headers[tag]}, expected=(304,))
            fetched = await asking.ask(before.request.path, how)
            return cell(fetched.ok, fetched)
    return cell("no", before, "it sends neither ETag nor Last-Modified")


async def length(asking: Asking) -> Cell:
    """Content-Length is told, so that a truncated answer is noticed."""
    fetched = await asking.file("info")
    if not fetched.ok:
        return cell("unknown", fetched)
    good = fetched.headers.get("content-length") == str(fetched.size)
    return cell(good, fetched, "", "content-length", "transfer-encoding")


async def compressed(asking: Asking) -> Cell:
    """Lists are sent compressed to those who take gzip, as the go command does."""
    how = How(headers={"accept-encoding": "gzip"})
    fetched = await asking.ask(asking.subject.module.file("list"), how)
    zipped = "gzip" in fetched.headers.get("content-encoding", "")
    if fetched.ok and not zipped and fetched.size < _WORTH_IT:
        return cell("not-applicable", fetched, "so short a list is not worth it")
    return cell(zipped, fetched, "", "content-encoding")


async def no_redirect(asking: Asking) -> Cell:
    """Zips come from the mirror itself; a redirect costs one more handshake."""
    how = How(expected=(200, 301, 302, 303, 307, 308), keep="nothing", follow=False)
    fetched = await asking.ask(asking.subject.module.file("zip"), how)
    return cell(fetched.status == how.expected[0] if fetched.ok else "unknown", fetched, "", "location")


async def cache_control(asking: Asking) -> Cell:
    """Caches are told what they may keep."""
    answers = {name: await asking.file(name) for name in ("info", "list")}
    said = [f"{name}: {_policy(each)}" for name, each in answers.items()]
    with_one = sum("cache-control" in each.headers for each in answers.values())
    verdict = cell("partly" if with_one == 1 else bool(with_one), answers["info"], "", "cache-control")
    return Cell(verdict.verdict, verdict.evidence, "; ".join(said))


async def keep_alive(asking: Asking) -> Cell:
    """A connection carries more than one request."""
    path = asking.subject.module.file("info")
    await asking.ask(path)
    fetched = await asking.ask(path)
    return cell(fetched.reused if fetched.status is not None else "unknown", fetched)


async def cached_only(asking: Asking) -> Cell:
    """Below ``/cached-only`` nothing is fetched on demand (A.16)."""
    fetched = await asking.ask(f"cached-only/{asking.subject.module.file('info')}")
    return cell(fetched.ok, fetched)


async def fetch_disabled(asking: Asking) -> Cell:
    """With ``Disable-Module-Fetch: true`` nothing is fetched on demand (A.16).

    Only a version that the mirror did not have shows it: refused with the header, served without.
    """
    listed = await asking.file("list")
    versions = parse_list(listed.body, check_path(asking.subject.module.path))
    others = [version for version in versions if version != asking.subject.module.version]
    if not others:
        return cell("unknown", listed, "no other version to try it with")
    other = msgspec.structs.replace(asking.subject.module, version=asking.lab.chance.choice(others))
    path = other.file("info")
    how = How(headers={"disable-module-fetch": "true"}, expected=(200, *ABSENT))
    fetched = await asking.ask(path, how)
    if fetched.status not in ABSENT:
        return cell("unknown", fetched, "the mirror may have had it already")
    plain = await asking.get(path)
    return cell("yes" if plain.ok else "unknown", fetched, f"without it: {plain.status}")


async def http1(asking: Asking) -> Cell:
    """HTTP/1.1 is spoken."""
    fetched = await asking.file("info")
    return cell(fetched.http == "1.1", fetched, f"HTTP/{fetched.http}" if fetched.http else "")


async def http2(asking: Asking) -> Cell:
    """HTTP/2 is agreed on, as the go command asks for it."""
    found = await _shaken(asking, ("h2", "http/1.1"), None)
    if found.verdict != "yes" or found.evidence.endswith(" h2"):
        return found
    return Cell("no", found.evidence)


async def tls12(asking: Asking) -> Cell:
    """TLS 1.2 is enough."""
    return await _shaken(asking, ("http/1.1",), ssl.TLSVersion.TLSv1_2)


async def tls13(asking: Asking) -> Cell:
    """TLS 1.3 is spoken."""
    return await _shaken(asking, ("http/1.1",), ssl.TLSVersion.TLSv1_3)


async def ipv6(asking: Asking) -> Cell:
    """The name has an IPv6 address that answers from here."""
    if Names.is_address(asking.target.host):
        return Cell("not-applicable", "it is asked by an address")
    how = How(connection="cold")
    fetched = await asking.ask(asking.subject.module.file("info"), how, family="ipv6")
    # The next request is to go over the usual family again.
    await asking.ask(asking.subject.module.file("info"), how)
    if fetched.outcome == "dns":
        return Cell("no", told(fetched), "there is no IPv6 address, or none is asked for from here")
    return cell(fetched.ok, fetched, fetched.address)


async def _shaken(asking: Asking, alpn: tuple[str, ...], version: ssl.TLSVersion | None) -> Cell:
    target, clock = asking.target, asking.lab.clock
    if target.scheme != "https":
        return _PLAIN_HTTP
    if not target.free:
        await clock.sleep_until(clock.now() + _APART)
    offered = f"handshake with {target.authority}, {version.name if version else ' or '.join(alpn)} →"
    try:
        agreed = await asking.shake(target, alpn, version)
    except OSError as error:
        return Cell("no", f"{offered} {printable(str(error)) or type(error).__name__}")
    return Cell("yes", f"{offered} {' '.join(agreed).strip()}")


def _policy(fetched: Fetched) -> str:
    return fetched.headers.get("cache-control", "nothing")
