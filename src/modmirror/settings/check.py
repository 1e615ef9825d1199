"""What a type cannot say of a setting: ranges, shapes of paths and URLs, things that must go together.

Only what can be known without the network. Files that a setting names must be readable by now: a mirror
that starts and fails at its first request is worse than one that does not start.
"""

from __future__ import annotations

import ipaddress
import math
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from modmirror.errors import ConfigError
from modmirror.mod.patterns import glob_problem
from modmirror.origin.access.govcs import parse_govcs
from modmirror.origin.access.rewrite import parse_rewrites
from modmirror.origin.network.networks import parse_networks
from modmirror.policy.decide import rule_problem
from modmirror.protocol.chain import links_from_list, parse_goproxy
from modmirror.settings.convert import show
from modmirror.settings.problem import Problem
from modmirror.sumdb.note import VerifierKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from modmirror.origin.settings import AccessSettings, OriginSettings
    from modmirror.policy.decide import RuleSettings
    from modmirror.proxy.settings import DatabaseSettings, RouteSettings
    from modmirror.server.settings import ServerSettings
    from modmirror.storage.settings import StorageSettings
    from modmirror.telemetry.settings import LogSettings
    from modmirror.upstream.settings import CredentialSettings, HttpSettings

_DAY = 86_400.0
_YEAR = 366 * _DAY
_TERABYTE = 2**40
RANGES: Mapping[str, tuple[float, float]] = {
    "server.port": (0, 65_535),
    "server.client_fetches": (0, 1_000_000),
    "server.client_burst": (1, 1_000_000),
    "server.header_timeout": (0.1, _DAY),
    "server.write_stall_timeout": (1, _DAY),
    "server.drain": (0, 3600),
    "server.shutdown_timeout": (0, 3600),
    "memory.max_bytes": (0, _TERABYTE),
    "memory.max_answer_bytes": (0, _TERABYTE),
    "storage.min_free_bytes": (0, 2**60),
    "http.connect_timeout": (0.1, 3600),
    "http.first_byte_timeout": (0.1, 3600),
    "http.stall_timeout": (0.1, 3600),
    "http.max_connections": (1, 65_535),
    "fill.max_zip_bytes": (1, _TERABYTE),
    "fill.max_mod_bytes": (1, 2**30),
    "fill.parallel": (1, 65_535),
    "fill.origin_parallel": (1, 65_535),
    "fill.queue_deadline": (0, _DAY),
    "fill.deadline": (1, _DAY),
    "fill.shun": (0, _YEAR),
    "origin.max_bytes": (0, 2**60),
    "origin.refresh": (0, _YEAR),
    "origin.timeout": (1, 3600),
    "origin.background_timeout": (1, _DAY),
    "origin.discovery": (0, _YEAR),
    "origin.discovery_absent": (0, _DAY),
    "origin.discovery_timeout": (1, 3600),
    "freshness.ttl": (0, _YEAR),
    "freshness.stale_while_revalidate": (0, _YEAR),
    "freshness.stale_if_error": (0, 10 * _YEAR),
    "freshness.patience": (0, _DAY),
    "freshness.negative_ttl": (0, _DAY),
    "routing.hedge_share": (0, 1),
    "routing.probe_every": (1, _DAY),
    "routing.public_probe_every": (1, _DAY),
    "routing.stall_rate": (0, 2**40),
    "routing.stall_seconds": (0.1, _DAY),
    "hot.threshold": (1, 10**9),
    "hot.window": (1, 60),
    "hot.modules": (0, 500),
    "hot.share": (0, 1),
}
"""Least and greatest value of every number. ``tests/house`` fails for a number without a row."""

_PREFIX = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+", re.ASCII)


