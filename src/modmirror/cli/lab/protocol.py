"""``modmirror lab protocol``: what a mirror can do, with evidence for every cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from modmirror.cli.lab.options import NO_OPTIONS, Mirror, Options
from modmirror.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modmirror.lab.bench.cases import BenchModule
    from modmirror.lab.results.protocol import ProtocolResult

TEACH = """\
Examples:

  modmirror lab protocol goproxy.cn https://proxy.golang.org --verbose
  modmirror lab protocol http://127.0.0.1:8080 --module corp.example/a@v1.0.0

About forty requests a mirror. ! marks what the go command needs: a mirror that
was not seen to have it fails, exit code 1. --require names more features by
their key, as in --require h2. Every cell's request and answer: --verbose.
A mirror of private modules needs --module and --upper: two that it has.
Records of --module are asked for only where --sumdb is given.

镜像协议符合性矩阵：每一格都附请求与响应作为证据；! 为 go 命令必需的功能。"""

_MODULE = "golang.org/x/text@v0.14.0"
_UPPER = "github.com/BurntSushi/toml@v1.3.2"
_OF_MODULE = ("info", "list", "mod", "zip")
"""Features that are examined with --module."""

app = App(name="protocol", help_epilogue=TEACH)


@app.default
def protocol(  # noqa: PLR0913 - each is a flag of its own on the command line
    *mirrors: Mirror,
    module: Annotated[str, Parameter(help="One that every mirror has.", metavar="PATH@VERSION")] = _MODULE,
    branch: Annotated[str, Parameter(help="Branch of its repository.", metavar="NAME")] = "master",
    upper: Annotated[
        str, Parameter(help="One with a capital in its path.", metavar="PATH@VERSION")
    ] = _UPPER,
    toolchain: Annotated[
        str, Parameter(help="A toolchain.", metavar="VERSION")
    ] = "v0.0.1-go1.22.0.linux-amd64",
    sumdb: Annotated[
        str | None,
        Parameter(help='As in GOSUMDB, or "off". Default: sum.golang.org.', metavar="NAME+KEY"),
    ] = None,
    require: Annotated[
        tuple[str, ...],
        Parameter(help="Further feature that every mirror must have.", metavar="KEY", negative=()),
    ] = (),
    verbose: Annotated[bool, Parameter(help="Show the evidence.", negative=())] = False,
    options: Options = NO_OPTIONS,
) -> int:
    """Examine which parts of the protocol mirrors speak."""
    from modmirror.cli.lab.matrix import matrix_text
    from modmirror.cli.lab.session import Task, chosen_targets, perform
    from modmirror.lab.coverage.records import PUBLIC, parse_database
    from modmirror.lab.protocol.asking import Subject
    from modmirror.lab.protocol.measure import Protocol

    _check_keys(require)
    asked = _module("--module", module)
    subject = Subject(
        module=asked,
        branch=branch,
        upper=_module("--upper", upper),
        toolchain=_module("--toolchain", f"golang.org/toolchain@{toolchain}"),
        # A name of one's own is told to no public database.
        recorded=Subject().recorded if sumdb is None else asked,
        database=parse_database(sumdb or PUBLIC),
    )
    task = Task(
        "protocol",
        Protocol(subject),
        lambda result, _: matrix_text(result, verbose=verbose),
        lambda result: _failures(result, require, _remedies(module, upper)),
    )
    return perform(task, options, chosen_targets(options, mirrors))


def _remedies(module: str, upper: str) -> dict[str, str]:
    """Return by key of a feature which flag names a module that a private mirror has, if none was given."""
    found: dict[str, str] = {}
    if module == _MODULE:
        found |= dict.fromkeys(_OF_MODULE, f"; if it has no {module}, name one that it has: --module")
    if upper == _UPPER:
        found["escapes"] = f"; if it has no {upper}, name one that it has: --upper"
    return found


def _failures(result: ProtocolResult, required: tuple[str, ...], remedies: Mapping[str, str]) -> list[str]:
    from modmirror.lab.protocol.measure import lacking

    return lacking(result, remedies) + [
        f"{target}: {key} is required: {cells[key].verdict}"
        for target, cells in result.cells.items()
        for key in required
        if cells[key].verdict != "yes"
    ]


def _check_keys(required: tuple[str, ...]) -> None:
    from modmirror.lab.protocol.table import CHECKS

    keys = [check.key for check in CHECKS]
    for key in required:
        if key not in keys:
            raise ConfigError("--require", f'there is no feature "{key}"', hint=f"one of {', '.join(keys)}")


def _module(flag: str, word: str) -> BenchModule:
    from modmirror.lab.bench.cases import parse_modules

    try:
        return parse_modules((word,))[0]
    except ConfigError as error:
        raise ConfigError(flag, error.reason, hint=error.hint) from error
