"""The table of verbs. A new verb is one file and one row here; its module is imported only when it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from cyclopts import App


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb of the command line."""

    name: str
    module: str
    """Defines ``app``, a cyclopts App of the same name."""
    summary: str
    shown: bool = True


VERBS = (
    Verb("serve", "modmirror.cli.serve", "Start the mirror."),
    Verb("warm", "modmirror.cli.warm", "Let a mirror fetch ahead what builds pin."),
    Verb("covers", "modmirror.cli.covers", "Tell whether a build would survive an outage now."),
    Verb("upstreams", "modmirror.cli.upstreams", "Show how the upstreams of a mirror do."),
    Verb("explain", "modmirror.cli.explain", "Tell what a mirror would do for a module now, and why."),
    Verb("config", "modmirror.cli.config", "Show, check or begin a configuration."),
    Verb("origin", "modmirror.cli.origin", "Explain how a module is made from its repository."),
    Verb("lab", "modmirror.cli.lab.verbs", "Measure mirrors, and rehearse faults and regions."),
    Verb("version", "modmirror.cli.version", "Print the version."),
    Verb("docs", "modmirror.cli.docs", "Write the reference pages from the code.", shown=False),
)

ABOUT = """\
A Go module mirror: a GOPROXY and checksum-database proxy that checks what it
fetches, keeps it, and goes on serving it when everything upstream is down.

Go 模块镜像：校验并缓存模块的 GOPROXY 与校验和数据库代理，
上游全部中断时仍可提供服务。"""

TEACH = """\
Start here:

  modmirror serve
  go env -w GOPROXY=http://127.0.0.1:8080

`modmirror serve --help` explains the rest."""


def build_app(version: Callable[[], str]) -> App:
    """Return the command line with every verb registered by name, none of them imported."""
    from cyclopts import App

    from modmirror.cli.help import TwoColumns

    app = App(
        name="modmirror",
        help=ABOUT,
        help_epilogue=TEACH,
        help_format="plaintext",
        help_formatter=TwoColumns(),
        version=version,
        exit_on_error=False,
        print_error=False,
        suppress_keyboard_interrupt=False,
        result_action="return_value",
    )
    app["--help"].help = "Print this text."
    app["--version"].help = "Print the version."
    register(app, VERBS)
    return app


def register(app: App, verbs: tuple[Verb, ...]) -> None:
    """Add verbs to an app by name, none of them imported."""
    for order, verb in enumerate(verbs):
        app.command(
            f"{verb.module}:app", name=verb.name, help=verb.summary, show=verb.shown, sort_key=order
        )
