"""Module versions: canonical spelling, and agreement with the module path (protocol.md A.4, A.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NewType

from modmirror.errors import InvalidTarget
from modmirror.mod import semver
from modmirror.mod.path import split_path_version

if TYPE_CHECKING:
    from modmirror.mod.path import ModulePath

Version = NewType("Version", str)
"""A canonical module version that has passed :func:`check_version` for its module path."""

INCOMPATIBLE = "+incompatible"
"""Build metadata of versions from v2 on of modules without a go.mod; the only one that is kept."""


def canonical_version(version: str) -> str:
    """Fill up short forms and drop build metadata other than ``+incompatible``; empty when not valid."""
    canonical = semver.canonical(version)
    return canonical + INCOMPATIBLE if canonical and semver.build(version) == INCOMPATIBLE else canonical


def version_problem(path: ModulePath, version: str) -> str:
    """Say why ``version`` is not a canonical version of the module, or return the empty string."""
    canonical = canonical_version(version)
    if not canonical:
        return "not a semantic version"
    if canonical != version:
        return f"not canonical, should be {canonical}"
    split = split_path_version(path)
    if split is None:
        return "the major version suffix of the module path is not allowed"
    path_major = split[1]
    if not match_path_major(version, path_major):
        wanted = _major_of(path_major) if path_major else "v0 or v1"
        return f"should be {wanted}, not {semver.major(version)}"
    return ""


def check_version(path: ModulePath, version: str) -> Version:
    """Return ``version`` as a canonical version of the module.

    Raises:
        InvalidTarget: not canonical, or its major version does not agree with the path.
    """
    problem = version_problem(path, version)
    if problem:
        raise InvalidTarget(f"{path}@{version}: invalid version: {problem}")
    return Version(version)


def match_path_major(version: str, path_major: str) -> bool:
    """Say whether ``version`` may belong to a path that ends in ``path_major``.

    This alone accepts ``v1.0.0+incompatible`` without a suffix and ``v2.0.0+incompatible`` with ``/v2``;
    only resolving a version against its repository can refuse those.
    """
    if path_major.startswith(".v"):
        path_major = path_major.removesuffix("-unstable")
        if path_major == ".v1" and version.startswith("v0.0.0-"):
            # gopkg.in once made such pseudo-versions, and go.mod files still name them.
            return True
    if not path_major:
        return semver.major(version) in {"v0", "v1"} or semver.build(version) == INCOMPATIBLE
    return semver.major(version) == path_major[1:]


def _major_of(path_major: str) -> str:
    return path_major[1:].removesuffix("-unstable")
