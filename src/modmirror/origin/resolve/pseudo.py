"""Checks a pseudo-version that somebody asks for: time, commit id and base must be true (protocol.md A.6).

Otherwise one commit could be had under endless names, some of them higher than all real versions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.errors import InvalidTarget, NotExist
from modmirror.mod import semver
from modmirror.mod.pseudo import pseudo_version_base, pseudo_version_revision, pseudo_version_time
from modmirror.origin.resolve.facts import NeedTagsBefore

if TYPE_CHECKING:
    from modmirror.origin.port import Commit
    from modmirror.origin.resolve.facts import Case


def check_pseudo_version(case: Case, commit: Commit, version: str) -> None:
    """Check that ``version`` is a true name of ``commit``. Raises NotExist."""
    _check_revision(case, commit, version)
    try:
        time = pseudo_version_time(version)
        base = pseudo_version_base(version)
    except InvalidTarget as error:
        raise _untrue(case, version, error.reason) from error
    if time != commit.time:
        raise _untrue(case, version, f"the commit was made at another time, {commit.time:%Y%m%d%H%M%S}")
    if base:
        _check_base(case, commit, version, base)
    elif not case.site.path_major and semver.major(version) == "v1":
        raise _untrue(case, version, "without a tag before it the major version must be v0, not v1")


def _check_revision(case: Case, commit: Commit, version: str) -> None:
    revision, short = pseudo_version_revision(version), commit.short
    if revision == short:
        return
    if revision.startswith(short):
        relation = "is longer than"
    elif short.startswith(revision):
        relation = "is shorter than"
    else:
        relation = "is not"
    raise _untrue(
        case, version, f"its revision {revision} {relation} the {len(short)} digits of the commit, {short}"
    )


def check_base_is_not_on(case: Case, commit: Commit, version: str, base: str) -> None:
    """Refuse a pseudo-version of a commit that bears the tag for its base. Raises NotExist."""
    prefix, on_commit = case.site.tag_prefix, case.facts.tags_on(commit.id)
    if prefix + base in on_commit:
        raise _untrue(case, version, f"the commit bears the tag {prefix}{base} itself", f"ask for {base}")
    if base in on_commit:
        # The go command means the module's own tags, and takes those of the root for them. What it
        # refuses in direct mode, no checksum database knows, and nobody can use.
        problem = f"the commit bears the tag {base}, which the go command takes for a tag of this module"
        raise _untrue(case, version, problem, f"a tag {prefix}{base} or higher on the commit would help")


def _check_base(case: Case, commit: Commit, version: str, base: str) -> None:
    """Check that a tag for ``base`` lies before the commit."""
    check_base_is_not_on(case, commit, version, base)
    facts, prefix = case.facts, case.site.tag_prefix
    # Spelt with build metadata the tag is a base even on the commit itself. One that looks like a
    # pseudo-version is no version, but it is a base.
    tags = sorted(
        name
        for name in facts.refs.tags
        if name.startswith(prefix + base) and semver.compare(name[len(prefix) :], base) == 0
    )
    if not tags:
        raise _untrue(case, version, f"there is no tag {prefix}{base} before it")
    if facts.get(NeedTagsBefore(commit.id)).isdisjoint(tags):
        raise _untrue(case, version, f"the commit is not a descendant of the tag {tags[-1]}")
    case.note(f"the tag {tags[-1]} lies before the commit, as the pseudo-version says")


def _untrue(case: Case, version: str, problem: str, hint: str = "") -> NotExist:
    return NotExist(
        f"{case.site.module}@{version}: invalid pseudo-version: {problem}",
        hint=hint
        or "ask for the branch, the tag or the commit id instead, and use the version it resolves to",
    )
