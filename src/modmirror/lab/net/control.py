"""The shaper's HTTP control API: paths, fields and statuses are those of toxiproxy, so its clients work.

Knows what each request does to the proxies; the sockets are :mod:`modmirror.lab.net.controlserver`'s.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, TypeAlias

from modmirror.errors import ConfigError
from modmirror.lab.net.profile import parse_address
from modmirror.lab.net.tcp import TcpProxy
from modmirror.lab.net.toxics import ATTRIBUTES, make_toxic

if TYPE_CHECKING:
    from modmirror.lab.net.toxics import Toxic

Json: TypeAlias = "dict[str, object] | list[dict[str, object]] | None"

_OK, _CREATED, _EMPTY = 200, 201, 204
_BAD, _FORBIDDEN, _ABSENT, _METHOD, _CONFLICT = 400, 403, 404, 405, 409


class Refused(Exception):
    """Ends a request with an error."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Controlled:
    """What a request is answered with."""

    status: int
    body: Json = None


class Control:
    """A set of proxies by name, and what may be done to them."""

    def __init__(self, seed: int = 0) -> None:
        self.proxies: dict[str, TcpProxy] = {}
        self._seed = seed

    async def answer(self, method: str, path: str, body: bytes, *, browser: bool = False) -> Controlled:
        """Do what a request says."""
        if browser:
            # A page in a developer's browser must not be able to break their network.
            return Controlled(_FORBIDDEN, {"error": "User agent not allowed", "status": _FORBIDDEN})
        try:
            return await self._route(method, path.strip("/").split("/"), _fields(body))
        except Refused as refused:
            return Controlled(refused.status, {"error": refused.reason, "status": refused.status})
        except ConfigError as error:
            return Controlled(_BAD, {"error": f"{error.key}: {error.reason}", "status": _BAD})

    async def close(self) -> None:
        """End all proxies."""
        for proxy in self.proxies.values():
            await proxy.close()
        self.proxies.clear()

    async def create(self, values: dict[str, object]) -> TcpProxy:
        """Add a proxy. Raises ConfigError, Refused."""
        name = values.get("name")
        if not isinstance(name, str) or not name or "/" in name:
            raise Refused(_BAD, "missing required field: name")
        if name in self.proxies:
            raise Refused(_CONFLICT, "proxy already exists")
        upstream = parse_address(str(values.get("upstream") or ""), "upstream")
        host, _, port = str(values.get("listen") or "127.0.0.1:0").rpartition(":")
        if not port.isdecimal():
            raise Refused(_BAD, "listen is not HOST:PORT")
        proxy = TcpProxy(name, upstream, listen=(host or "127.0.0.1", int(port)), seed=self._seed)
        if values.get("enabled", True):
            await proxy.start()
        self.proxies[name] = proxy
        return proxy

    async def _route(self, method: str, words: list[str], values: dict[str, object]) -> Controlled:
        match method, words:
            case "GET", [name]:
                return self._told(name)
            case "POST", ["reset"]:
                return await self._reset()
            case "POST", ["proxies"]:
                return Controlled(_CREATED, shown(await self.create(values)))
            case "POST", ["populate"]:
                return await self._populate(values)
            case _, ["proxies", name, *rest]:
                return await self._proxy(method, self._named(name), rest, values)
        raise Refused(_ABSENT, "there is no such path")

    def _told(self, name: str) -> Controlled:
        match name:
            case "version":
                return Controlled(_OK, {"version": version("modmirror")})
            case "proxies":
                return Controlled(_OK, {name: shown(proxy) for name, proxy in self.proxies.items()})
            case "toxics":
                return Controlled(_OK, {name: dict(known) for name, known in ATTRIBUTES.items()})
        raise Refused(_ABSENT, "there is no such path")

    async def _proxy(
        self, method: str, proxy: TcpProxy, rest: list[str], values: dict[str, object]
    ) -> Controlled:
        match method, rest:
            case "GET", []:
                return Controlled(_OK, shown(proxy))
            case "POST" | "PATCH", []:
                return Controlled(_OK, shown(await self._update(proxy, values)))
            case "DELETE", []:
                await self.proxies.pop(proxy.name).close()
                return Controlled(_EMPTY)
            case "GET", ["toxics"]:
                return Controlled(_OK, [shown_toxic(toxic) for toxic in proxy.toxics.values()])
            case "POST", ["toxics"]:
                return _add(proxy, values)
            case _, ["toxics", name]:
                return _one_toxic(method, proxy, name, values)
        raise Refused(_METHOD, "there is no such path for this method")

    async def _update(self, proxy: TcpProxy, values: dict[str, object]) -> TcpProxy:
        wanted = (values.get("listen"), values.get("upstream"))
        if any(wanted) and wanted != (_joined(proxy.listen), _joined(proxy.upstream)):
            # Another address is another proxy, with the toxics of this one.
            toxics = proxy.toxics
            await self.proxies.pop(proxy.name).close()
            merged: dict[str, object] = {
                "name": proxy.name,
                "listen": values.get("listen") or _joined(proxy.listen),
                "upstream": values.get("upstream") or _joined(proxy.upstream),
                "enabled": values.get("enabled", proxy.enabled),
            }
            proxy = await self.create(merged)
            proxy.replace(tuple(toxics.values()))
        elif values.get("enabled", proxy.enabled) and not proxy.enabled:
            await proxy.start()
        elif not values.get("enabled", True) and proxy.enabled:
            await proxy.stop()
        return proxy

    async def _populate(self, values: dict[str, object]) -> Controlled:
        listed = values.get("proxies")
        if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
            raise Refused(_BAD, "a list of proxies is expected")
        made = []
        for each in listed:
            old = self.proxies.pop(str(each.get("name")), None)
            if old is not None:
                await old.close()
            made.append(shown(await self.create(each)))
        return Controlled(_CREATED, {"proxies": made})

    async def _reset(self) -> Controlled:
        for proxy in self.proxies.values():
            proxy.replace(())
            await proxy.heal()
        return Controlled(_EMPTY)

    def _named(self, name: str) -> TcpProxy:
        if name not in self.proxies:
            raise Refused(_ABSENT, "proxy not found")
        return self.proxies[name]


