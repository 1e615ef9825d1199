"""Who may have which module version: the operator's rules, first match wins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from modmirror.mod.patterns import glob_problem, match_glob, match_prefix_patterns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.mod.path import ModulePath


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """One rule. The first rule that matches a module version decides; without any it is allowed."""

    match: tuple[str, ...]
    """Module path patterns as in GOPRIVATE: globs compared with the leading path elements."""
    action: Literal["allow", "deny"] = "deny"
    """What happens to a module version that matches."""
    reason: str = ""
    """Shown to the developer whose request is denied."""
    versions: tuple[str, ...] = ()
    """Versions or globs of versions that the rule is for; empty means all."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision on one module version."""

    allowed: bool
    reason: str = ""
    """Why it is denied; empty when it is allowed."""
    rule: int | None = None
    """Index of the rule that decided, from 0; None when no rule matched."""


_ALLOWED_BY_DEFAULT = Verdict(allowed=True)


def decide(rules: Sequence[RuleSettings], module: ModulePath, version: str) -> Verdict:
    """Decide on a module version, or on the module as a whole when ``version`` is empty.

    The version list and ``@latest`` are about the whole module: rules for certain versions pass them by.
    A name that still has to be resolved is matched as it stands; decide again on what it resolves to.
    """
    for index, rule in enumerate(rules):
        if _applies(rule, module, version):
            if rule.action == "allow":
                return Verdict(allowed=True, rule=index)
            reason = rule.reason or "denied by the policy of this mirror"
            return Verdict(allowed=False, reason=f"{_name(module, version)}: {reason}", rule=index)
    return _ALLOWED_BY_DEFAULT


def rule_problem(rule: RuleSettings) -> str:
    """Say why a rule could never work as meant, or return the empty string.

    A malformed pattern matches nothing, so a denial with a slip in it would let everything through.
    """
    if not rule.match:
        return "match is empty: the rule is for no module"
    for pattern in (*rule.match, *rule.versions):
        if not pattern.strip("/") or any(character.isspace() for character in pattern):
            return f'"{pattern}" matches nothing: it is empty or holds a blank'
        if problem := glob_problem(pattern):
            return problem
    return ""


def _applies(rule: RuleSettings, module: ModulePath, version: str) -> bool:
    if not match_prefix_patterns(rule.match, module):
        return False
    if not rule.versions:
        return True
    return bool(version) and any(match_glob(glob, version) for glob in rule.versions)


def _name(module: ModulePath, version: str) -> str:
    return f"{module}@{version}" if version else module
