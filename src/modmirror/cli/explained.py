"""An explanation as text for a terminal, and as JSON. What a repository or a page says is printed tamed."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from modmirror.errors import Denied, Error, NotExist
from modmirror.mod.zipdir import on_one_line
from modmirror.origin.explain import Elsewhere, Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.mod.zipplan import Dropped
    from modmirror.origin.explain import Explanation
    from modmirror.protocol.target import ModuleTarget

_COLUMN = 12
_SHOWN_FILES = 5
_RED, _GREEN, _DIM = "31", "32", "2"


def as_text(target: ModuleTarget, explanation: Explanation, *, every: bool, bright: bool) -> str:
    """Return what a person reads. ``every`` lists all files that are left out, ``bright`` adds colour."""
    lines = [*_steps(explanation), *_ending(target, explanation, every=every)]
    return "\n".join(_line(topic, text, bright=bright) for topic, text in lines)


def as_json(target: ModuleTarget, explanation: Explanation) -> dict[str, object]:
    """Return what a program reads; all files that are left out are in it."""
    told: dict[str, object] = {
        "module": target.module,
        "query": target.version or "latest",
        "steps": [{"topic": topic, "text": _tamed(text)} for topic, text in explanation.steps],
    }
    match explanation.outcome:
        case Found() as found:
            told |= {"found": True, **_found(found)}
        case Elsewhere(url):
            told |= {"found": True, "goproxy": url}
        case error:
            told |= {"found": False, "error": _error(error)}
    return told


def _steps(explanation: Explanation) -> Iterator[tuple[str, str]]:
    for topic, steps in groupby(explanation.steps, key=attrgetter("topic")):
        for number, (_, text) in enumerate(steps):
            yield "" if number else topic, text


def _ending(target: ModuleTarget, explanation: Explanation, *, every: bool) -> Iterator[tuple[str, str]]:
    match explanation.outcome:
        case Found() as found:
            yield from _left_out(found.dropped, every=every)
            yield "sums", f"{found.zip_h1} of the zip"
            yield "", f"{found.go_mod_h1} of go.mod"
            yield "found", f"{target.module}@{found.answered.resolved.version}"
            if found.declared != target.module:
                yield "but", _about_other_path(target, found)
        case Elsewhere(url):
            yield "found", f"the modules of this path are those of {url}"
        case error:
            yield _word_for(error), error.reason
            if error.hint:
                yield "hint", error.hint


def _about_other_path(target: ModuleTarget, found: Found) -> str:
    declared, version = found.declared, found.answered.resolved.version
    return (
        f"its go.mod declares the path {declared}, and the go command refuses it as {target.module}:"
        f" require {declared}; if this is a fork of it, replace {declared} => {target.module} {version}"
    )


def _word_for(error: Error) -> str:
    if isinstance(error, NotExist):
        return "not found"
    return "refused" if isinstance(error, Denied) else "failed"


def _left_out(dropped: tuple[Dropped, ...], *, every: bool) -> Iterator[tuple[str, str]]:
    ordered = sorted(dropped, key=attrgetter("reason"))
    for reason, group in groupby(ordered, key=attrgetter("reason")):
        paths = [_shown(each.path) for each in group]
        yield "left out", f"{reason}: {len(paths)}"
        shown = paths if every else paths[:_SHOWN_FILES]
        yield from (("", f"  {path}") for path in shown)
        if len(shown) < len(paths):
            yield "", f"  and {len(paths) - len(shown)} more; --all lists them"


def _found(found: Found) -> dict[str, object]:
    resolved, repository = found.answered.resolved, found.answered.repository
    return {
        "version": resolved.version,
        "time": f"{resolved.commit.time:%Y-%m-%dT%H:%M:%SZ}",
        "vcs": repository.vcs,
        "repository": repository.url,
        "commit": resolved.commit.id,
        "ref": resolved.ref,
        "directory": resolved.directory,
        "go_mod_made_up": resolved.stored_go_mod is None,
        "go_mod_declares": _tamed(found.declared),
        "go_mod_h1": found.go_mod_h1,
        "zip_h1": found.zip_h1,
        "zip_bytes": found.zip_size,
        "files": found.files,
        "dropped": [{"path": _shown(each.path), "reason": str(each.reason)} for each in found.dropped],
    }


def _error(error: Error) -> dict[str, str]:
    return {"kind": type(error).__name__, "reason": _tamed(error.reason), "hint": _tamed(error.hint)}


def _line(topic: str, text: str, *, bright: bool) -> str:
    colour = {"found": _GREEN, "not found": _RED, "refused": _RED, "failed": _RED, "but": _RED}.get(
        topic, _DIM
    )
    label = f"{topic:<{_COLUMN}}"
    first, *rest = _tamed(text).splitlines() or [""]
    shown = f"\x1b[{colour}m{label}\x1b[0m" if bright and topic else label
    return "\n".join([shown + first, *(" " * _COLUMN + line for line in rest)])


def _shown(path: str) -> str:
    return on_one_line(path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))


def _tamed(text: str) -> str:
    """Return ``text`` without what could steer a terminal or cannot be encoded."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in text)
