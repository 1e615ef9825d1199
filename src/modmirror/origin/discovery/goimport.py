"""``go-import`` tags: what a page says of where a module's repository is (protocol.md D.2).

Reads only the head of a page, in time linear in its length whatever it holds. A tag that a browser or
the go command would not see (in a comment, a script, a title, after the head) is not seen. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from modmirror.errors import NotExist
from modmirror.origin.discovery.hosts import SYSTEMS

_MARKUP = re.compile(r"<(?:!--|[?!]|/?[A-Za-z][^\s/>]*)")
_ATTRIBUTE = re.compile(
    r"[\s/]*+(?P<name>[^\s/>=][^\s/>=]*+)"
    r"(?:\s*+=\s*+(?:\"(?P<double>[^\"]*+)\"|'(?P<single>[^']*+)'|(?P<bare>[^\s>\"'][^\s>]*+)))?"
)
_TAG_END = re.compile(r"[\s/]*+>")
_ENCODING = re.compile(r"""encoding\s*=\s*["']([^"']*)""", re.IGNORECASE)
_READABLE = frozenset({"utf-8", "ascii", "us-ascii"})
_TEXT_ONLY = {
    name: re.compile(rf"</{name}\b", re.IGNORECASE) for name in ("script", "style", "title", "textarea")
}
"""Elements whose content is text, however much it looks like tags."""
_MOD = "mod"


@dataclass(frozen=True, slots=True)
class GoImport:
    """One tag. ``root`` is a repository's URL or, for the vcs ``mod``, the base of a GOPROXY."""

    prefix: str
    vcs: str
    root: str
    subdir: str = ""


def parse_go_imports(page: bytes) -> tuple[GoImport, ...]:
    """Return the tags in the head of a page, ``mod`` first.

    For a prefix with a ``mod`` tag its other tags are left out.

    Raises:
        ValueError: the page declares a charset other than UTF-8.
    """
    tags = _tags(page.decode("utf-8", errors="replace"))
    mods = [tag for tag in tags if tag.vcs == _MOD]
    hidden = {tag.prefix for tag in mods}
    return (*mods, *(tag for tag in tags if tag.prefix not in hidden))


def select_go_import(tags: tuple[GoImport, ...], path: str) -> GoImport:
    """Return the one tag that is about ``path``.

    Raises:
        NotExist: none is, or several are.
    """
    fitting = [tag for tag in tags if is_below(path, tag.prefix)]
    if not fitting:
        others = ", ".join(dict.fromkeys(_shown(tag.prefix) for tag in tags[:3]))
        reason = f"the page of {path} has no go-import tag for it"
        raise NotExist(f"{reason} but for {others}" if others else reason, hint=_how(path))
    first, *more = fitting
    if any(tag.vcs == _MOD or first.vcs != _MOD for tag in more):
        raise NotExist(f"the page of {path} has several go-import tags for it", hint=_how(path))
    return first


def check_go_import(tag: GoImport) -> None:
    """Check what does not depend on anyone's rules: the system's name and the sub-directory.

    Raises:
        NotExist: the tag cannot be followed.
    """
    if tag.vcs not in (*SYSTEMS, _MOD):
        known = ", ".join(SYSTEMS)
        reason = f'{tag.prefix} is kept with "{_shown(tag.vcs)}", which is not known here'
        raise NotExist(reason, hint=f"a go-import tag names one of {known} or mod")
    problem = _subdir_problem(tag)
    if problem:
        reason = f'{tag.prefix} is said to be in sub-directory "{_shown(tag.subdir)}", {problem}'
        raise NotExist(reason, hint="write a relative path such as go/client")


def is_below(path: str, prefix: str) -> bool:
    """Tell whether ``path`` is ``prefix`` or continues it after a slash."""
    return path == prefix or path.startswith(f"{prefix}/")


def _tags(text: str) -> list[GoImport]:
    found: list[GoImport] = []
    at = 0
    while at >= 0 and (markup := _MARKUP.search(text, at)):
        start, at = markup[0].lower(), markup.end()
        if start in {"</head", "<body"}:
            break
        if start.startswith(("<!", "<?")):
            at = _after_declaration(text, start, at)
            continue
        attributes, at = _attributes(text, at)
        if start == "<meta" and at >= 0 and (tag := _go_import(attributes)):
            found.append(tag)
        elif at >= 0 and (closing := _TEXT_ONLY.get(start[1:])):
            end = closing.search(text, at)
            at = end.end() if end else -1
    return found


def _after_declaration(text: str, start: str, at: int) -> int:
    """Return where a comment, processing instruction or document type ends, or -1 if it does not."""
    closing = {"<!--": "-->", "<?": "?>"}.get(start, ">")
    if start == "<!" and text.startswith("[CDATA[", at):
        closing = "]]>"
    end = text.find(closing, at)
    if start == "<?" and end >= 0 and (declared := _ENCODING.search(text, at, min(end, at + 200))):
        charset = declared[1].lower()
        if charset not in _READABLE:
            raise ValueError(f'is written in the charset "{_shown(charset)}" instead of UTF-8')
    return end + len(closing) if end >= 0 else -1


def _attributes(text: str, at: int) -> tuple[dict[str, str], int]:
    """Read attributes up to the end of a tag; of a repeated one the first. -1: the tag has no end."""
    found: dict[str, str] = {}
    while not (end := _TAG_END.match(text, at)):
        match = _ATTRIBUTE.match(text, at)
        if match is None:
            return {}, -1
        value = next((match[kind] for kind in ("double", "single", "bare") if match[kind] is not None), "")
        found.setdefault(match["name"].lower(), value)
        at = match.end()
    return found, end.end()


def _go_import(attributes: dict[str, str]) -> GoImport | None:
    if attributes.get("name") != "go-import":
        return None
    match unescape(attributes.get("content", "")).split():
        case [prefix, vcs, root]:
            return GoImport(prefix, vcs, root)
        case [prefix, vcs, root, subdir]:
            return GoImport(prefix, vcs, root, subdir)
    return None


def _subdir_problem(tag: GoImport) -> str:
    if not tag.subdir:
        return ""
    if tag.vcs == _MOD:
        return "but a module proxy has none"
    if tag.subdir.startswith(("/", "-")):
        return "which begins with a slash or a dash"
    elements = tag.subdir.split("/")
    if any(element in {"", ".", ".."} or element.startswith(".") for element in elements):
        return "which has an element that is empty or begins with a dot"
    if not re.fullmatch(r"[A-Za-z0-9._~/-]+", tag.subdir):
        return "which holds a character that is not allowed"
    return ""


def _how(path: str) -> str:
    return f'one <meta name="go-import" content="{path} git https://..."> in the head is what is needed'


def _shown(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:100]