def check_sections(values: Mapping[str, Any], environ: Mapping[str, str]) -> Iterator[Problem]:
    """Yield everything that is wrong with converted settings, by section name."""
    for name, value in values.items():
        check = _CHECKS.get(name)
        repeated = isinstance(value, tuple)
        for index, settings in enumerate(value if repeated else (value,)):
            label = f"{name}[{index}]" if repeated else name
            yield from _ranges(label, name, settings)
            if check is not None:
                yield from check(label, settings)
    for index, credential in enumerate(values["credential"]):
        yield from _secret(f"credential[{index}]", credential, environ)
    yield from _together(values["route"], values["sumdb"])
    yield from _named_keys(values["route"], values["access"])
    yield from _never_asked(values["route"])


def _ranges(label: str, section: str, settings: object) -> Iterator[Problem]:
    for dotted, (low, high) in RANGES.items():
        name, _, key = dotted.partition(".")
        if name == section and not low <= (value := getattr(settings, key)) <= high:
            got = show(value) if math.isfinite(value) else str(value)
            yield Problem(f"{label}.{key}", f"must be from {low:g} to {high:g}, got {got}")


def _server(label: str, server: ServerSettings) -> Iterator[Problem]:
    if not server.host or "://" in server.host or "/" in server.host or " " in server.host:
        yield Problem(f"{label}.host", f"expected an address or a host name, got {show(server.host)}")
    if server.path_prefix and not _PREFIX.fullmatch(server.path_prefix):
        reason = f"expected a path such as /goproxy, got {show(server.path_prefix)}"
        yield Problem(f"{label}.path_prefix", reason)
    if bool(server.tls_cert) != bool(server.tls_key):
        absent = "tls_key" if server.tls_cert else "tls_cert"
        yield Problem(f"{label}.{absent}", "tls_cert and tls_key go together; this one is missing")
    for key in ("tls_cert", "tls_key"):
        yield from _readable(f"{label}.{key}", getattr(server, key))
    if server.unix_socket and not Path(server.unix_socket).absolute().parent.is_dir():
        yield Problem(f"{label}.unix_socket", "its directory does not exist", "make the directory first")
    for network in server.trusted_proxies:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            reason = f"expected addresses or networks such as 10.0.0.0/8, got {show(network)}"
            yield Problem(f"{label}.trusted_proxies", reason)


def _storage(label: str, storage: StorageSettings) -> Iterator[Problem]:
    path = Path(storage.path).expanduser()
    if storage.path and path.exists() and not path.is_dir():
        yield Problem(f"{label}.path", f"{storage.path} is a file, not a directory")


def _log(label: str, log: LogSettings) -> Iterator[Problem]:
    if log.access in ("", "-"):
        return
    path = Path(log.access)
    if path.is_dir() or not path.absolute().parent.is_dir():
        yield Problem(f"{label}.access", f"cannot write a file at {log.access}", "make its directory first")


def _http(label: str, http: HttpSettings) -> Iterator[Problem]:
    yield from _readable(f"{label}.ca_file", http.ca_file)


def _route(label: str, route: RouteSettings) -> Iterator[Problem]:
    if not route.match:
        yield Problem(f"{label}.match", "matches nothing", 'write match = ["*"] for everything')
    for pattern in route.match:
        problem = glob_problem(pattern)
        if not problem and ("://" in pattern or " " in pattern or not pattern.strip("/")):
            problem = f"{show(pattern)} matches no module path"
        if problem:
            yield Problem(f"{label}.match", problem, "write it like a module path: git.example.com/*")
    try:
        if isinstance(route.from_, str):
            parse_goproxy(route.from_)
        else:
            links_from_list(route.from_, route.fall_through)
    except ConfigError as error:
        yield Problem(f"{label}.from", error.reason, error.hint)
    yield from _repositories(label, route)


def _repositories(label: str, route: RouteSettings) -> Iterator[Problem]:
    for key, check in (("rewrite", parse_rewrites), ("private_networks", parse_networks)):
        try:
            check(getattr(route, key))
        except ConfigError as error:
            yield Problem(f"{label}.{key}", error.reason, error.hint)
    for pattern in route.insecure:
        if problem := glob_problem(pattern):
            yield Problem(f"{label}.insecure", problem, "write it like a module path: git.example.com/*")


