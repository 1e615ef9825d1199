"""From a Debian version to the version that the same sources carry as a Go module."""

from __future__ import annotations

import hashlib
import re

from modmirror.mod.path import split_path_version

_REPACKED = re.compile(r"[+~](?:dfsg|ds|debian|repack)[0-9.]*$")
_RELEASE = re.compile(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?")
_EARLY = re.compile(r"[~.-]*(alpha|beta|rc|pre)[.-]?(\d*)")
_COMMIT = re.compile(r"[~+.]*git\.?(\d{8})(?:\.(?:\d\.)?([0-9a-f]{7,40}))?")
_HASH_CHARACTERS = 12


def module_version(debian: str, module: str, *, has_go_mod: bool) -> str:
    """Return a canonical version that suits ``module``, as close to Debian's as the rules allow.

    A snapshot becomes a pseudo-version. A major version that the module path does not carry becomes
    ``+incompatible`` when the module has no go.mod, and ``v0.0.0`` when it has one.
    """
    upstream = _REPACKED.sub("", debian.split(":", 1)[-1].rsplit("-", 1)[0])
    release = _RELEASE.match(upstream)
    if release is None:
        return _zero(module)
    numbers = [_number(part) for part in release.groups()]
    suffix, incompatible = _fit(numbers, module, has_go_mod=has_go_mod)
    if suffix is None:
        return _zero(module)
    return _write(numbers, upstream[release.end() :], debian) + ("+incompatible" if incompatible else "")


def _fit(numbers: list[int], module: str, *, has_go_mod: bool) -> tuple[str | None, bool]:
    """The path's major suffix, or None when the numbers do not suit it; and whether to mark the version."""
    split = split_path_version(module)
    major = split[1] if split else ""
    if major:
        wanted = int(re.sub(r"[^0-9]", "", major))
        return (major if numbers[0] == wanted else None), False
    if numbers[0] < 2:  # v0 and v1 need no suffix, by definition
        return "", False
    return (None, False) if has_go_mod else ("", True)


def _zero(module: str) -> str:
    split = split_path_version(module)
    digits = re.sub(r"[^0-9]", "", split[1]) if split else ""
    return f"v{digits or 0}.0.0"


def _write(numbers: list[int], rest: str, debian: str) -> str:
    major, minor, patch = numbers
    if early := _EARLY.match(rest):
        return f"v{major}.{minor}.{patch}-{early[1]}.{_number(early[2])}"
    if commit := _COMMIT.match(rest):
        revision = (commit[2] or "") + hashlib.sha256(debian.encode()).hexdigest()
        when = f"{commit[1]}000000-{revision[:_HASH_CHARACTERS]}"
        if (minor, patch) == (0, 0):
            return f"v{major}.0.0-{when}"
        return f"v{major}.{minor}.{patch + 1}-0.{when}"
    return f"v{major}.{minor}.{patch}"


def _number(digits: str | None) -> int:
    return int(digits or 0)
