"""Which version control systems may be used for which modules, as in GOVCS (protocol.md D.3). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from modmirror.errors import ConfigError, NotExist
from modmirror.mod.patterns import glob_problem, match_prefix_patterns

CONFIG_KEY = "origin.govcs"
_MOD = "mod"
_HINT = "write it like public:git|hg,private:all"


@dataclass(frozen=True, slots=True)
class VcsRule:
    """``pattern`` is ``public``, ``private`` or a glob for leading path elements."""

    pattern: str
    systems: tuple[str, ...]

    def matches(self, root: str, *, private: bool) -> bool:
        """Tell whether the rule is about a repository root."""
        if self.pattern in {"public", "private"}:
            return private == (self.pattern == "private")
        return match_prefix_patterns((self.pattern,), root)

    def allows(self, vcs: str) -> bool:
        """Tell whether a system is on the list. An unknown name such as ``none`` allows nothing."""
        return vcs in self.systems or "all" in self.systems


# What cmd/go appends to every GOVCS: only git and hg are hardened against untrusted servers.
DEFAULT_RULES = (VcsRule("private", ("all",)), VcsRule("public", ("git", "hg")))


def parse_govcs(text: str) -> tuple[VcsRule, ...]:
    """Read a GOVCS value; the default rules come last.

    Raises:
        ConfigError: with key ``origin.govcs``.
    """
    rules: list[VcsRule] = []
    for item in text.split(",") if text.strip() else ():
        rule = _parse_rule(item.strip())
        if any(rule.pattern == earlier.pattern for earlier in rules):
            raise _wrong(f'"{rule.pattern}" stands twice: the second would never be reached')
        rules.append(rule)
    return (*rules, *DEFAULT_RULES)


def check_vcs(rules: tuple[VcsRule, ...], vcs: str, root: str, *, private: bool) -> None:
    """Refuse a system that the first rule matching ``root`` does not list.

    Raises:
        NotExist: it is not allowed. ``mod`` always is: it runs no program.
    """
    if vcs == _MOD:
        return
    rule = next((rule for rule in rules if rule.matches(root, private=private)), None)
    if rule is None or not rule.allows(vcs):
        kind = "private" if private else "public"
        hint = f'the setting {CONFIG_KEY} decides: "{root}:{vcs}" at its beginning would allow it'
        raise NotExist(f"{root} is kept with {vcs}, which is not used for {kind} modules", hint=hint)


def _parse_rule(item: str) -> VcsRule:
    if not item:
        raise _wrong("an entry is empty")
    pattern, colon, names = item.partition(":")
    pattern = pattern.strip()
    if not colon:
        raise _wrong(f'"{item}" has no colon')
    if not pattern:
        raise _wrong(f'"{item}" has no pattern before the colon')
    if pattern in {".", ".."} or pattern.startswith(("./", "../")):
        raise _wrong(f'"{pattern}" is a relative path')
    if problem := glob_problem(pattern):
        raise _wrong(problem)
    systems = tuple(name.strip() for name in names.split("|"))
    if not all(systems):
        raise _wrong(f'"{item}" has an empty name after the colon')
    return VcsRule(pattern, systems)


def _wrong(problem: str) -> ConfigError:
    return ConfigError(CONFIG_KEY, problem, hint=_HINT)
