"""``modmirror serve``: flags into a configuration, then the mirror."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from modmirror.cli.banner import announce
from modmirror.config import Flag, load_config

if TYPE_CHECKING:
    from modmirror.server.settings import Listening

TEACH = """\
Without any flag it listens on http://127.0.0.1:8080, keeps modules below
~/.local/share/modmirror, and asks the public proxy that answers best, then the
others. What it has served once it serves again when they are all down. Each
public module is checked against the checksum database before it is stored.

无需任何参数即可运行：监听 http://127.0.0.1:8080，优先访问响应最好的公共代理，
失败时换用其他代理，校验后缓存。

Everything else is set in a TOML file (`modmirror config example` prints one),
by variables such as MODMIRROR_SERVER__PORT=9000, or by the flags above. Flags
win over variables, variables over the file.

Examples:

  modmirror serve
      a mirror for this machine; then: go env -w GOPROXY=http://127.0.0.1:8080

  modmirror serve --host 0.0.0.0 --store /srv/go --upstream https://goproxy.cn
      a mirror for the office: one upstream, kept on a large disk

  modmirror serve --config mirror.toml --tls-cert cert.pem --tls-key key.pem
      routes and credentials from a file, served over https"""

app = App(name="serve", help_epilogue=TEACH)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ServeFlags:
    """The settings that have a flag. None means that it was not given."""

    config: Annotated[Path | None, Parameter(help="TOML file to read instead of ./modmirror.toml.")] = None
    host: Annotated[str | None, Parameter(help="Address to listen on; 0.0.0.0 for every interface.")] = None
    port: Annotated[int | None, Parameter(help="TCP port; 0 picks a free one and prints it.")] = None
    store: Annotated[str | None, Parameter(help="Directory in which modules are kept.", metavar="DIR")] = (
        None
    )
    upstream: Annotated[
        list[str] | None,
        Parameter(help="GOPROXY to fetch from; repeat it for a chain.", metavar="URL", negative=()),
    ] = None
    offline: Annotated[bool | None, Parameter(help="Ask nobody: serve what is stored.", negative=())] = None
    unix_socket: Annotated[
        str | None, Parameter(help="Unix socket to listen on instead of TCP.", metavar="PATH")
    ] = None
    path_prefix: Annotated[
        str | None, Parameter(help="Serve below this path, e.g. /goproxy.", metavar="PATH")
    ] = None
    tls_cert: Annotated[
        str | None, Parameter(help="PEM file with the certificate chain: serve https.", metavar="FILE")
    ] = None
    tls_key: Annotated[
        str | None, Parameter(help="PEM file with the certificate's private key.", metavar="FILE")
    ] = None
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"] | None,
        Parameter(help="Least severe event that is written.", metavar="LEVEL"),
    ] = None


_SETS = {
    "host": ("server", "host"),
    "port": ("server", "port"),
    "store": ("storage", "path"),
    "upstream": ("route", "from"),
    "offline": ("fill", "offline"),
    "unix_socket": ("server", "unix_socket"),
    "path_prefix": ("server", "path_prefix"),
    "tls_cert": ("server", "tls_cert"),
    "tls_key": ("server", "tls_key"),
    "log_level": ("log", "level"),
}


@app.default
def serve(*, flags: ServeFlags | None = None) -> int:
    """Start the mirror and stay until it is told to stop."""
    given = flags or ServeFlags()
    loaded = load_config(environ=os.environ, file=given.config, flags=given_flags(given))
    # Late: everything behind it takes a while to import, and a wrong flag should answer at once.
    from modmirror.compose import run

    return run(loaded.config, _announce)


def given_flags(flags: ServeFlags) -> list[Flag]:
    """Return what was given on the command line as values of settings."""
    return [
        Flag(f"--{field.name.replace('_', '-')}", *_SETS[field.name], value)
        for field in fields(flags)
        if field.name in _SETS and (value := getattr(flags, field.name)) is not None
    ]


def _announce(listening: Listening) -> None:
    announce(listening, f"modmirror {version('modmirror')}", sys.stderr, os.environ)
