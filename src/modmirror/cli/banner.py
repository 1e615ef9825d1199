"""What a mirror says when it begins to listen: where it is and the one line to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from modmirror.server.settings import Listening

_BOLD = "\x1b[1m"
_PLAIN = "\x1b[0m"


def announce(listening: Listening, version: str, stream: TextIO, environ: Mapping[str, str]) -> None:
    """Write the banner for people at a terminal, one line for a log."""
    if stream.isatty():
        text = _banner(listening, version)
        if environ.get("NO_COLOR") or environ.get("TERM") == "dumb":
            text = text.replace(_BOLD, "").replace(_PLAIN, "")
    else:
        text = f"{version} listening on {listening.url}, store {listening.store}\n"
    stream.write(text)
    stream.flush()


def _banner(listening: Listening, version: str) -> str:
    upstreams = ", ".join(listening.upstreams) or "none"
    lines = [
        "",
        f"  {_BOLD}{version} is listening{_PLAIN} · 已启动",
        "",
        f"  address · 地址    {listening.url}",
        f"  store · 存储      {listening.store}",
        f"  upstreams · 上游  {upstreams}",
        "",
        *_next_step(listening.url),
        "",
        "  Ctrl+C stops it · 按 Ctrl+C 停止",
        "",
    ]
    return "\n".join(lines) + "\n"


def _next_step(url: str) -> list[str]:
    if url.startswith("unix:"):
        return [
            "  The go command cannot speak to a socket: put a web server in front.",
            "  go 命令无法直接使用 Unix 套接字，请在前面放一个 Web 服务器。",
        ]
    return [
        "  Use it, in any shell · 使用方法，粘贴到终端：",
        f"    {_BOLD}go env -w GOPROXY={url}{_PLAIN}",
    ]