def shown(proxy: TcpProxy) -> dict[str, object]:
    """Return a proxy as the API shows it."""
    return {
        "name": proxy.name,
        "listen": _joined(proxy.listen),
        "upstream": _joined(proxy.upstream),
        "enabled": proxy.enabled,
        "toxics": [shown_toxic(toxic) for toxic in proxy.toxics.values()],
    }


def shown_toxic(toxic: Toxic) -> dict[str, object]:
    """Return a toxic as the API shows it: every attribute, also those that have their default."""
    attributes = {name: _plain(toxic[name]) for name in ATTRIBUTES[toxic.type]}
    return {
        "name": toxic.name,
        "type": toxic.type,
        "stream": toxic.stream,
        "toxicity": _plain(toxic.toxicity),
        "attributes": attributes,
    }


def _add(proxy: TcpProxy, values: dict[str, object]) -> Controlled:
    toxic = make_toxic(values)
    if toxic.name in proxy.toxics:
        raise Refused(_CONFLICT, "toxic already exists")
    proxy.put(toxic)
    return Controlled(_OK, shown_toxic(toxic))


def _one_toxic(method: str, proxy: TcpProxy, name: str, values: dict[str, object]) -> Controlled:
    toxic = proxy.toxics.get(name)
    if toxic is None:
        raise Refused(_ABSENT, "toxic not found")
    match method:
        case "GET":
            return Controlled(_OK, shown_toxic(toxic))
        case "POST" | "PATCH":
            given = values.get("attributes")
            attributes = {**toxic.attributes, **(given if isinstance(given, dict) else {})}
            merged = {**shown_toxic(toxic), **values, "name": name, "type": toxic.type}
            proxy.put(make_toxic({**merged, "stream": toxic.stream, "attributes": attributes}))
            return Controlled(_OK, shown_toxic(proxy.toxics[name]))
        case "DELETE":
            proxy.remove(name)
            return Controlled(_EMPTY)
    raise Refused(_METHOD, "there is no such path for this method")


def _fields(body: bytes) -> dict[str, object]:
    if not body.strip():
        return {}
    try:
        read = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(_BAD, "bad request body") from error
    # /populate takes a bare list too.
    if isinstance(read, list):
        return {"proxies": read}
    if not isinstance(read, dict):
        raise Refused(_BAD, "bad request body")
    return read


def _joined(address: tuple[str, int]) -> str:
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    return f"{host}:{address[1]}"


def _plain(value: float) -> float:
    return int(value) if value == int(value) else value