def _origin(label: str, origin: OriginSettings) -> Iterator[Problem]:
    try:
        parse_govcs(origin.govcs)
    except ConfigError as error:
        yield Problem(f"{label}.govcs", error.reason, error.hint)


def _database(label: str, database: DatabaseSettings) -> Iterator[Problem]:
    try:
        links_from_list(database.from_, "any")
    except ConfigError as error:
        yield Problem(f"{label}.from", error.reason, error.hint)
    try:
        key = VerifierKey.parse(database.key)
    except ConfigError as error:
        yield Problem(f"{label}.key", error.reason, error.hint)
    else:
        if key.name != database.name:
            reason = f"is {show(database.name)}, but its key belongs to {show(key.name)}"
            yield Problem(f"{label}.name", reason)


def _rule(label: str, rule: RuleSettings) -> Iterator[Problem]:
    if problem := rule_problem(rule):
        yield Problem(f"{label}.match", problem, 'match = ["*"] is for every module')


def _secret(label: str, credential: CredentialSettings, environ: Mapping[str, str]) -> Iterator[Problem]:
    url = urlsplit(credential.url)
    if url.scheme not in ("http", "https") or not url.hostname or "@" in url.netloc:
        reason = f"expected a URL such as https://host/path, got {show(credential.url)}"
        yield Problem(f"{label}.url", reason)
    named = [key for key in ("password_env", "password_file", "bearer_env", "bearer_file")
             if getattr(credential, key)]  # fmt: skip
    if len(named) != 1:
        reason = f"exactly one of password_env, password_file, bearer_env, bearer_file; got {len(named)}"
        yield Problem(label, reason)
    for key in named:
        value = getattr(credential, key)
        if key.endswith("_file"):
            yield from _readable(f"{label}.{key}", value)
        elif value not in environ:
            yield Problem(f"{label}.{key}", f"the variable {value} is not set")


def _together(
    routes: tuple[RouteSettings, ...], databases: tuple[DatabaseSettings, ...]
) -> Iterator[Problem]:
    names = [database.name for database in databases]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Problem(f"sumdb[{index}].name", f"{show(name)} is configured twice")
    for index, route in enumerate(routes):
        if route.sumdb == "verify" and not databases:
            hint = 'add a [[sumdb]], or set sumdb = "off"'
            yield Problem(f"route[{index}].sumdb", "there is no checksum database to verify against", hint)


def _named_keys(
    routes: tuple[RouteSettings, ...], accesses: tuple[AccessSettings, ...]
) -> Iterator[Problem]:
    known = [access.name for access in accesses]
    for index, route in enumerate(routes):
        for name in route.access:
            if name not in known:
                hint = f"known are: {', '.join(known)}" if known else "add an [[access]] with this name"
                yield Problem(f"route[{index}].access", f"there is no access named {show(name)}", hint)


def _never_asked(routes: tuple[RouteSettings, ...]) -> Iterator[Problem]:
    """Yield routes behind one for everything: modules meant for a private one would go to the public."""
    everything = next((index for index, route in enumerate(routes) if "*" in route.match), len(routes))
    for index in range(everything + 1, len(routes)):
        reason = f"is never reached: route[{everything}] before it matches everything"
        yield Problem(f"route[{index}].match", reason, "put the route for everything last")


def _readable(label: str, path: str) -> Iterator[Problem]:
    if path and not (Path(path).is_file() and os.access(path, os.R_OK)):
        reason = "does not exist" if not Path(path).exists() else "cannot be read"
        yield Problem(label, f"{path} {reason}")


_CHECKS: Mapping[str, Callable[[str, Any], Iterator[Problem]]] = {
    "server": _server,
    "storage": _storage,
    "log": _log,
    "http": _http,
    "route": _route,
    "origin": _origin,
    "sumdb": _database,
    "rule": _rule,
}
