"""Rewritten repository URLs, as with git's ``insteadOf`` (protocol.md F.1). Pure.

Written as ``https://github.com/ -> ssh://git@git.example/``. Unlike in git, a prefix ends at the end of a
path element: ``https://github.com`` is no prefix of ``https://github.com.evil.test``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.errors import ConfigError
from modmirror.origin.network.remote import parse_remote, without_userinfo

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFIG_KEY = "rewrite"
_ARROW = "->"
_FILE = "file:///"


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A prefix and what stands in its place, both without a final slash."""

    prefix: str
    target: str


def parse_rewrites(texts: Sequence[str]) -> tuple[Rewrite, ...]:
    """Read rewrites and order them: the longest prefix is tried first.

    Raises:
        ConfigError: with key ``rewrite``; its text repeats no credentials.
    """
    rewrites = [_parse(text) for text in texts]
    return tuple(sorted(rewrites, key=lambda one: len(one.prefix), reverse=True))


def rewritten(rewrites: tuple[Rewrite, ...], url: str) -> str | None:
    """Return what the longest fitting prefix makes of ``url``, or None when none fits."""
    for one in rewrites:
        if url == one.prefix or url.startswith(f"{one.prefix}/"):
            return one.target + url.removeprefix(one.prefix)
    return None


def _parse(text: str) -> Rewrite:
    prefix, arrow, target = (part.strip().rstrip("/") for part in text.partition(_ARROW))
    shown = without_userinfo(text)
    if not arrow:
        hint = f"write it like https://github.com/ {_ARROW} https://git.example/github/"
        raise ConfigError(CONFIG_KEY, f'"{shown}" has no {_ARROW}', hint=hint)
    for url in (prefix, target):
        # A directory of this machine is only ever named by the one who runs it.
        if url == target and url.startswith(_FILE):
            continue
        try:
            parse_remote(url)
        except ValueError as error:
            hint = "both sides are URLs; git@host:path is written ssh://git@host/path"
            raise ConfigError(
                CONFIG_KEY, f'in "{shown}", "{without_userinfo(url)}" {error}', hint=hint
            ) from error
    return Rewrite(str(parse_remote(prefix)), target)
