"""Module paths and the file names inside module zips: which spellings are allowed (protocol.md A.3).

Only syntax. Whether a module exists, or may be served, is not known here.
"""

from __future__ import annotations

import re
from typing import Literal, NewType

from modmirror.errors import InvalidTarget

ModulePath = NewType("ModulePath", str)
"""A module path that has passed :func:`check_path`, not escaped."""

ElementKind = Literal["module", "file"]

_MODULE_ELEMENT = re.compile(r"[A-Za-z0-9._~-]+")
_FILE_ELEMENT = re.compile(r"[A-Za-z0-9!#$%&()+,.=@\[\]^_{}~ -]+")
_FIRST_ELEMENT = re.compile(r"[a-z0-9.-]+")
_SHORT_NAME = re.compile(r"~[0-9]+\Z")
_MAJOR = re.compile(r"[2-9]|[1-9][0-9]+")
# "-unstable" never follows ".v0": the go command refuses that spelling.
_GOPKG_IN = re.compile(r"(?P<prefix>gopkg\.in/.*)(?P<major>\.v(?:0|[1-9][0-9]*(?:-unstable)?))")

_WINDOWS_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))]
)


def path_problem(path: str) -> str:
    """Say what is wrong with a module path, or return the empty string."""
    if not path:
        return "the module path is empty"
    elements = path.split("/")
    for element in elements:
        problem = element_problem(element, "module")
        if problem:
            return problem
    problem = _host_problem(elements[0])
    if not problem and split_path_version(path) is None:
        problem = "the major version suffix is not allowed"
    return problem


def check_path(path: str) -> ModulePath:
    """Return ``path`` as a module path.

    Raises:
        InvalidTarget: it breaks a rule of protocol.md A.3.
    """
    problem = path_problem(path)
    if problem:
        raise InvalidTarget(f'malformed module path "{path}": {problem}')
    return ModulePath(path)


def file_path_problem(path: str) -> str:
    """Say what is wrong with a slash-separated file name in a module zip, or return the empty string."""
    if not path:
        return "the file name is empty"
    for element in path.split("/"):
        problem = element_problem(element, "file")
        if problem:
            return problem
    return ""


def element_problem(element: str, kind: ElementKind) -> str:
    """Say what is wrong with the text between two slashes, or return the empty string."""
    if not element:
        return "a path element is empty"
    if element.endswith("."):
        # Covers elements made of dots alone, such as "..".
        return f'the path element "{element}" ends with a dot'
    if kind == "module" and element.startswith("."):
        return f'the path element "{element}" begins with a dot'
    bad = _bad_character(element, kind)
    if bad:
        return f"the character {bad!r} is not allowed"
    return _stem_problem(element, kind)


def _host_problem(first: str) -> str:
    """Judge the first element, which is a host name."""
    if first.startswith("-"):
        return f'the first path element "{first}" begins with a dash'
    if "." not in first:
        return f'the first path element "{first}" has no dot'
    if not _FIRST_ELEMENT.fullmatch(first):
        return f'the first path element "{first}" may only hold a-z, 0-9, dot and dash'
    return ""


def _stem_problem(element: str, kind: ElementKind) -> str:
    """Judge the text before the first dot, which is all that Windows looks at."""
    stem = element.partition(".")[0]
    if stem.lower() in _WINDOWS_DEVICES:
        return f'the path element "{element}" is a reserved name on Windows'
    if kind == "module" and _SHORT_NAME.search(stem):
        return f'the path element "{element}" looks like a Windows short name'
    return ""


def _bad_character(element: str, kind: ElementKind) -> str:
    allowed = _MODULE_ELEMENT if kind == "module" else _FILE_ELEMENT
    if allowed.fullmatch(element):
        return ""
    for character in element:
        # str.isalpha is exactly the Unicode categories that begin with L.
        letter = kind == "file" and not character.isascii() and character.isalpha()
        if not letter and not allowed.fullmatch(character):
            return character
    return ""


def split_path_version(path: str) -> tuple[str, str] | None:
    """Split off the major version: ``x.y/z/v2`` gives ``("x.y/z", "/v2")``.

    The second part is ``/vN``, ``.vN``, ``.vN-unstable`` or empty. None: that suffix is not allowed.
    """
    if path.startswith("gopkg.in/"):
        match = _GOPKG_IN.fullmatch(path)
        return (match["prefix"], match["major"]) if match else None
    head = path.rstrip("0123456789.")
    number = path[len(head) :]
    if not number or not head.endswith("/v"):
        return path, ""
    if not _MAJOR.fullmatch(number):
        return None
    return head[:-2], "/v" + number
