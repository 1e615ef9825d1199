"""``modmirror config``: what is set and why, whether it is right, and a file to begin with."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from modmirror.config import SECTIONS, Config, load_config
from modmirror.origin.access.keys import KeyTools, open_keys
from modmirror.origin.access.secret import Places
from modmirror.origin.keeping.disk import on_disk
from modmirror.settings.problem import redact
from modmirror.settings.render import effective, render_effective, render_example

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modmirror.origin.settings import AccessSettings

TEACH = """\
Examples:

  modmirror config example > modmirror.toml
  modmirror config check modmirror.toml
  MODMIRROR_SERVER__PORT=9000 modmirror config show --explain

Without --config, the file named by MODMIRROR_CONFIG is read, else
./modmirror.toml, else /etc/modmirror/modmirror.toml if there is one.

配置优先级：默认值 < TOML 文件 < 环境变量 < 命令行参数。"""

app = App(name="config", help_epilogue=TEACH)

_File = Annotated[Path | None, Parameter(name="--config", help="TOML file to read.", metavar="FILE")]


@app.command
def show(
    *,
    config: _File = None,
    explain: Annotated[bool, Parameter(help="Add where each value came from.", negative=())] = False,
    json_: Annotated[
        bool, Parameter(name="--json", help="One JSON object, keys with value and source.", negative=())
    ] = False,
) -> None:
    """Print every setting that would be in force. Credentials in URLs are hidden."""
    loaded = load_config(environ=os.environ, file=config)
    if not json_:
        sources = loaded.sources if explain else None
        print(render_effective(loaded.config, SECTIONS, sources), end="")
        return
    shown = {
        f"{label}.{name}": {"value": _hidden(value), "source": loaded.sources[f"{label}.{name}"]}
        for _, label, values in effective(loaded.config, SECTIONS)
        for name, value in values.items()
    }
    print(json.dumps(shown, ensure_ascii=False, indent=2))


@app.command
def check(
    file: Annotated[Path | None, Parameter(help="TOML file; else the one that serve would read.")] = None, /
) -> int:
    """Check a configuration without starting anything. Exit code 0 when it is right, 2 when not."""
    loaded = load_config(environ=os.environ, file=file)
    if loaded.config.access:
        _check_keys(loaded.config.access)
    print(f"{loaded.file or 'the defaults'}: ok · 配置正确")
    return 0


@app.command
def example() -> None:
    """Print a TOML file with every setting, its meaning and its default, all commented out."""
    print(render_example(SECTIONS, Config()), end="")


def _check_keys(accesses: Sequence[AccessSettings]) -> None:
    """Read the secrets as ``serve`` does, and ask nobody. Raises ConfigError."""

    async def post(url: str, _: Mapping[str, str]) -> tuple[int, bytes]:
        raise AssertionError(f"a check asked {url}")

    places = Places(os.environ, lambda name: Path(name).read_text(encoding="utf-8"))
    with on_disk("a directory for keys cannot be made"):
        temporary = TemporaryDirectory(prefix="modmirror-")
    with temporary as folder:
        open_keys(accesses, KeyTools(places=places, folder=Path(folder), post=post, clock=time.time))


def _hidden(value: object) -> object:
    if isinstance(value, tuple):
        return [_hidden(item) for item in value]
    return redact(value) if isinstance(value, str) else value
