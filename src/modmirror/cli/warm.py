"""``modmirror warm``: let a mirror fetch, check and keep what builds pin, before they need it."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from modmirror.cli.flags import DEFAULT_URL, AsJson, MirrorUrl, PinFiles, Toolchains
from modmirror.cli.main import FAILED
from modmirror.cli.pinned import (
    ask_mirror,
    missing_as_json,
    missing_lines,
    pins_of_files,
    size_text,
)
from modmirror.cli.progress import Progress

if TYPE_CHECKING:
    from modmirror.cli.pinned import Tally
    from modmirror.mod.pins import Pins

TEACH = """\
Examples:

  modmirror warm go.sum
  modmirror warm */go.sum --url https://mirror.example --jobs 32
  modmirror warm go.mod go.sum --toolchains linux/amd64
  echo github.com/rs/zerolog@v1.33.0 | modmirror warm -

FILE is a go.sum, a go.work.sum, a go.mod, or a list with one PATH@VERSION a
line. A go.sum names everything that a build may fetch; a go.mod names less, and
its replace and exclude are honoured. What a go.sum has a hash for is checked
against it. Exit code 0 when everything is there, 1 when something is missing,
2 for wrong usage or when no mirror answers.

提前缓存并校验构建所需的全部模块；缺失的模块会在最后列出。"""

app = App(name="warm", help_epilogue=TEACH)


@app.default
def warm(
    *files: PinFiles,
    url: MirrorUrl = DEFAULT_URL,
    jobs: Annotated[int, Parameter(help="Files asked for at once.", metavar="N")] = 16,
    toolchains: Toolchains = (),
    json_: AsJson = False,
) -> int:
    """Let the mirror fetch, check and keep what FILEs pin."""
    pins = pins_of_files(files or ("go.sum",), toolchains)
    started = time.monotonic()
    tally = _with_progress(url, pins, max(1, jobs))
    seconds = time.monotonic() - started
    if json_:
        print(json.dumps(_as_json(pins, tally, seconds), ensure_ascii=False, indent=2))
    else:
        print(_as_text(pins, tally, seconds))
    return FAILED if tally.missing else 0


def _with_progress(url: str, pins: Pins, jobs: int) -> Tally:
    progress = Progress(sys.stderr, sum(len(pin.files) for pin in pins.pins))

    def told(tally: Tally) -> None:
        progress.show(tally.done, f"{size_text(tally.bytes)}, {len(tally.missing)} missing")

    try:
        return ask_mirror(url, pins, lambda reader, wanted: reader.warm(wanted, jobs), told)
    finally:
        progress.end()


def _as_text(pins: Pins, tally: Tally, seconds: float) -> str:
    lines = [f"not fetched: {each}" for each in pins.passed_over]
    if not pins.complete:
        lines.append("note: a go.mod does not name all that a build may fetch; its go.sum does")
    if tally.missing:
        lines += [f"missing: {len(tally.missing)} of {tally.total} files", *missing_lines(tally.missing)]
    lines.append(
        f"cached and checked: {tally.had} files of {len(pins.pins)} module versions, "
        f"{size_text(tally.bytes)} in {seconds:.1f} s"
    )
    return "\n".join(lines)


def _as_json(pins: Pins, tally: Tally, seconds: float) -> dict[str, object]:
    return {
        "module_versions": len(pins.pins),
        "files": tally.total,
        "cached": tally.had,
        "bytes": tally.bytes,
        "seconds": round(seconds, 3),
        "source_is_complete": pins.complete,
        "not_fetched": list(pins.passed_over),
        "missing": missing_as_json(tally.missing),
    }
