"""Settings of routes, fills and checksum databases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class RouteSettings:
    """Which upstreams serve which modules. The first route whose pattern matches wins."""

    match: tuple[str, ...] = ("*",)
    """Module path patterns as in GOPRIVATE: globs compared with the leading path elements."""
    from_: tuple[str, ...] | str = ()
    """``from`` in TOML: a list of upstream URLs, or a GOPROXY string with its own ``,`` and ``|``."""
    fall_through: Literal["any", "not-found"] = "any"
    """For a list: go on after any failure (``|``), or after 404 and 410 only (``,``)."""
    choose: Literal["measured", "ordered"] = "measured"
    """Among upstreams that go on after any failure (``|``): ask the best by measurement first, or keep the
    declared order. Upstreams before a ``,`` always keep it."""
    sumdb: Literal["off", "proxy", "verify"] = "verify"
    """``verify``: check against the checksum database before storing; ``proxy``: only pass it on;
    ``off``: private, never named to a checksum database."""
    sumdb_down: Literal["closed", "open"] = "open"
    """When the checksum database cannot be asked: refuse (closed) or serve unverified (open)."""
    offline: bool = False
    """Ask nobody for its modules: serve what is stored, and say at once what is not."""
    access: tuple[str, ...] = ()
    """For ``direct``: names of the ``[[access]]`` keys that may be used for this route's repositories."""
    rewrite: tuple[str, ...] = ()
    """For ``direct``: other places for repositories, as ``"https://github.com/ -> ssh://git@git.example/"``;
    the longest prefix wins."""
    insecure: tuple[str, ...] = ()
    """For ``direct``: patterns of module paths that may be fetched without protection, as in GOINSECURE."""
    private_networks: tuple[str, ...] = ()
    """For ``direct``: networks beyond the public Internet where repositories may be: ``private``,
    ``loopback``, or addresses such as ``10.1.0.0/16``."""


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """A checksum database that is proxied and verified against."""

    name: str = "sum.golang.org"
    """Name as in GOSUMDB; also the path element after ``/sumdb/``."""
    key: str = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    """Verifier key ``NAME+HASH+KEY``."""
    from_: tuple[str, ...] = ("https://sum.golang.org",)
    """``from`` in TOML: base URLs. What one lacks or fails to give is asked of the others; there is no such
    record when all of them say so."""


@dataclass(frozen=True, slots=True)
class FillSettings:
    """Limits of fetching on a miss."""

    offline: bool = False
    """Ask nobody for anything: serve what is stored, and say at once what is not. As ``--offline``."""
    max_zip_bytes: int = 524_288_000
    """Largest module zip, as in the go command: 500 MiB (protocol.md A.13)."""
    max_mod_bytes: int = 16_777_216
    """Largest go.mod: 16 MiB (protocol.md A.12)."""
    parallel: int = 64
    """Fills from upstreams running at once; more wait."""
    origin_parallel: int = 16
    """Fills from repositories (``direct``) running at once; they take no place of the others."""
    queue_deadline: float = 60.0
    """Seconds a fill may wait for its turn. It is refused at once when it would wait longer."""
    deadline: float = 600.0
    """Seconds one fill may take in all."""
    shun: float = 600.0
    """Seconds in which a bad file is not taken again from the upstream that sent it, and other files of the
    module only when nobody else has them."""


@dataclass(frozen=True, slots=True)
class HotSettings:
    """Modules that many ask for: their lists are kept fresh, and new versions fetched before need."""

    enabled: bool = True
    """Keep them fresh. Without it they are only counted, for ``/-/hot``."""
    threshold: int = 60
    """Answers about a module within ``window`` that make it hot."""
    window: int = 10
    """Minutes."""
    modules: int = 100
    """Hot modules at most."""
    share: float = 0.1
    """Bytes that may be fetched before need, for each byte that clients had to wait for."""
