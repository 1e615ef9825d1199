"""``modmirror covers``: would this build survive an outage now?"""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - cyclopts reads the annotations
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from modmirror.cli.flags import DEFAULT_URL, AsJson, PinFiles, Toolchains
from modmirror.cli.main import FAILED
from modmirror.cli.pinned import ask_mirror, called, missing_as_json, missing_lines, pins_of_files
from modmirror.errors import ConfigError
from modmirror.proxy.warm import CACHED_ONLY

if TYPE_CHECKING:
    from modmirror.cli.pinned import Tally
    from modmirror.mod.pins import Pins

TEACH = """\
Examples:

  modmirror covers go.sum
  modmirror covers go.sum --url https://mirror.example --json
  modmirror covers go.sum --store /srv/go

Asks the mirror for what it keeps; nothing is fetched for the question. With
--store it looks into the directory of a store, whether a mirror runs or not.
Exit code 0 when the build would survive, 1 when something is missing, 2 for
wrong usage, where nothing is pinned, or when no mirror answers. `modmirror
warm` brings what is missing.

检查若所有上游此刻中断，构建能否继续：只查看已缓存的内容，不触发下载。"""

app = App(name="covers", help_epilogue=TEACH)

_JOBS = 32


@app.default
def covers(
    *files: PinFiles,
    url: Annotated[
        str | None, Parameter(help=f"Address of the mirror; {DEFAULT_URL} if not given.", metavar="URL")
    ] = None,
    store: Annotated[Path | None, Parameter(help="Look into a store instead.", metavar="DIR")] = None,
    toolchains: Toolchains = (),
    json_: AsJson = False,
) -> int:
    """Say whether a build would survive an outage of everything upstream now."""
    if store is not None and url is not None:
        raise ConfigError("--store", "is instead of --url, not beside it")
    where, prefix = (url or DEFAULT_URL, CACHED_ONLY) if store is None else (_uri(store), "")
    names = files or ("go.sum",)
    pins = pins_of_files(names, toolchains)
    if not pins.pins:
        reason = f"nothing to check: no module version is pinned by {', '.join(map(called, names))}"
        raise ConfigError("FILE", reason, hint="give the go.sum of a build, or lines of PATH@VERSION")
    tally = ask_mirror(where, pins, lambda reader, wanted: reader.look(wanted, _JOBS, prefix), _nothing)
    if json_:
        print(json.dumps(_as_json(pins, tally), ensure_ascii=False, indent=2))
    else:
        print(_as_text(pins, tally))
    return FAILED if tally.missing else 0


def _uri(store: Path) -> str:
    if not store.is_dir():
        raise ConfigError("--store", f"{store} is no directory")
    return store.resolve().as_uri()


def _nothing(_: Tally) -> None:
    """Looking is quick: it needs no progress bar."""


def _as_text(pins: Pins, tally: Tally) -> str:
    lines = []
    if not pins.complete:
        lines.append("note: a go.mod does not name all that a build may fetch; its go.sum does")
    if tally.missing:
        lines += [
            f"no: {len(tally.missing)} of {tally.total} files are not kept",
            *missing_lines(tally.missing),
            "hint: `modmirror warm` with the same files brings them",
        ]
    else:
        lines.append(f"yes: all {tally.total} files of {len(pins.pins)} module versions are kept")
    return "\n".join(lines)


def _as_json(pins: Pins, tally: Tally) -> dict[str, object]:
    return {
        "covered": not tally.missing,
        "module_versions": len(pins.pins),
        "files": tally.total,
        "kept": tally.had,
        "source_is_complete": pins.complete,
        "missing": missing_as_json(tally.missing),
    }
