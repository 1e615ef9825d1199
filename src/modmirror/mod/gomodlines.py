"""Splits the text of a go.mod into directives: words, blocks, comments, quoting.

What the directives mean is not known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

GO_SPACE = " \t\n\v\f\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""What Go's TrimSpace takes off; Python's strip takes more."""

_TOKEN = re.compile(
    r"(?P<blank>[ \t\r]+)"
    r"|(?P<newline>\n)"
    r"|(?P<comment>//[^\n]*+)\n?"
    r"|(?P<mark>[()\[\]{},])"
    # A backslash lets even a newline into a string; unquoting refuses it later.
    r'|(?P<string>"(?:[^"\\\n]|\\[\s\S])*+"|`[^`\n]*`)'
    r"|(?P<word>(?![\"`])(?:(?!//|/\*)[^ \t\r\n()\[\]{},])+)"
)
_ESCAPE = re.compile(
    r"\\(?:(?P<plain>[abfnrtv\\\"])|x(?P<byte>[0-9A-Fa-f]{2})|(?P<octal>[0-3][0-7]{2})"
    r"|u(?P<short>[0-9A-Fa-f]{4})|U(?P<long>[0-9A-Fa-f]{8}))"
)
_PLAIN = dict(zip('abfnrtv\\"', b'\a\b\f\n\r\t\v\\"', strict=True))
_SURROGATES = range(0xD800, 0xE000)
_MAX_RUNE = 0x10FFFF
_RAW_BYTES = range(0xDC80, 0xDD00)
"""How bytes that are no UTF-8 are held in a str."""


class GoModError(ValueError):
    """A go.mod that the go command would refuse to read."""


@dataclass(frozen=True, slots=True)
class Directive:
    """One line, or one line of a block."""

    verb: str
    words: tuple[str, ...]
    comment: str
    """What comments say of it, without slashes; for a line of a block that has none, the block's."""
    in_block: bool = False


@dataclass(slots=True)
class _Line:
    """A line of text: its words, the comment behind them, or a comment alone."""

    words: list[str] = field(default_factory=list)
    comment: str | None = None


def go_text(data: bytes) -> str:
    """Decode a go.mod; bytes that are no UTF-8 are kept as lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def read_directives(data: bytes) -> Iterator[Directive]:
    """Yield the directives of a go.mod in order.

    Raises:
        GoModError: a character, a string or a block that the go command would refuse. Directives before
            it have been yielded already.
    """
    lines = _lines(go_text(data))
    before: list[str] = []
    for line in lines:
        if not line.words:
            # Comments belong to a directive when no empty line is between them.
            before = [*before, line.comment] if line.comment is not None else []
            continue
        *head, last = line.words
        if head and last == "(":
            yield from _block(head, before, lines)
        elif line.words[-2:] == ["(", ")"] and len(line.words) > len("()"):
            pass  # an empty block
        else:
            yield Directive(head[0] if head else last, tuple(line.words[1:]), _said(before, line))
        before = []


def unquote(text: str) -> str | None:
    """Return what a Go string literal in double quotes or backquotes stands for, or None if it is wrong."""
    quote, inner = text[:1], text[1:-1]
    if len(text) < len("``") or text[-1] != quote or quote not in '"`':
        return None
    if quote == "`":
        return None if "`" in inner else inner.replace("\r", "")
    return _unescape(inner)


def _lines(text: str) -> Iterator[_Line]:
    line = _Line()
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise GoModError(f"{text[at : at + 8]!r} is not understood")
        at = token.end()
        match token.lastgroup:
            case "newline":
                yield line
                line = _Line()
            case "comment":
                line.comment = token["comment"].removesuffix("\r")
                yield line
                line = _Line()
            case "blank":
                pass
            case _:
                line.words.append(_checked(token))
    if line.words:
        yield line


def _checked(token: re.Match[str]) -> str:
    word = token[0]
    if token.lastgroup == "word" and not word.isprintable():
        odd = [c for c in word if not c.isprintable() and ord(c) not in _RAW_BYTES]
        if odd:
            raise GoModError(f"the character {odd[0]!r} is not allowed")
    return word


def _block(head: list[str], before: list[str], lines: Iterator[_Line]) -> Iterator[Directive]:
    """Read the lines up to the closing bracket. With two words before the opening one they mean nothing."""
    inner: list[str] = []
    filled = False
    for line in lines:
        if line.words == [")"]:
            return
        if line.words[:1] == [")"]:
            raise GoModError("a block ends in the middle of a line")
        if not line.words:
            inner += _kept(line, inner, filled=filled)
            continue
        own = bool(inner) or line.comment is not None
        comment = _said(inner, line) if own else _said(before, _Line())
        if len(head) == 1:
            yield Directive(head[0], tuple(line.words), comment, in_block=True)
        inner, filled = [], True
    raise GoModError("a block is not closed")


def _kept(line: _Line, inner: list[str], *, filled: bool) -> list[str]:
    """Return what a line without words adds to the comments before the next one.

    An empty line counts as an empty comment, once: it keeps the block's comment off the next directive.
    """
    if line.comment is not None:
        return [line.comment]
    follows = inner[-1] != "" if inner else filled
    return [""] if follows else []


def _said(before: list[str], line: _Line) -> str:
    comments = [*before, line.comment or ""]
    return "\n".join(each.removeprefix("//").strip(GO_SPACE) for each in comments if each)


def _unescape(inner: str) -> str | None:
    data = bytearray()
    at = 0
    while at < len(inner):
        if inner[at] in '"\n':
            return None
        if inner[at] != "\\":
            # The go command puts U+FFFD for bytes that are no UTF-8.
            data += ("\ufffd" if ord(inner[at]) in _RAW_BYTES else inner[at]).encode()
            at += 1
            continue
        escape = _ESCAPE.match(inner, at)
        value = _escaped(escape) if escape else None
        if escape is None or value is None:
            return None
        data += value
        at = escape.end()
    return go_text(bytes(data))


def _escaped(escape: re.Match[str]) -> bytes | None:
    if escape["plain"]:
        return bytes([_PLAIN[escape["plain"]]])
    if escape["byte"]:
        return bytes([int(escape["byte"], 16)])
    if escape["octal"]:
        return bytes([int(escape["octal"], 8)])
    rune = int(escape["short"] or escape["long"], 16)
    return None if rune in _SURROGATES or rune > _MAX_RUNE else chr(rune).encode()
